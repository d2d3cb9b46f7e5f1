"""Covariance matrix adaptation (CMA-ES) with restarts, for numeric and for mixed spaces.

The distribution is that of CatCMA with margin (Hamano et al. 2025) in the package ``cmaes``: a normal
one over numbers, with a margin that keeps every integer reachable, and a product of categorical
ones. Without integers and choices it is CMA-ES itself (Hansen 2016). Ours is what surrounds it:

* A distribution is a value. Each told generation makes a new one; `Distribution.sample` is a
  function of a seed. So proposals ahead of the results are further draws from the same one.
* A result told after its generation has ended is not lost: it counts in the present one, moved
  closer if it is too far out, as Hansen (2011), "Injecting external solutions", does.
* Only ranks reach the distribution, so any monotone transform of the score gives the same search.
* Restarts are those of BIPOP (Hansen 2009) or IPOP (Auger and Hansen 2005).
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from engine.protocol import MethodCard, Option
from engine.records import TrialState
from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace, Value
from engine.tuners.base import Decision, Problem, Proposal, Result, Sampler

if TYPE_CHECKING:
    from cmaes import CatCMAwM

CELLS = 32
"""Whole numbers with more values than this are treated as real numbers."""

GENERATIONS = 14
"""The automatic population leaves a budget at least this many generations."""

RESAMPLED = 20
"""How often a draw outside the bounds is repeated before it is moved onto them."""

NARROW = 1e-4
"""A run whose deviations are all below this share of the range has converged."""

KEPT = 32
"""Distributions kept, to know what a late result was drawn from."""


class Point(NamedTuple):
    """A draw as the distribution sees it."""

    raw: np.ndarray
    """Real numbers first, then integers before rounding; shape ``(numbers,)``."""
    chosen: np.ndarray
    """One row a choice, one-hot, padded to the widest; shape ``(choices, widest)``."""


class CmaEs(Sampler):
    """Samples around a mean, and moves and reshapes the distribution towards the better half.

    Failed configurations rank last in their generation. Conditions are ignored while drawing;
    hyperparameters that turn out inactive are dropped.
    """

    card = MethodCard(
        id="cmaes",
        label="CMA-ES",
        summary=(
            "Learns where good configurations lie and which hyperparameters must change together. "
            "Strong on numbers when a few hundred evaluations are affordable."
        ),
        options=(
            Option(
                name="population",
                label="Population",
                kind="integer",
                default=0,
                help="Configurations in a generation, at least 4. 0: from the number of "
                "hyperparameters, and smaller where the budget is small.",
                low=0,
                high=1000,
            ),
            Option(
                name="sigma",
                label="First step size",
                kind="float",
                default=1 / 6,
                help="Standard deviation of the first generation, as a share of each range.",
                low=0.01,
                high=0.5,
            ),
            Option(
                name="restarts",
                label="Restarts",
                kind="choice",
                default="bipop",
                help="When a search has converged: start again with twice the population (ipop), "
                "or by turns with a large and a small one (bipop).",
                choices=("bipop", "ipop", "none"),
            ),
        ),
        source="Hansen (2016); Hamano et al. (2025); Hansen (2009)",
        help="cmaes",
        sketch="cmaes",
        conditions=False,
    )

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._axes = Axes(self.space)
        self._smallest = population(
            len(self._axes), problem.budget, cast("int", self.options["population"])
        )
        self._sigma = cast("float", self.options["sigma"])
        mean = self._axes.fill(self.space, problem.default, None)
        self._schedule = Schedule(str(self.options["restarts"]), self._smallest)
        self._generations: dict[int, Distribution] = {}
        self._generation = 0
        self._drawn: dict[str, Value] = {}
        if len(self._axes):
            self._start(Distribution(self._axes, mean, self._sigma, self._smallest), 0)

    def draw(self, rng: np.random.Generator) -> Configuration:
        if not self._generations:
            return self.space.sample(rng)
        seed = int(rng.integers(2**32))
        self._drawn = {"generation": self._generation, "draw": seed}
        point = self._generations[self._generation].sample(seed)
        return self._axes.configuration(self.space, point)

    def note(self) -> dict[str, Value]:
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
        """What ``proposal`` is to the present distribution."""
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
        """Turn the told generation into the next distribution, or into a new start."""
        told, self._told = self._told, []
        losses = [loss for _, loss in told]
        if not math.isfinite(min(losses)):
            return
        if min(losses) < self._best:
            self._best, self._improved = min(losses), self._generation
        order = sorted(range(len(told)), key=losses.__getitem__)
        following = present.updated([told[i][0] for i in order])
        patience = 10 + math.ceil(30 * len(self._axes) / present.population)
        stalled = self._generation - self._improved >= patience
        restart = following is None or following.deviation < NARROW or stalled
        if restart and self._schedule.kind != "none":
            rng = np.random.default_rng([self.problem.seed, number, 1])
            spent = (self._generation - self._first_generation + 1) * present.population
            size, shrink = self._schedule.following(spent, rng)
            mean = self._axes.point(rng.random(len(self.space)))
            following = Distribution(self._axes, mean, self._sigma * shrink, size)
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
    """Configurations in a generation, at least 4: ``4 + 3 ln d`` (Hansen 2016, equation 48).

    A smaller one wins where a budget has few generations; ``chosen`` overrules unless 0.
    """
    usual = chosen or 4 + math.floor(3 * math.log(max(dimensions, 1)))
    if budget is not None and not chosen:
        usual = min(usual, int(budget / GENERATIONS))
    return max(usual, 4)


class Schedule:
    """Population and step size of the restarts (Hansen 2009, section 2).

    ``ipop`` doubles the population each time. ``bipop`` does so by turns with runs of a small
    population and a smaller first step, so that both kinds have used the same evaluations.
    """

    def __init__(self, kind: str, smallest: int) -> None:
        self.kind = kind
        self._smallest = self._large = smallest
        self._spent = {"large": 0, "small": 0}
        self._running = "large"

    def following(self, spent: int, rng: np.random.Generator) -> tuple[int, float]:
        """Population and factor of the step size of the next run, after one that took ``spent``
        evaluations."""
        self._spent[self._running] += spent
        if self.kind == "bipop" and self._spent["small"] < self._spent["large"]:
            if self._large > self._smallest:
                self._running = "small"
                ratio = self._large / self._smallest / 2
                size = self._smallest * ratio ** (rng.random() ** 2)
                return max(int(size), self._smallest), 10 ** (-2 * rng.random())
        self._running = "large"
        self._large *= 2
        return self._large, 1.0


class Axes:
    """Which parameter is a real number, an integer or a choice to the distribution.

    An integer of two values is a choice, and one of many is a real number; parameters with a single
    value are left out.
    """

    def __init__(self, space: SearchSpace) -> None:
        kinds = [_kind(parameter) for parameter in space.parameters]
        self.floats = [i for i, kind in enumerate(kinds) if kind == "float"]
        self.integers = [i for i, kind in enumerate(kinds) if kind == "integer"]
        self.choices = [i for i, kind in enumerate(kinds) if kind == "choice"]
        self.numbers = self.floats + self.integers
        self.widths = [_values(space.parameters[i]) for i in self.choices]
        self.cells = [_centres(space.parameters[i]) for i in self.integers]

    def __len__(self) -> int:
        return len(self.numbers) + len(self.choices)

    def point(self, unit: np.ndarray) -> Point:
        """The point at ``unit`` of the unit cube, shape ``(parameters,)``."""
        chosen = np.zeros((len(self.choices), max(self.widths, default=0)))
        for row, (i, width) in enumerate(zip(self.choices, self.widths, strict=True)):
            chosen[row, min(int(unit[i] * width), width - 1)] = 1
        return Point(unit[self.numbers], chosen)

    def fill(
        self, space: SearchSpace, configuration: Configuration, neutral: Distribution | None
    ) -> Point:
        """The point of a configuration, inactive parameters at the middle of ``neutral``."""
        unit = space.to_unit(space.nearest(configuration))
        middle = np.full(len(space), 0.5)
        if neutral is not None:
            middle[self.numbers] = np.clip(neutral.mean, 0, 1)
            middle[self.choices] = [
                (row.argmax() + 0.5) / width
                for row, width in zip(neutral.shares, self.widths, strict=True)
            ]
        return self.point(np.where(np.isnan(unit), middle, unit))

    def configuration(self, space: SearchSpace, point: Point) -> Configuration:
        """The configuration at ``point``."""
        unit = np.full(len(space), 0.5)
        unit[self.numbers] = np.clip(point.raw, 0, 1)
        for k, cells in enumerate(self.cells):
            raw = point.raw[len(self.floats) + k]
            # As the distribution itself rounds: half way between centres belongs to the lower.
            unit[self.integers[k]] = cells[np.searchsorted((cells[1:] + cells[:-1]) / 2, raw)]
        for row, (i, width) in enumerate(zip(self.choices, self.widths, strict=True)):
            unit[i] = (point.chosen[row].argmax() + 0.5) / width
        return space.from_unit(unit)


class Distribution:
    """A CatCMA with margin that never changes: `updated` gives another."""

    def __init__(self, axes: Axes, mean: Point, sigma: float, size: int) -> None:
        from cmaes import CatCMAwM

        count = len(axes.numbers)
        self._axes = axes
        self._optimiser = CatCMAwM(
            x_space=[[0.0, 1.0]] * len(axes.floats) or None,
            z_space=[list(cells) for cells in axes.cells] or None,
            c_space=axes.widths or None,
            population_size=size,
            mean=mean.raw.copy() if count else None,
            sigma=sigma if count else None,
            cov=np.eye(count) if count else None,
        )
        self.population = size

    @property
    def mean(self) -> np.ndarray:
        """Of the numbers, in the unit cube; integers may lie a little outside."""
        return self._optimiser._mean if self._axes.numbers else np.zeros(0)

    @property
    def shares(self) -> np.ndarray:
        """Probability of each choice, one row a parameter."""
        return self._optimiser._q if self._axes.choices else np.zeros((0, 0))

    @property
    def deviation(self) -> float:
        """The largest standard deviation of a real number; infinite where there are none."""
        if not self._axes.floats:
            return math.inf
        o = self._optimiser
        return float(o._sigma * np.sqrt(np.diag(o._C)[: len(self._axes.floats)].max()))

    def sample(self, seed: int) -> Point:
        """The draw of ``seed``, its real numbers within their bounds."""
        # The package draws from a state it keeps; each of our draws has its own.
        self._optimiser._rng = np.random.RandomState(seed)
        floats = len(self._axes.floats)
        for _ in range(RESAMPLED):
            solution = self._optimiser.ask()
            raw = np.zeros(0) if solution._v_raw is None else solution._v_raw
            if np.all((raw[:floats] >= 0) & (raw[:floats] <= 1)):
                break
        raw[:floats] = np.clip(raw[:floats], 0, 1)
        return Point(raw, np.zeros((0, 0)) if solution.c is None else solution.c)

    def nearer(self, point: Point) -> Point:
        """``point``, drawn elsewhere, at most as far from the mean as own draws commonly are.

        Hansen (2011), equation 4: the Mahalanobis distance is at most ``sqrt(n) + 2n / (n + 2)``.
        """
        n = len(self.mean)
        if n == 0:
            return point
        o = self._optimiser
        axes, lengths = o._eigen_decomposition()
        step = (point.raw - self.mean) / (o._sigma * o._A)
        distance = float(np.linalg.norm((axes.T @ step) / lengths))
        most = math.sqrt(n) + 2 * n / (n + 2)
        if distance <= most:
            return point
        return Point(self.mean + (point.raw - self.mean) * (most / distance), point.chosen)

    def updated(self, ranked: list[Point]) -> Distribution | None:
        """The distribution after a generation, best first; None where it breaks down."""
        following = copy.copy(self)
        optimiser: CatCMAwM = copy.deepcopy(self._optimiser)
        following._optimiser = optimiser
        # Ranks stand for scores: equally far apart in every generation.
        solutions = [
            (optimiser.Solution(c=point.chosen, _v_raw=point.raw.copy()), np.float64(rank))
            for rank, point in enumerate(ranked)
        ]
        with np.errstate(all="ignore"):
            optimiser.tell(solutions)
        finite = np.isfinite(following.mean).all() and np.isfinite(following.shares).all()
        if self._axes.numbers:
            covariance = optimiser._C * optimiser._sigma**2
            finite = finite and np.isfinite(covariance).all() and np.linalg.cond(optimiser._C) < 1e14
        return following if finite else None


def _kind(parameter: Parameter) -> str:
    if _values(parameter) <= 1:
        return "fixed"
    if isinstance(parameter, Categorical):
        return "choice"
    if isinstance(parameter, Integer) and _values(parameter) <= CELLS:
        return "choice" if _values(parameter) == 2 else "integer"
    return "float"


def _values(parameter: Parameter) -> int:
    """How many values there are; a float of some width has more than can be told apart."""
    if isinstance(parameter, Categorical):
        return len(parameter.choices)
    if isinstance(parameter, Integer):
        return parameter.high - parameter.low + 1
    return 1 if parameter.low == parameter.high else 2**53


def _centres(parameter: Parameter) -> np.ndarray:
    assert isinstance(parameter, Integer)
    return np.array([parameter.to_unit(k) for k in range(parameter.low, parameter.high + 1)])
