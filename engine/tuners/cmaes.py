"""Covariance matrix adaptation (CMA-ES) with restarts, for numeric and mixed spaces.

The update of the distribution by a generation is the package's (`engine.tuners.cma_distribution`).
Here is the rest:

* A distribution is an immutable value. Each generation makes a new one; `Distribution.sample` is a
  function of a seed. So proposals made before the generation is complete are further draws from the
  same one.
* A result that arrives after its generation has ended is not lost: it counts in the present one,
  moved closer if it is too far out, as Hansen (2011), "Injecting external solutions", does.
* Only ranks reach the distribution, so any monotone transform of the score gives the same search.
* Restarts are those of BIPOP (Hansen 2009) or IPOP (Auger and Hansen 2005).
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, cast

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.domain.trials import TrialState
from engine.options import shown
from engine.space import Configuration, Value
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Sampler, TuningProblem
from engine.tuners.cma_distribution import Axes, Distribution, Point

GENERATIONS = 14
"""The automatic population size leaves a budget at least this many generations."""

NARROW = 1e-4
"""A run whose standard deviations are all below this share of the range has converged."""

KEPT = 32
"""Distributions kept, to know which one a late result was drawn from."""


class CmaEsOptions(MethodOptions, frozen=True):
    population: Annotated[
        int,
        shown(
            "Population",
            "Configurations in a generation, at least 4. 0: from the number of "
            "hyperparameters, and smaller where the budget is small.",
            0,
            1000,
        ),
    ] = 0
    sigma: Annotated[
        float,
        shown(
            "First step size",
            "Standard deviation of the first generation, as a share of each range.",
            0.01,
            0.5,
        ),
    ] = 0.15
    restarts: Annotated[
        Literal["bipop", "ipop", "none"],
        shown(
            "Restarts",
            "When a search has converged: start again with twice the population (ipop), or by "
            "turns with a large and a small one (bipop).",
        ),
    ] = "bipop"


class CmaEs(Sampler[CmaEsOptions]):
    """Samples around a mean, and moves and reshapes the distribution towards the better half.

    Failed configurations rank last in their generation. Conditions are ignored while sampling;
    hyperparameters that turn out inactive are dropped.
    """

    card = MethodCard(
        id="cmaes",
        label="CMA-ES",
        summary=(
            "Learns where good configurations lie and which hyperparameters must change together. "
            "Strong on numbers when a few hundred evaluations are affordable."
        ),
        source="Hansen (2016); Hamano et al. (2025); Hansen (2009)",
        help="cmaes",
        picture="population",
        sketch=Sketch(
            "Clouds of trials, each narrower and better than the one before.",
            "149 285 14 691 555 420 826 433 340 713 527 807 620 900 800 893 753 660 847 707 940 "
            "864 976 901 920 883 939 957",
        ),
        conditions=False,
    )
    order = 80
    options_type = CmaEsOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._axes = Axes(self.space)
        self._smallest = population(len(self._axes), problem.budget, self.options.population)
        self._sigma = self.options.sigma
        mean = self._axes.fill(self.space, problem.default, None)
        self._schedule = Schedule(self.options.restarts, self._smallest)
        self._generations: dict[int, Distribution] = {}
        self._generation = 0
        self._drawn: dict[str, Value] = {}
        if len(self._axes):
            self._start(Distribution.first(self._axes, mean, self._sigma, self._smallest), 0)

    def draw(self, rng: np.random.Generator) -> Configuration:
        """Sample the present distribution; uniformly where no parameter has two values."""
        if not self._generations:
            return self.space.sample(rng)
        # The seed is noted with the proposal, so that its draw can be repeated on a resume.
        seed = int(rng.integers(2**32))
        self._drawn = {"generation": self._generation, "draw": seed}
        point = self._generations[self._generation].sample(seed)
        return self._axes.configuration(self.space, point)

    def note(self) -> dict[str, Value]:
        """Generation and seed of the configuration just drawn, from which its draw can be
        repeated."""
        return self._drawn

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        decisions = super()._observe(proposal, result)
        generation = proposal.note.get("generation", self._generation)
        # The default configuration is where the mean starts; what a restart has left behind
        # would pull the new search back.
        outdated = cast("int", generation) < self._first_generation if self._generations else True
        if proposal.origin == "default" or outdated:
            return decisions
        loss = math.inf
        if decisions[0].state == TrialState.COMPLETE and result.value is not None:
            loss = -result.value if self.problem.maximise else result.value
        self._told.append((self._point(proposal), loss))
        present = self._generations[self._generation]
        if len(self._told) >= present.population:
            self._advance(present, proposal.number)
        return decisions

    def _point(self, proposal: Proposal) -> Point:
        """Coordinates of ``proposal`` in the present distribution."""
        present = self._generations[self._generation]
        generation, seed = proposal.note.get("generation"), proposal.note.get("draw")
        origin = self._generations.get(cast("int", generation))
        if origin is not None and isinstance(seed, int):
            point = origin.sample(seed)
            # A draw that hit a known configuration was replaced by one of another origin.
            if self._axes.configuration(self.space, point) == proposal.configuration:
                return point if origin is present else present.nearer(point)
        return present.nearer(self._axes.fill(self.space, proposal.configuration, present))

    def _advance(self, present: Distribution, number: int) -> None:
        """Update the distribution with a complete generation, or restart."""
        told, self._told = self._told, []
        losses = [loss for _, loss in told]
        # All failed: no direction to learn, so the same distribution is sampled again.
        if not math.isfinite(min(losses)):
            return
        if min(losses) < self._best:
            self._best, self._improved = min(losses), self._generation
        order = sorted(range(len(told)), key=losses.__getitem__)
        # Ranks only: the order is all that reaches the distribution.
        following = present.updated([told[i][0] for i in order])
        # Generations without an improvement: Hansen (2009), criterion TolHistFun's horizon, ``10 +
        # ceil(30 n / lambda)``.
        patience = 10 + math.ceil(30 * len(self._axes) / present.population)
        stalled = self._generation - self._improved >= patience
        restart = following is None or following.deviation < NARROW or stalled
        if restart and self._schedule.kind != "none":
            rng = np.random.default_rng([self.problem.seed, number, 1])
            # BIPOP balances the evaluations of its two regimes, not their runs.
            spent = (self._generation - self._first_generation + 1) * present.population
            size, shrink = self._schedule.following(spent, rng)
            mean = self._axes.point(rng.random(len(self.space)))
            following = Distribution.first(self._axes, mean, self._sigma * shrink, size)
            self._start(following, self._generation + 1)
        else:
            self._generation += 1
            self._generations[self._generation] = following or present
        self._generations.pop(self._generation - KEPT, None)

    def _start(self, distribution: Distribution, generation: int) -> None:
        self._generation = self._first_generation = self._improved = generation
        self._generations[generation] = distribution
        self._best = math.inf
        self._told: list[tuple[Point, float]] = []


def population(dimensions: int, budget: float | None, chosen: int) -> int:
    """Population size, at least 4: ``4 + floor(3 ln d)`` (Hansen 2016, equation 48).

    A smaller one is better where the budget affords few generations.

    Args:
        dimensions: d.
        budget: full evaluations, if limited.
        chosen: by the user, overrules; 0 for automatic.

    Returns:
        Configurations of a generation.
    """
    usual = chosen or 4 + math.floor(3 * math.log(max(dimensions, 1)))
    if budget is not None and not chosen:
        usual = min(usual, int(budget / GENERATIONS))
    return max(usual, 4)


class Schedule:
    """Population size and step size of the restarts (Hansen 2009, section 2).

    ``ipop`` doubles the population each time. ``bipop`` alternates with runs of a small population
    and a smaller first step, so that both regimes spend the same evaluations.
    """

    def __init__(self, kind: str, smallest: int) -> None:
        self.kind = kind
        self._smallest = self._large = smallest
        self._spent = {"large": 0, "small": 0}
        self._running = "large"

    def following(self, spent: int, rng: np.random.Generator) -> tuple[int, float]:
        """Population size and step-size factor of the next run, after one that took ``spent``
        evaluations."""
        self._spent[self._running] += spent
        turn = self.kind == "bipop" and self._spent["small"] < self._spent["large"]
        if turn and self._large > self._smallest:
            self._running = "small"
            ratio = self._large / self._smallest / 2
            # lambda_small = lambda_default (lambda_large / (2 lambda_default))^(U^2), sigma =
            # sigma_0 10^(-2 U).
            size = self._smallest * ratio ** (rng.random() ** 2)
            return max(int(size), self._smallest), 10 ** (-2 * rng.random())
        self._running = "large"
        self._large *= 2
        return self._large, 1.0
