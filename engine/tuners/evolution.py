"""A (mu + 1) evolution strategy with self-adaptation, for mixed and conditional spaces.

Each individual carries its own step size for numbers and mutation rate for choices; both are
mutated before they are used, so that good ones are selected along with the individuals they made
(Beyer and Schwefel 2002, section 4; for mixed spaces Li et al. 2013). The population is the best of
all evaluated configurations. There are no generations to wait for, so that any number of workers is
kept busy.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple, cast

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.domain.trials import TrialState
from engine.options import shown
from engine.space import Configuration, Integer, Value
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Sampler, TuningProblem
from engine.tuners.evolutionary import complete, crossover, kinds, reflect

CHANGED = 0.4
"""Probability that a number is mutated."""

FIRST_RATE = 0.3
"""Probability that a choice is redrawn in the first population."""

STEPS = (1e-4, 0.5)
"""Smallest and largest step size, as shares of the range."""


class Individual(NamedTuple):
    """An evaluated configuration with its losses (scores turned so that less is better)."""

    losses: tuple[float, ...]
    number: int
    unit: np.ndarray
    step: float
    rate: float


class EvolutionOptions(MethodOptions, frozen=True):
    population: Annotated[
        int,
        shown(
            "Population",
            "The best configurations so far that may have offspring. More search wider, fewer "
            "faster.",
            2,
            1000,
        ),
    ] = 8
    tournament: Annotated[
        int,
        shown("Tournament", "Each parent is the best of so many drawn from the population.", 1, 20),
    ] = 3
    step: Annotated[
        float,
        shown(
            "First step size",
            "Standard deviation of the first mutations, as a share of each range.",
            0.01,
            0.5,
        ),
    ] = 0.15


class Evolution(Sampler[EvolutionOptions]):
    """Recombines and mutates the best configurations so far.

    The first ones are mutations of the default configuration. Failed ones have no offspring.
    """

    card = MethodCard(
        id="evolution",
        label="Evolution strategy",
        summary=(
            "Crosses and mutates the best configurations so far, with step sizes that evolve "
            "along. Handles every kind of hyperparameter, conditions included, and any number of "
            "workers."
        ),
        source="Beyer and Schwefel (2002); Li et al. (2013)",
        help="evolution",
        picture="population",
        sketch=Sketch(
            "Generations that rise steadily and stay varied.",
            "450 870 730 310 590 30 170 356 468 916 244 692 580 804 513 887 700 420 980 793 607 "
            "859 621 939 780 701 1000 542",
        ),
    )
    order = 90
    options_type = EvolutionOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._capacity = self.options.population
        self._tournament = self.options.tournament
        self._kinds = kinds(self.space)
        self._first = Individual(
            (),
            -1,
            complete(self.space, problem.default, self.rng(0)),
            self.options.step,
            max(1 / max(self._kinds.size, 1), 0.1),
        )
        self._population: list[Individual] = []
        self._drawn: dict[str, Value] = {}

    def draw(self, rng: np.random.Generator) -> Configuration:
        """Make one offspring: tournament selection, crossover, adaptation, mutation, in this
        order."""
        first = self._first
        if self._next < self._capacity:
            step, rate = first.step, first.rate
            mutated = self._begin(rng)
        elif self._population:
            one, other = self._parent(rng), self._parent(rng)
            unit = crossover(self.space, one.unit, other.unit, rng)
            step, rate = self._adapted(one, other, rng)
            mutated = self._mutate(unit, step, rate, rng)
        else:
            # All have failed so far: look elsewhere.
            step, rate = first.step, first.rate
            mutated = rng.random(len(self.space))
        generation = self._next // self._capacity
        self._drawn = {"generation": generation, "step": step, "rate": rate}
        return self.space.from_unit(mutated)

    def note(self) -> dict[str, Value]:
        """Generation, step size and mutation rate of the configuration just drawn."""
        return self._drawn

    def _begin(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a member of the first population, as a vector."""
        return self._mutate(self._first.unit, self._first.step, FIRST_RATE, rng)

    def _survivors(self, population: list[Individual]) -> list[Individual]:
        """Select the individuals that may have offspring, the best first; ties to the older one."""
        return sorted(population, key=lambda i: (i.losses, i.number))[: self._capacity]

    def _parent(self, rng: np.random.Generator) -> Individual:
        """Select a parent by tournament."""
        # The population is sorted, so the least index wins.
        return self._population[rng.integers(len(self._population), size=self._tournament).min()]

    def _adapted(
        self, one: Individual, other: Individual, rng: np.random.Generator
    ) -> tuple[float, float]:
        """Step size and mutation rate of a child: the parents' geometric means, each times a
        log-normal factor (Beyer and Schwefel 2002, equation 5)."""
        count = max(self._kinds.size, 1)
        # Learning rate 1 / sqrt(d), for the parameters that can change.
        factors = np.exp(rng.standard_normal(2) / math.sqrt(count))
        step = math.sqrt(one.step * other.step) * factors[0]
        rate = math.sqrt(one.rate * other.rate) * factors[1]
        return float(np.clip(step, *STEPS)), float(np.clip(rate, 1 / (3 * count), 0.5))

    def _mutate(
        self, unit: np.ndarray, step: float, rate: float, rng: np.random.Generator
    ) -> np.ndarray:
        """Mutate numbers by normal steps and redraw some choices.

        An integer whose step is too small to reach another value moves by one instead, at the rate
        of the choices, so that it never freezes.

        Args:
            unit: a vector of shape ``(parameters,)``.
            step: standard deviation, as a share of the range.
            rate: probability that a choice is redrawn.
            rng: of the mutation.

        Returns:
            Shape ``(parameters,)``, in the unit cube.
        """
        # One step size for all numbers, which are shares of their ranges.
        moves = step * rng.standard_normal(len(unit))
        changed = self._kinds.numbers & (rng.random(len(unit)) < CHANGED)
        if self._kinds.numbers.any() and not changed.any():
            # An offspring without any changed number would be a copy, or a wasted draw.
            changed[rng.choice(np.flatnonzero(self._kinds.numbers))] = True
        mutated = np.where(changed, reflect(unit + moves), unit)
        chosen = rng.random(len(unit)) < rate
        for i in np.flatnonzero(self._kinds.integers):
            parameter = cast("Integer", self.space.parameters[i])
            before, after = parameter.from_unit(unit[i]), parameter.from_unit(mutated[i])
            if before == after and chosen[i]:
                up = (moves[i] > 0 and before < parameter.high) or before == parameter.low
                after = before + 1 if up else before - 1
            mutated[i] = parameter.to_unit(after)
        redrawn = rng.random(len(unit))
        return np.where(self._kinds.choices & chosen, redrawn, mutated)

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        decisions = super()._observe(proposal, result)
        if decisions[0].state == TrialState.COMPLETE and result.value is not None:
            # A stream of its own, so that a resumed search completes the vector in the same way.
            hidden = np.random.default_rng([self.problem.seed, proposal.number, 1])
            largest = (self.problem.maximise, *self.problem.further_maximise)
            scores = zip((result.value, *result.further_values), largest, strict=True)
            fresh = Individual(
                tuple(-score if larger else score for score, larger in scores),
                proposal.number,
                complete(self.space, proposal.configuration, hidden),
                cast("float", proposal.note.get("step", self._first.step)),
                cast("float", proposal.note.get("rate", self._first.rate)),
            )
            self._population = self._survivors([*self._population, fresh])
        return decisions
