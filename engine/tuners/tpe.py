"""Tree-structured Parzen estimator (TPE), as in Optuna 5.

TPE models the density of good and of bad configurations and proposes where their ratio is largest
(Bergstra et al. 2011, section 4; multivariate form: Falkner et al. 2018; settings: Watanabe 2023).
Optuna's `TPESampler` is the model. Here it is decided which trials it sees, in which order, and
with which seed, so that a proposal depends on nothing else.

In a space with conditions, parameters that are always active together are modelled jointly, parents
before children; that is Optuna's ``group=True``, with the groups taken from the space instead of
guessed from the trials. Integers with many values are modelled as real numbers and rounded: the
same densities, without integrating a kernel over every cell, which takes Optuna ten times longer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, cast

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.space import (
    Categorical,
    Configuration,
    Float,
    Integer,
    Parameter,
    SearchSpace,
    Value,
)
from engine.tuners.base import MethodOptions, Sampler, TuningProblem

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

CELLS = 32
"""Whole numbers with more values than this are modelled as real numbers."""


class TpeOptions(MethodOptions, frozen=True):
    n_startup_trials: Annotated[
        int,
        shown(
            "Random draws first", "Scored configurations needed before the model is used.", 1, 1000
        ),
    ] = 10
    n_ei_candidates: Annotated[
        int,
        shown(
            "Candidates",
            "Draws from the good region among which the most promising is proposed.",
            1,
            1000,
        ),
    ] = 24
    multivariate: Annotated[
        bool,
        shown("Model hyperparameters jointly", "Off: each hyperparameter is modelled on its own."),
    ] = True
    constant_liar: Annotated[
        bool,
        shown(
            "Spread parallel proposals",
            "Configurations still being evaluated are taken to be bad ones meanwhile.",
        ),
    ] = True


class Tpe(Sampler[TpeOptions]):
    """Starts with random draws, then proposes what resembles the good configurations so far.

    Failed configurations are left out of the model. Pending ones count as bad ones (constant liar),
    so that several workers do not crowd in one spot.
    """

    card = MethodCard(
        id="tpe",
        label="Tree-structured Parzen estimator (TPE)",
        summary=(
            "Learns from the results so far which regions are good and looks there. Handles every "
            "kind of hyperparameter, conditions included, and takes milliseconds a proposal."
        ),
        source="Bergstra et al. (2011); Watanabe (2023); Optuna 5",
        help="tpe",
        sketch=Sketch(
            "A few scattered trials, then more and more of them near the best.",
            "408 219 793 662 779 201 464 373 628 845 687 789 429 763 626 1000 898 913 801 887 899 "
            "807 806 852 824 838 872 856",
        ),
        model_based=True,
    )
    order = 30
    options_type = TpeOptions

    def __init__(self, problem: TuningProblem) -> None:
        from engine.tuners.parzen.optuna_study import ToldStudy

        super().__init__(problem)
        self._groups = groups(self.space, self.options.multivariate)
        self._distributions = {p.name: _distribution(p) for p in self.space.parameters if _wide(p)}
        self._study = ToldStudy(maximise=problem.maximise)
        self._scored = 0

    @classmethod
    def uniform_draws(cls, options: TpeOptions) -> float:
        return options.n_startup_trials

    def draw(self, rng: np.random.Generator) -> Configuration:
        """Draw uniformly until enough configurations have scores, then group by group from the
        model."""
        if self._scored < self.options.n_startup_trials:
            return self.space.sample(rng)
        liar = self.options.constant_liar
        ask = self._study.asker(
            seed=int(rng.integers(2**32)),
            candidates=self.options.n_ei_candidates,
            # Constant liar: a pending trial counts as a bad one.
            pending=[self._encode(p.configuration) for p in self.pending] if liar else None,
        )
        configuration: Configuration = {}
        for group in self._groups:
            # Conditions are known by now: groups come parents first, and share one condition.
            if self.space.is_active(group[0].name, configuration):
                # By name, as Optuna draws them, so that both draw the same.
                names = sorted(p.name for p in group if _wide(p))
                wide = {name: self._distributions[name] for name in names}
                drawn = ask(wide) if wide else {}
                for parameter in group:
                    configuration[parameter.name] = _decode(parameter, drawn.get(parameter.name))
        # In the order of the space, with any rounding at the ends undone.
        return self.space.nearest(configuration)

    def learn(self, configuration: Configuration, value: float | None) -> None:
        """Add a scored configuration to the study."""
        # A failure has no value that TPE could rank, so it is left out.
        if value is not None:
            self._scored += 1
            self._study.add(self._encode(configuration), value)

    def _encode(
        self, configuration: Configuration
    ) -> tuple[dict[str, float], dict[str, BaseDistribution]]:
        """Values as Optuna keeps them, and their distributions; single-valued ones left out."""
        active = [p for p in self.space.parameters if p.name in configuration and _wide(p)]
        inside = [p for p in active if p.contains(configuration[p.name])]
        values = {p.name: _number(p, configuration) for p in inside}
        return values, {name: self._distributions[name] for name in values}


def groups(space: SearchSpace, joint: bool) -> tuple[tuple[Parameter, ...], ...]:
    """Group the parameters of ``space`` that are drawn together, parents before children.

    With ``joint``, those under the same condition form a group; otherwise each is its own.
    """
    if not joint:
        return tuple((parameter,) for parameter in space.parameters)
    together: dict[object, list[Parameter]] = {}
    for parameter in space.parameters:
        condition = space.condition(parameter.name)
        # Choices of different types may be equal to Python, but not as text.
        key = condition and (condition.parent, frozenset(map(repr, condition.values)))
        together.setdefault(key, []).append(parameter)
    return tuple(tuple(group) for group in together.values())


def _wide(parameter: Parameter) -> bool:
    """Whether there is anything to choose."""
    if isinstance(parameter, Categorical):
        return len(parameter.choices) > 1
    return parameter.low < parameter.high


def _distribution(parameter: Parameter) -> BaseDistribution:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(parameter, Categorical):
        # Positions, since Optuna can't tell True from 1.
        return CategoricalDistribution(tuple(range(len(parameter.choices))))
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
    if _is_fine(parameter):
        return FloatDistribution(parameter.low - 0.5, parameter.high + 0.5, log=parameter.log)
    return IntDistribution(parameter.low, parameter.high, log=parameter.log)


def _is_fine(parameter: Parameter) -> bool:
    return isinstance(parameter, Integer) and parameter.high - parameter.low >= CELLS


def _number(parameter: Parameter, configuration: Configuration) -> float:
    value = configuration[parameter.name]
    if isinstance(parameter, Categorical):
        return parameter.index(value)
    return cast("float", value)


def _decode(parameter: Parameter, drawn: object) -> Value:
    if drawn is None:
        return parameter.from_unit(0.5)
    if isinstance(parameter, Categorical):
        return parameter.choices[cast("int", drawn)]
    return math.floor(cast("float", drawn) + 0.5) if _is_fine(parameter) else cast("float", drawn)
