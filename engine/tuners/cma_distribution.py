"""Search distribution of CMA-ES as an immutable value, updated by each generation.

It is that of CatCMA with margin (Hamano et al. 2025) in the package ``cmaes``: a multivariate
normal over numbers, with a margin that keeps every integer reachable, times a product of
categorical distributions. Without integers and choices it is that of CMA-ES (Hansen 2016).
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace

if TYPE_CHECKING:
    from cmaes import CatCMAwM

CELLS = 32
"""Whole numbers with more values than this are treated as real numbers."""

RESAMPLED = 20
"""Attempts to draw within the bounds before a draw is clipped to them."""

MOST_UNEQUAL = 1e7
"""A run whose longest axis exceeds the shortest by this factor is degenerate."""


class Point(NamedTuple):
    """A draw in the coordinates of the distribution."""

    raw: np.ndarray
    """Real numbers first, then integers before rounding; shape ``(numbers,)``."""
    chosen: np.ndarray
    """One row a choice, one-hot, padded to the widest; shape ``(choices, widest)``."""


class Axes:
    """Assignment of each parameter to the distribution's real numbers, integers or choices.

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
        """Point at unit-cube coordinates ``unit``, shape ``(parameters,)``."""
        chosen = np.zeros((len(self.choices), max(self.widths, default=0)))
        for row, (i, width) in enumerate(zip(self.choices, self.widths, strict=True)):
            chosen[row, min(int(unit[i] * width), width - 1)] = 1
        return Point(unit[self.numbers], chosen)

    def fill(
        self, space: SearchSpace, configuration: Configuration, neutral: Distribution | None
    ) -> Point:
        """Point of a configuration.

        Args:
            space: of the search.
            configuration: moved into the space where it lies outside.
            neutral: distribution whose mean and likeliest choices stand for inactive parameters;
                the middle of each range without one.

        Returns:
            A point.
        """
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
        """Configuration at ``point``, clipped and rounded."""
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
    """An immutable CatCMA with margin: `updated` returns another."""

    def __init__(self, axes: Axes, optimiser: CatCMAwM) -> None:
        self._axes = axes
        self._optimiser = optimiser
        self.population = optimiser.population_size
        self.mean = np.zeros(0)
        """Of the numbers, in the unit cube; those of integers may lie a little outside."""
        self.shares = np.zeros((0, 0))
        """Probability of each choice, one row a parameter, padded to the widest."""
        if axes.numbers:
            self.mean = optimiser._mean
            # Standard normal draws times these are deviations from the mean.
            vectors, self._lengths = optimiser._eigen_decomposition()
            self._vectors = vectors
            self._scales = optimiser._sigma * optimiser._A
            self._spread = self._scales[:, None] * vectors * self._lengths
        if axes.choices:
            self.shares = optimiser._q

    @classmethod
    def first(cls, axes: Axes, mean: Point, sigma: float, size: int) -> Distribution:
        """Initial distribution of a run.

        Args:
            axes: of the space.
            mean: start of the mean; half of the draws have its choices, the others any.
            sigma: standard deviation of all numbers, as a share of the range.
            size: population size.

        Returns:
            The distribution.
        """
        from cmaes import CatCMAwM

        shares = np.zeros(mean.chosen.shape)
        for row, width in enumerate(axes.widths):
            shares[row, :width] = 1 / width
        count = len(axes.numbers)
        optimiser = CatCMAwM(
            # The package wants None, not an empty list, where a kind is missing.
            x_space=[[0.0, 1.0]] * len(axes.floats) or None,
            z_space=[list(cells) for cells in axes.cells] or None,
            c_space=axes.widths or None,
            population_size=size,
            mean=mean.raw.copy() if count else None,
            sigma=sigma if count else None,
            cov=np.eye(count) if count else None,
            cat_param=(shares + mean.chosen) / 2 if axes.widths else None,
        )
        return cls(axes, optimiser)

    @property
    def deviation(self) -> float:
        """Largest standard deviation of a real number; infinite where there are none."""
        floats = len(self._axes.floats)
        if not floats:
            return math.inf
        return float(np.sqrt((self._spread[:floats] ** 2).sum(axis=1)).max())

    @property
    def sound(self) -> bool:
        """Whether the distribution is finite and not degenerate."""
        if not (np.isfinite(self.mean).all() and np.isfinite(self.shares).all()):
            return False
        if not self._axes.numbers:
            return True
        # A covariance with a condition number this large has lost directions to rounding.
        finite = bool(np.isfinite(self._spread).all())
        return finite and self._lengths.max() < MOST_UNEQUAL * self._lengths.min()

    def sample(self, seed: int) -> Point:
        """Draw the point of ``seed``, its real numbers within their bounds."""
        # Not a `Generator`, so that the draws are those the package itself would make.
        state = np.random.RandomState(seed)
        raw, floats = self.mean, slice(len(self._axes.floats))
        if self._axes.numbers:
            for _ in range(RESAMPLED):
                # x = m + sigma A B D z, z ~ N(0, I) (Hansen 2016; A is the margin's scaling).
                raw = self.mean + self._spread @ state.standard_normal(len(self.mean))
                if np.all((raw[floats] >= 0) & (raw[floats] <= 1)):
                    break
            raw[floats] = np.clip(raw[floats], 0, 1)
        chosen = np.zeros(self.shares.shape)
        for row, width in enumerate(self._axes.widths):
            place = np.searchsorted(self.shares[row, : width - 1].cumsum(), state.random_sample())
            chosen[row, place] = 1
        return Point(raw, chosen)

    def nearer(self, point: Point) -> Point:
        """Move an injected point towards the mean if it is further out than own draws commonly are.

        Hansen (2011), equation 4: the Mahalanobis distance is at most ``sqrt(n) + 2n / (n + 2)``.
        """
        n = len(self.mean)
        if n == 0:
            return point
        step = (self._vectors.T @ ((point.raw - self.mean) / self._scales)) / self._lengths
        distance = float(np.linalg.norm(step))
        most = math.sqrt(n) + 2 * n / (n + 2)
        if distance <= most:
            return point
        return Point(self.mean + (point.raw - self.mean) * (most / distance), point.chosen)

    def updated(self, ranked: list[Point]) -> Distribution | None:
        """Update with a generation, ranked best first; None where the result is degenerate."""
        optimiser: CatCMAwM = copy.deepcopy(self._optimiser)
        # Ranks stand for scores: equally far apart in every generation.
        solutions = [
            (optimiser.Solution(c=point.chosen, _v_raw=point.raw.copy()), float(rank))
            for rank, point in enumerate(ranked)
        ]
        try:
            with np.errstate(all="ignore"):
                optimiser.tell(solutions)
                following = Distribution(self._axes, optimiser)
        except np.linalg.LinAlgError:
            return None
        return following if following.sound else None


def _kind(parameter: Parameter) -> str:
    if _values(parameter) <= 1:
        return "fixed"
    if isinstance(parameter, Categorical):
        return "choice"
    if isinstance(parameter, Integer) and _values(parameter) <= CELLS:
        return "choice" if _values(parameter) == 2 else "integer"
    return "float"


def _values(parameter: Parameter) -> int:
    """Number of values; a float of some width has more than can be told apart."""
    if isinstance(parameter, Categorical):
        return len(parameter.choices)
    if isinstance(parameter, Integer):
        return parameter.high - parameter.low + 1
    return 1 if parameter.low == parameter.high else 2**53


def _centres(parameter: Parameter) -> np.ndarray:
    assert isinstance(parameter, Integer)
    return np.array([parameter.to_unit(k) for k in range(parameter.low, parameter.high + 1)])
