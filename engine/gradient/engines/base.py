"""`Engine`: the interface of hypergradient engines, and the values that they give.

An engine is one file in this room: its card, its options (the fields of the class), its cost, the
problems that it refuses, and its mathematics. Programs that must not load JAX list engines and ask
for their costs. So JAX comes from `engine.gradient.late`, and modules that load it when they are
imported are imported inside functions.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from engine.domain.hypergradients import Suits
from engine.errors import InputError
from engine.gradient.late import jax, jnp
from engine.gradient.spec.training_spec import ITEM, TrainingSpec
from engine.gradient.spec.tunable import TUNABLES, groups_of
from engine.registry import LAST
from engine.space import Value

if TYPE_CHECKING:
    from engine.gradient.problem import Bilevel, Hyper, Names

Differentiate = Callable[["Hyper", int], "Hypergradient"]
"""(λ, draw) -> hypergradient by the tuned names; ``draw``, an integer, is the seed of the run."""


@dataclass(frozen=True)
class Hypergradient:
    """Derivative of the outer loss by the hyperparameters, from one training.

    Attributes:
        value: outer loss.
        gradient: its derivative by the tuned hyperparameters, by name, shaped like those.
        weights: weights after the last step, shape (n,).
        figures: numbers to show with it, such as ``residual`` (of a linear solver, relative),
            ``stored_bytes`` (kept between the sweeps) and ``growth`` (of the norm of the derivative
            by the weights over the backward sweep).
    """

    value: float
    gradient: Mapping[str, jax.Array]
    weights: jax.Array
    figures: Mapping[str, float]


class EngineCard(msgspec.Struct, frozen=True):
    """Description of an engine for people and rules.

    Attributes:
        id: name in plans.
        label: name for people.
        exact: whether it gives the derivative of the training run itself.
        dynamics: inner optimisers that it can differentiate through; empty for all.
        differentiates_path: whether it can tune hyperparameters that act only on the path to a
            minimum, such as step sizes and initial weights.
        order: place in lists; smaller comes first.
        suits: training for which it is advised; of several engines for one the first in the list.
            None: never advised.
    """

    id: str
    label: str
    exact: bool
    dynamics: tuple[str, ...] = ()
    differentiates_path: bool = True
    order: float = LAST
    suits: Suits | None = None


class TrainingSize(NamedTuple):
    """The figures of a training run that the cost of a hypergradient depends on.

    Attributes:
        weights: number of weights n of the network.
        state_bytes: bytes of a whole state of the dynamics.
        steps: number of steps T.
        tuned: number of tuned values; those that move as one count once.
        item: bytes of a number.
        lost_bytes: bytes per weight that multiplying by the momentum loses over all steps.
    """

    weights: int
    state_bytes: float
    steps: int
    tuned: int
    item: int = ITEM
    lost_bytes: float = 0.0


class Cost(NamedTuple):
    """Memory and time of one hypergradient.

    Attributes:
        stored_bytes: bytes kept between forward and backward sweep, beyond the state itself.
        trainings: time, in multiples of plain training.
    """

    stored_bytes: float
    trainings: float


@dataclass(frozen=True)
class Engine(ABC):
    """A way to compute hypergradients.

    The fields of a subclass are its options: plan, forms and checks are made from their types,
    bounds and titles; one without a title is for callers in Python only. λ holds everything that
    the problem's functions take; derivatives are by the names in ``tuned`` only.

    Attributes:
        card: description of the engine.
        refused_dynamics: code of the error for an inner optimiser that it can't differentiate.
    """

    card: ClassVar[EngineCard]
    refused_dynamics: ClassVar[str] = "gradient.dynamics"

    # --- what it takes ----------------------------------------------------------------------------

    @abstractmethod
    def takes(self, size: TrainingSize) -> Cost:
        """Estimate the cost of one hypergradient of a training of ``size``."""

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        """Estimate the cost of one hypergradient.

        Args:
            problem: the training.
            hyper: λ; only shapes matter, and momentum.
            tuned: names in λ to differentiate by.

        Returns:
            Bytes stored, and time in trainings.
        """
        return self.takes(self.size(problem, hyper, tuned))

    def planned_size(self, spec: TrainingSpec) -> TrainingSize:
        """Return the size of a planned training."""
        return TrainingSize(
            weights=spec.weights,
            state_bytes=spec.state_bytes,
            steps=spec.steps,
            tuned=sum(group.size for group in groups_of(spec)),
        )

    def size(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> TrainingSize:
        """Return the size of a training.

        Args:
            problem: the training.
            hyper: λ; only shapes matter, and momentum.
            tuned: names in λ to differentiate by.

        Returns:
            Figures for `takes`.
        """
        return TrainingSize(
            weights=problem.groups.size,
            state_bytes=_state_bytes(problem, hyper),
            steps=problem.steps,
            tuned=sum(hyper[name].size for name in tuned),
            item=jax.eval_shape(problem.initial, hyper, jnp.asarray(0)).dtype.itemsize,
        )

    # --- what it refuses --------------------------------------------------------------------------

    def refusal(self, spec: TrainingSpec) -> InputError | None:
        """Return the error for a planned training that the engine can't differentiate or tune.

        Returns:
            None if it can. The error's field is the option of the method that causes it.
        """
        if self.card.dynamics and spec.dynamics not in self.card.dynamics:
            return self._refused(spec.dynamics, "method.options.dynamics")
        if not self.card.differentiates_path:
            way = [kind.option for kind in TUNABLES if kind.on_the_way and kind.chosen(spec)]
            if way:
                names, field = ", ".join(way), f"method.options.{way[0]}"
                return InputError("gradient.implicit", field=field, names=names)
        return None

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse a problem that the engine can't differentiate, or names that it can't tune.

        Args:
            problem: the training.
            hyper: λ at which to differentiate.
            tuned: names in λ to differentiate by.

        Raises:
            InputError: `refused_dynamics` for an inner optimiser that it can't differentiate,
                ``gradient.detached`` for names on which nothing depends.
        """
        from engine.gradient.connection import check_connected

        if self.card.dynamics and problem.dynamics.id not in self.card.dynamics:
            raise self._refused(problem.dynamics.id, "method.dynamics")
        check_connected(problem, hyper, tuned)

    def _refused(self, dynamics: str, field: str) -> InputError:
        return InputError(
            self.refused_dynamics,
            field=field,
            engine=self.card.label,
            dynamics=dynamics,
            known=", ".join(self.card.dynamics),
        )

    # --- what it does -----------------------------------------------------------------------------

    @classmethod
    def fitting(cls, options: Mapping[str, Value]) -> Mapping[str, Value]:
        """Choose how finely to tune groups whose option is ``auto``: as finely as suits the engine.

        Args:
            options: options of the method.

        Returns:
            Choices by option; an option left out here stays as it is.
        """
        scale = "fixed" if options.get("initial") else "layers"
        finest = "layers and steps"
        return {"step_size": finest, "momentum": finest, "scale": scale, "l2": "layers"}

    @abstractmethod
    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        """Build the function that computes hypergradients.

        Args:
            problem: the training.
            tuned: names in λ to differentiate by.

        Returns:
            (λ, draw) -> hypergradient, compiled at its first call.
        """


def _state_bytes(problem: Bilevel, hyper: Hyper) -> int:
    """Bytes of one state of the dynamics."""
    shapes = jax.eval_shape(problem.begin, hyper, jnp.asarray(0))
    return sum(math.prod(part.shape) * part.dtype.itemsize for part in shapes)


def chosen(hyper: Hyper, tuned: Names) -> Hyper:
    """Return the part of λ that is tuned."""
    return {name: hyper[name] for name in tuned}
