"""Differential evolution for mixed and conditional spaces, one offspring at a time.

The mutant is the best vector plus a scaled difference of two others, ``v = x_best + F (x_r1 -
x_r2)`` (DE/best/1, Storn and Price 1997), directed from the worse of them to the better (Feoktistov
and Janaqi 2004). An offspring replaces its target if it is no worse. Scale F and crossover rate CR
are drawn around those that succeeded lately (SHADE: Tanabe and Fukunaga 2013, section III).
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple, cast

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.domain.trials import TrialState
from engine.options import shown
from engine.space import Configuration, Value
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Sampler, TuningProblem
from engine.tuners.evolutionary import complete, kinds

FEWEST = 4
"""Vectors that a mutation needs: target, best, and the two that differ."""

MEMORY = 5
"""Successful scales and crossover rates remembered (``H`` of SHADE)."""

WIDTH = 0.1
"""Scale of the Cauchy draws of F and standard deviation of the normal draws of CR, as in SHADE."""

REDRAWN = 0.05
"""Probability that a choice is redrawn instead of inherited, so that none is lost for good."""

NARROW = 1e-4
"""A population whose range is nowhere larger than this share has converged."""

IDLE = 6
"""Rounds of the population without an improvement after which it counts as stuck."""


class Member(NamedTuple):
    """The vector in a slot of the population, with its loss."""

    loss: float
    unit: np.ndarray


class DifferencesOptions(MethodOptions, frozen=True):
    population: Annotated[
        int, shown("Population", "Configurations held. More search wider, fewer faster.", 5, 1000)
    ] = 12
    scale: Annotated[
        float,
        shown("Scale", "How much of a difference is applied at first; adapts itself.", 0.1, 1.0),
    ] = 0.5
    crossover: Annotated[
        float,
        shown(
            "Crossover rate",
            "How many hyperparameters change at once at first, as a share; adapts itself.",
            0.0,
            1.0,
        ),
    ] = 0.8


class DifferentialEvolution(Sampler[DifferencesOptions]):
    """Moves along differences between the configurations of its population, from worse to better.

    A population that has converged or is stuck keeps its best and is restarted. Failed offspring
    never enter the population.
    """

    card = MethodCard(
        id="de",
        label="Differential evolution",
        summary=(
            "Holds a dozen configurations and improves them by their own differences. Robust, with "
            "next to nothing to set; handles every kind of hyperparameter."
        ),
        source="Storn and Price (1997); Feoktistov and Janaqi (2004); Tanabe and Fukunaga (2013)",
        help="de",
        picture="population",
        sketch=Sketch(
            "Generations in which every member keeps its place or moves up.",
            "589 696 268 375 482 54 161 644 805 599 491 544 274 514 768 833 717 701 677 568 783 "
            "855 871 765 773 780 789 872",
        ),
    )
    order = 100
    options_type = DifferencesOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._capacity = self.options.population
        self._kinds = kinds(self.space)
        # A Latin hypercube: every slot of the first population has its own interval everywhere.
        rng = self.rng(0)
        columns = [rng.permutation(self._capacity) for _ in range(len(self.space))]
        self._intervals = np.array(columns, dtype=float).T.reshape(self._capacity, -1)
        self._members: list[Member | None] = [None] * self._capacity
        setting = self.options.scale, self.options.crossover
        self._memory = [setting] * MEMORY
        self._successes = self._idle = 0
        self._drawn: dict[str, Value] = {}

    def draw(self, rng: np.random.Generator) -> Configuration:
        """Return a point of the initial Latin hypercube, then offspring of the slots in turn."""
        number, target = self._next, self._next % self._capacity
        self._drawn = {"generation": number // self._capacity, "target": target}
        if number < self._capacity:
            unit = (self._intervals[number] + rng.random(len(self.space))) / self._capacity
            return self.space.from_unit(unit)
        place = self._members[target]
        others = [i for i, m in enumerate(self._members) if m is not None and i != target]
        if place is None or len(others) < FEWEST - 1:
            return self.space.sample(rng)
        scale, rate = self._settings(rng)
        self._drawn |= {"scale": scale, "crossover": rate}
        return self.space.from_unit(self._offspring(place.unit, others, scale, rate, rng))

    def note(self) -> dict[str, Value]:
        """Generation and target slot of the configuration just drawn, with its scale and crossover
        rate."""
        return self._drawn

    def _settings(self, rng: np.random.Generator) -> tuple[float, float]:
        """Draw scale and crossover rate around remembered successes, from a Cauchy and a normal
        distribution (Tanabe and Fukunaga 2013, section III)."""
        scale, rate = self._memory[rng.integers(MEMORY)]
        drawn = scale + WIDTH * rng.standard_cauchy()
        # SHADE draws a scale that is not positive again, and cuts a large one to 1.
        while drawn <= 0:
            drawn = scale + WIDTH * rng.standard_cauchy()
        return float(min(drawn, 1)), float(np.clip(rate + WIDTH * rng.standard_normal(), 0, 1))

    def _offspring(
        self,
        target: np.ndarray,
        others: list[int],
        scale: float,
        rate: float,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Cross the target with the mutant.

        Args:
            target: vector of shape ``(parameters,)``.
            others: other slots that hold a vector.
            scale: F.
            rate: CR.
            rng: of the offspring.

        Returns:
            Shape ``(parameters,)``, in the unit cube.
        """
        held = {i: m for i, m in enumerate(self._members) if m is not None}
        best = min(held, key=lambda i: held[i].loss)
        slots = rng.choice([i for i in others if i != best], 2, replace=False)
        better, worse = sorted((held[int(i)] for i in slots), key=lambda m: m.loss)
        base = held[best].unit
        # DE/best/1 with a directed difference.
        mutant = base + scale * (better.unit - worse.unit)
        # Beyond a bound: half way there.
        # Half way to the bound keeps direction and diversity; clipping would pile up on it.
        mutant = np.where(mutant < 0, base / 2, np.where(mutant > 1, (1 + base) / 2, mutant))
        mutant = np.where(
            self._kinds.choices, self._choices(base, better, worse, scale, rng), mutant
        )
        crossed = rng.random(len(target)) < rate
        # Binomial crossover takes at least one coordinate from the mutant (Storn and Price 1997).
        crossed[rng.integers(len(target))] = True
        return np.where(crossed, mutant, target)

    def _choices(
        self,
        base: np.ndarray,
        better: Member,
        worse: Member,
        scale: float,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Choices of the mutant, for which differences are not defined.

        Args:
            base: the best vector, shape ``(parameters,)``.
            better: the better of the two that differ.
            worse: the other one.
            scale: probability to take over the better one's choice where the two differ.
            rng: of the choices.

        Returns:
            Shape ``(parameters,)``.
        """
        differs = np.array(
            [
                parameter.from_unit(mine) != parameter.from_unit(yours)
                for parameter, mine, yours in zip(
                    self.space.parameters, better.unit, worse.unit, strict=True
                )
            ]
        )
        used = differs & (rng.random(len(base)) < scale)
        drawn, anew = rng.random(len(base)), rng.random(len(base)) < REDRAWN
        return np.where(anew, drawn, np.where(used, better.unit, base))

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        decisions = super()._observe(proposal, result)
        improved = False
        if decisions[0].state == TrialState.COMPLETE and result.value is not None:
            hidden = np.random.default_rng([self.problem.seed, proposal.number, 1])
            unit = complete(self.space, proposal.configuration, hidden, spread=True)
            loss = -result.value if self.problem.maximise else result.value
            improved = self._place(proposal, Member(loss, unit))
        self._idle = 0 if improved else self._idle + 1
        if self._converged():
            self._start_anew()
        return decisions

    def _place(self, proposal: Proposal, member: Member) -> bool:
        """Put ``member`` into its slot if it is no worse than who is there; returns whether it is
        better."""
        slot = proposal.note.get("target")
        if not isinstance(slot, int):
            # The default configuration has the first slot; a person's own takes the worst.
            slot = 0 if proposal.origin == "default" else self._worst()
        before = self._members[slot]
        # Equal losses replace, so that the population drifts across plateaus.
        if before is not None and member.loss > before.loss:
            return False
        self._members[slot] = member
        better = before is None or member.loss < before.loss
        if before is not None and better and "scale" in proposal.note:
            # Half way, since a single success says little.
            old = self._memory[self._successes % MEMORY]
            scale, rate = (cast("float", proposal.note[key]) for key in ("scale", "crossover"))
            self._memory[self._successes % MEMORY] = (old[0] + scale) / 2, (old[1] + rate) / 2
            self._successes += 1
        return better

    def _worst(self) -> int:
        """The first free slot, or the one with the worst member."""
        losses = [math.inf if m is None else m.loss for m in self._members]
        return losses.index(max(losses))

    def _converged(self) -> bool:
        held = [m.unit for m in self._members if m is not None]
        if len(held) < self._capacity:
            return False
        # Rounds without success: a population of choices alone never narrows.
        stuck = self._idle >= IDLE * self._capacity
        numbers = np.array(held)[:, self._kinds.numbers]
        return stuck or (numbers.size > 0 and bool(np.ptp(numbers, axis=0).max() < NARROW))

    def _start_anew(self) -> None:
        best = min((m for m in self._members if m is not None), key=lambda m: m.loss)
        self._members = [best] + [None] * (self._capacity - 1)
        # Settings that worked here are kept for the next population.
        self._memory = [self._memory[-1]] * MEMORY
        self._idle = 0
