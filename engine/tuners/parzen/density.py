"""Density model of BOHB: kernel densities of the good and of the bad configurations (Falkner et al.
2018, section 3.2).

A density is a sum of products of kernels on the unit cube, one kernel per hyperparameter: Gaussian
for numbers, Aitchison and Aitken's for choices, with bandwidths by the normal-reference rule.
Inactive hyperparameters are imputed with values that other configurations have there (section 3.2
and supplement of the paper).

Three things differ from the authors' program. Gaussians are truncated at the ends of the cube, as
the draws from them are, and every density has one uniform kernel in addition to those of its points
(the prior of Bergstra et al. 2011). Otherwise the ratio of two densities is largest in the far
corners, where both are almost nothing. And the standard deviation that sets the bandwidth counts
one value more than there are points, as far out as uniform ones are on average: its square is ``(n
s^2 + 1/12) / (n + 1)``. Otherwise three or four good points that agree by chance keep the search
where they are; with many points it hardly matters. On MF-Hartmann and real models both improve the
average rank.
"""

from __future__ import annotations

import math

import numpy as np

from engine.space import Categorical, Integer, SearchSpace

FLOOR = 1e-3
"""Smallest bandwidth, so that a density keeps some width where all its points agree."""
NORMAL_REFERENCE = 1.06
"""Constant of the normal-reference rule, ``1.06 s n^(-1 / (4 + d))``."""
UNIFORM = 1 / 12
"""Variance of a uniform value in the unit interval."""
GOOD_SHARE = 0.15
"""Share of the configurations that are modelled as good ones (``q`` of algorithm 2)."""


class Axes:
    """Kinds and smallest bandwidths of the coordinates of a space's unit cube.

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
        """Indices of the choices at the categorical coordinates of ``points``, shape (n, c)."""
        counts = self.choices[self.choices > 0]
        return np.minimum((points * counts).astype(int), counts - 1)


class Density:
    """Product kernel density, with a kernel per point and a uniform one.

    Args:
        points: shape (n, d), n > 0, in the unit cube, without NaN.
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
            # Spread of a choice: sqrt of half the Gini impurity.
            shares = np.bincount(self._cells[:, column]) / n
            # For two choices this is the deviation of 0 and 1; it does not depend on their order.
            spread[axis] = math.sqrt((1 - np.sum(shares**2)) / 2)
        width = NORMAL_REFERENCE * spread * n ** (-1 / (4 + d))
        self.bandwidth = np.maximum(width, axes.floor)
        """Shape (d,): standard deviations; for choices the probability of another one."""
        # At (k - 1) / k every choice is equally likely; a wider kernel would prefer the others.
        most = (counts - 1) / counts
        self.bandwidth[self._is_choice] = np.minimum(self.bandwidth[self._is_choice], most)

    def log(self, at: np.ndarray) -> np.ndarray:
        """Log density at points: a density over the numbers, a probability over the choices.

        Args:
            at: shape (m, d).

        Returns:
            Shape (m,).
        """
        from scipy.special import logsumexp, ndtr

        numbers = ~self._is_choice
        width, centres = self.bandwidth[numbers], self._points[:, numbers]
        places, middles = at[:, numbers] / width, centres / width
        # |x - c|^2 expanded into products: one matrix product instead of an (m, n, d) array.
        distance = (
            np.sum(places**2, axis=1)[:, None]
            + np.sum(middles**2, axis=1)[None, :]
            - 2 * places @ middles.T
        )
        # The mass of each Gaussian inside the cube, by which the truncated one is divided.
        inside = np.log(ndtr((1 - centres) / width) - ndtr(-centres / width))
        scale = np.log(width * math.sqrt(2 * math.pi))
        kernel = -0.5 * np.maximum(distance, 0) - np.sum(inside + scale, axis=1)
        uniform = 0.0
        cells = self._axes.cells(at[:, self._is_choice])
        for column, axis in enumerate(np.flatnonzero(self._is_choice)):
            other, count = self.bandwidth[axis], self._axes.choices[axis]
            uniform -= math.log(count)
            if count > 1:
                # Aitchison and Aitken: 1 - h for the same choice, h / (k - 1) for each other one.
                same = cells[:, column, None] == self._cells[None, :, column]
                kernel += np.where(same, math.log1p(-other), math.log(other / (count - 1)))
        # The uniform kernel, of weight 1 / (n + 1) as every other.
        kernel = np.append(kernel, np.full((len(at), 1), uniform), axis=1)
        return logsumexp(kernel, axis=1) - math.log(kernel.shape[1])

    def sample(self, rng: np.random.Generator, size: int, factor: float) -> np.ndarray:
        """Draw around the points of the density.

        Args:
            rng: of the draws.
            size: number of draws.
            factor: the Gaussians are this many times as wide as the density's own (``b_w`` of
                algorithm 2).

        Returns:
            Shape (size, d), in the unit cube.
        """
        from scipy.special import ndtr, ndtri

        drawn = self._points[rng.integers(len(self._points), size=size)]
        uniform, moves = rng.random(drawn.shape), rng.random(drawn.shape)
        numbers, choices = ~self._is_choice, self._is_choice
        centres, width = drawn[:, numbers], factor * self.bandwidth[numbers]
        below, above = ndtr(-centres / width), ndtr((1 - centres) / width)
        # Inverse transform between the quantiles of the two ends: a truncated normal without
        # rejection.
        quantiles = below + uniform[:, numbers] * (above - below)
        drawn[:, numbers] = np.clip(centres + width * ndtri(quantiles), 0.0, 1.0)
        # With probability h any choice, the same one included, uniformly.
        moved = moves[:, choices] < self.bandwidth[choices]
        drawn[:, choices] = np.where(moved, uniform[:, choices], drawn[:, choices])
        return drawn


def split(scores: np.ndarray, least: int, share: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Divide scores into good and bad ones (Falkner et al. 2018, equation 3).

    ``N_good = max(N_min, q N)``; all others are bad.

    Args:
        scores: shape (n,), smaller is better, infinite for a failure.
        least: ``N_min``, the fewest of either kind.
        share: ``q``.

    Returns:
        Indices of the good and of the bad; None while there are too few of either, or where
        failures would count as good.
    """
    order = np.argsort(scores, kind="stable")
    count = max(least, int(share * len(scores)))
    good, bad = order[:count], order[count:]
    if len(bad) < least or not np.isfinite(scores[good]).all():
        return None
    return good, bad


def impute(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Replace each NaN by a value that another point has on that axis, or by a uniform one.

    Args:
        points: shape (n, d).
        rng: of the choice.

    Returns:
        A copy without NaN.
    """
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
    """Draw candidates from the good density and sort them by the ratio ``l(x) / g(x)`` (Falkner et
    al. 2018, algorithm 2; that this maximises expected improvement: Bergstra et al. 2011, section
    4.1).

    Args:
        points: shape (n, d), NaN where inactive.
        good: indices of the good points.
        bad: indices of the bad points.
        axes: of the unit cube.
        rng: for imputation and draws.
        candidates: how many (``N_s``).
        factor: bandwidth factor of the draws.

    Returns:
        Shape (candidates, d), the largest ratio first.
    """
    # Imputed jointly, so that good and bad points are completed from the same values.
    filled = impute(points, rng)
    better, worse = Density(filled[good], axes), Density(filled[bad], axes)
    drawn = better.sample(rng, candidates, factor)
    return drawn[np.argsort(worse.log(drawn) - better.log(drawn), kind="stable")]
