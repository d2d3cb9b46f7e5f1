"""Anytime curves: step functions of the budget on a common grid, their median, and ranks over
time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.ranks import ranks

MOST_POINTS = 400
"""Largest number of grid points: about one for every two pixels of a picture."""


@dataclass(frozen=True)
class Steps:
    """A score that changes in steps: from ``at[i]`` on it is ``score[i]``.

    Attributes:
        at: shape (k,), ascending, in units of the budget.
        score: shape (k,), in the measure's units.
        until: how far the search has come; unknown beyond. Infinite once it has ended, since its
            last score then holds for any larger budget.
    """

    at: np.ndarray
    score: np.ndarray
    until: float = np.inf


def grid(curves: Sequence[Steps], most: int = MOST_POINTS) -> np.ndarray:
    """Return the places where any of ``curves`` changes, thinned out to ``most``.

    Args:
        curves: step functions.
        most: largest number of points.

    Returns:
        Ascending, shape (g,). Thinned evenly by rank, so that there are many points where much
        happens; the first and last are kept.
    """
    places = np.unique(np.concatenate([c.at for c in curves])) if curves else np.empty(0)
    places = places[np.isfinite(places)]
    if places.size <= most:
        return places
    return places[np.linspace(0, places.size - 1, most).round().astype(int)]


def aligned(curves: Sequence[Steps], at: np.ndarray) -> np.ndarray:
    """Evaluate step functions on a grid.

    Args:
        curves: step functions.
        at: shape (g,), where to evaluate.

    Returns:
        Shape (curves, g); NaN before a curve's first score and beyond its ``until``.
    """
    found = np.full((len(curves), at.size), np.nan)
    for row, curve in zip(found, curves, strict=True):
        if curve.at.size:
            # The last change at or before each place; -1 before the first score.
            last = np.searchsorted(curve.at, at, side="right") - 1
            known = (last >= 0) & (at <= curve.until)
            row[known] = curve.score[last[known]]
    return found


@dataclass(frozen=True)
class Middle:
    """The median of several curves and how sure it is, all of shape (g,).

    The bounds are those of `median_places`, which with few curves are the outermost.
    """

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray


def middle(scores: np.ndarray) -> Middle:
    """Median over curves with a distribution-free interval, where every curve has a score; else
    NaN.

    Curves that have not started or are not finished at a place make it NaN: a median over the
    others would be of different searches at every place, and jump.

    Args:
        scores: shape (curves, g), aligned.

    Returns:
        Median and bounds, each of shape (g,).
    """
    median, low, high = (np.full(scores.shape[1], np.nan) for _ in range(3))
    # Only where all have a score; the median of none is not defined.
    there = np.asarray(np.isfinite(scores).all(axis=0)) & (len(scores) > 0)
    if there.any():
        ordered = np.sort(scores[:, there], axis=0)
        first, last = median_places(len(scores))
        median[there] = np.median(ordered, axis=0)
        low[there], high[there] = ordered[first], ordered[last]
    return Middle(median, low, high)


def median_places(count: int, level: float = 0.05) -> tuple[int, int]:
    """Order statistics that enclose the median with confidence ``1 - level``.

    The number of values below the median is binomial(n, 1/2) whatever the distribution; the pair
    nearest to the middle that keeps the error within ``level`` is chosen (David and Nagaraja 2003,
    section 7.1). With fewer than six values it is all of them, and the median lies outside with
    probability ``2^(1 - count)``: 1 in 16 with five.

    Args:
        count: n, number of values.
        level: largest probability that the interval misses the median.

    Returns:
        Zero-based positions of the lower and upper bound among the sorted values.
    """
    # Both tails of the binomial distribution: 2 sum_{i <= cut} C(n, i) / 2^n.
    cut, missed = 0, 1 / 2 ** (count - 1)
    while (missed := missed + math.comb(count, cut + 1) / 2 ** (count - 1)) <= level:
        cut += 1
    return cut, count - 1 - cut


def rank_over_time(scores: np.ndarray, maximise: bool) -> np.ndarray:
    """Average rank of each contender at every place of a grid, shape (k, g).

    NaN where not all contenders have a score in all rows: ranks among others mean something else.

    Args:
        scores: shape (rows, k, g), aligned scores; a row is a repetition on a table.
        maximise: whether larger is better.
    """
    found = np.full(scores.shape[1:], np.nan)
    there = np.asarray(np.isfinite(scores).all(axis=(0, 1)))
    if len(scores) and there.any():
        ranked = ranks(np.moveaxis(scores[..., there], 1, 2), maximise)
        found[:, there] = ranked.mean(axis=0).T
    return found
