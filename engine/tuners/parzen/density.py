"""The model of BOHB: densities of the good and of the bad configurations (Falkner et al. 2018).

A density is a sum of products of kernels on the unit cube, one per hyperparameter: Gaussian for
numbers, Aitchison and Aitken's for choices, with the normal-reference rule for the bandwidths.
Inactive hyperparameters are filled in with values that other configurations have there (section 3.2
and supplement of the paper).

Three things differ from the authors' program. Gaussians are cut off at the ends of the cube, as the
draws from them are, and every density has one uniform kernel beside those of its points (the prior
of Bergstra et al. 2011). Otherwise the ratio of two densities is largest in the far corners, where
both are almost nothing. And the deviation of a number that sets the bandwidth counts one value more
than there are points, as far out as uniform ones are on average: ``(n s^2 + 1/12) / (n + 1)`` is
its square. Otherwise three or four good points that agree by chance keep the search where they are;
with many points it hardly matters. On MF-Hartmann and real models the average rank gains by both.
"""

from __future__ import annotations

import math

import numpy as np

from engine.space import Categorical, Integer, SearchSpace

FLOOR = 1e-3
"""Smallest bandwidth, so that a density keeps some width where all its points agree."""
NORMAL_REFERENCE = 1.06
UNIFORM = 1 / 12
"""Variance of a uniform value in the unit interval."""
GOOD_SHARE = 0.15
"""Share of the configurations that are modelled as good ones."""


class Axes:
    """What the coordinates of a space's unit cube mean.

    Attributes:
        choices: shape (d,), the number of choices; 0 for a number.
        floor: shape (d,), smallest bandwidth.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.choices = np.array(
            [len(p.choices) if isinstance(p, Categorical) else 0 for p in space.parameters], int
        )
        # A whole number is the middle of a cell: kernels narrower than that see only themselves.
        halves = [
            0.5 / (p.high - p.low + 1) if isinstance(p, Integer) and not p.log else 0.0
            for p in space.parameters
        ]
        self.floor = np.maximum(FLOOR, np.array(halves))

    def cells(self, points: np.ndarray) -> np.ndarray:
        """Positions of the choices that ``points``, shape (n, c), have on the categorical axes."""
        counts = self.choices[self.choices > 0]
        return np.minimum((points * counts).astype(int), counts - 1)


class Density:
    """A product kernel density, of as many kernels as points and a uniform one.

    Args:
        points: shape (n, d), n > 0, in the unit cube, without gaps.
        axes: of the cube.
    """

    def __init__(self, points: np.ndarray, axes: Axes) -> None:
        self._points = points
        self._axes = axes
        self._is_choice = axes.choices > 0
        n, d = points.shape
        spread = np.sqrt((n * np.var(points, axis=0) + UNIFORM) / (n + 1))
        self._cells = axes.cells(points[:, self._is_choice])
        counts = axes.choices[self._is_choice]
        for column, axis in enumerate(np.flatnonzero(self._is_choice)):
            shares = np.bincount(self._cells[:, column]) / n
            # For two choices this is the deviation of 0 and 1; it does not depend on their order.
            spread[axis] = math.sqrt((1 - np.sum(shares**2)) / 2)
        width = NORMAL_REFERENCE * spread * n ** (-1 / (4 + d))
        self.bandwidth = np.maximum(width, axes.floor)
        """Shape (d,): standard deviations; for choices the probability of another one."""
        most = (counts - 1) / counts
        self.bandwidth[self._is_choice] = np.minimum(self.bandwidth[self._is_choice], most)

    def log(self, at: np.ndarray) -> np.ndarray:
        """Logarithm of the density at ``at``, shape (m, d); shape (m,).

        A density over the numbers, a probability over the choices.
        """
        from scipy.special import logsumexp, ndtr

        numbers = ~self._is_choice
        width, centres = self.bandwidth[numbers], self._points[:, numbers]
        places, middles = at[:, numbers] / width, centres / width
        distance = (
            np.sum(places**2, axis=1)[:, None]
            + np.sum(middles**2, axis=1)[None, :]
            - 2 * places @ middles.T
        )
        inside = np.log(ndtr((1 - centres) / width) - ndtr(-centres / width))
        scale = np.log(width * math.sqrt(2 * math.pi))
        kernel = -0.5 * np.maximum(distance, 0) - np.sum(inside + scale, axis=1)
        uniform = 0.0
        cells = self._axes.cells(at[:, self._is_choice])
        for column, axis in enumerate(np.flatnonzero(self._is_choice)):
            other, count = self.bandwidth[axis], self._axes.choices[axis]
            uniform -= math.log(count)
            if count > 1:
                same = cells[:, column, None] == self._cells[None, :, column]
                kernel += np.where(same, math.log1p(-other), math.log(other / (count - 1)))
        kernel = np.append(kernel, np.full((len(at), 1), uniform), axis=1)
        return logsumexp(kernel, axis=1) - math.log(kernel.shape[1])

    def sample(self, rng: np.random.Generator, size: int, factor: float) -> np.ndarray:
        """Draws around the points, shape (size, d), with Gaussians ``factor`` times as wide."""
        from scipy.special import ndtr, ndtri

        drawn = self._points[rng.integers(len(self._points), size=size)]
        uniform, moves = rng.random(drawn.shape), rng.random(drawn.shape)
        numbers, choices = ~self._is_choice, self._is_choice
        centres, width = drawn[:, numbers], factor * self.bandwidth[numbers]
        below, above = ndtr(-centres / width), ndtr((1 - centres) / width)
        quantiles = below + uniform[:, numbers] * (above - below)
        drawn[:, numbers] = np.clip(centres + width * ndtri(quantiles), 0.0, 1.0)
        moved = moves[:, choices] < self.bandwidth[choices]
        drawn[:, choices] = np.where(moved, uniform[:, choices], drawn[:, choices])
        return drawn


def split(scores: np.ndarray, least: int, share: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Which of n scores, smaller being better and infinite for a failure, are good and which bad.

    The best ``share`` of them are good, ``least`` at the least; all others are bad. None while
    there are fewer than ``least`` of either, or where failures would count as good.
    """
    order = np.argsort(scores, kind="stable")
    count = max(least, int(share * len(scores)))
    good, bad = order[:count], order[count:]
    if len(bad) < least or not np.isfinite(scores[good]).all():
        return None
    return good, bad


def impute(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``points``, shape (n, d), with each NaN replaced by a value that another point has on that
    axis, or by any value where none has one."""
    filled = points.copy()
    for axis in np.flatnonzero(np.isnan(points).any(axis=0)):
        column = points[:, axis]
        missing = np.isnan(column)
        known = column[~missing]
        if known.size:
            filled[missing, axis] = rng.choice(known, size=missing.sum())
        else:
            filled[missing, axis] = rng.random(missing.sum())
    return filled


def promising(
    points: np.ndarray,
    good: np.ndarray,
    bad: np.ndarray,
    axes: Axes,
    rng: np.random.Generator,
    *,
    candidates: int,
    factor: float,
) -> np.ndarray:
    """Candidates drawn from the good density, by the ratio of the good to the bad one.

    Args:
        points: shape (n, d), NaN where inactive.
        good: indices of the good points.
        bad: indices of the bad points.
        axes: of the unit cube.
        rng: for the gaps and the draws.
        candidates: how many.
        factor: how much wider than the density's own kernels the draws are.

    Returns:
        Shape (candidates, d), the most promising first.
    """
    filled = impute(points, rng)
    better, worse = Density(filled[good], axes), Density(filled[bad], axes)
    drawn = better.sample(rng, candidates, factor)
    return drawn[np.argsort(worse.log(drawn) - better.log(drawn), kind="stable")]
