"""Searches over their budget: step functions on one grid, their middle, and ranks over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.bootstrap import median_places
from engine.analysis.ranks import ranks

MOST_POINTS = 400
"""Points of a grid at most: about one for every two pixels of a picture."""


@dataclass(frozen=True)
class Steps:
    """A score that changes in steps: from ``at[i]`` on it is ``score[i]``.

    Attributes:
        at: shape (k,), ascending.
        score: shape (k,).
        until: how far the search has come; beyond it, nothing is known. Infinite once it is over,
            since then its last score stands.
    """

    at: np.ndarray
    score: np.ndarray
    until: float = np.inf


def grid(curves: Sequence[Steps], most: int = MOST_POINTS) -> np.ndarray:
    """Places where any of ``curves`` changes, ascending, shape (g,); of many, evenly chosen ones.

    Evenly by rank, so that there are many where much happens, the first and last among them.
    """
    places = np.unique(np.concatenate([c.at for c in curves])) if curves else np.empty(0)
    places = places[np.isfinite(places)]
    if places.size <= most:
        return places
    return places[np.linspace(0, places.size - 1, most).round().astype(int)]


def aligned(curves: Sequence[Steps], at: np.ndarray) -> np.ndarray:
    """Every curve's score at the places ``at``, shape (curves, g).

    NaN before its first score and beyond where it has come.
    """
    found = np.full((len(curves), at.size), np.nan)
    for row, curve in zip(found, curves, strict=True):
        if curve.at.size:
            last = np.searchsorted(curve.at, at, side="right") - 1
            known = (last >= 0) & (at <= curve.until)
            row[known] = curve.score[last[known]]
    return found


@dataclass(frozen=True)
class Middle:
    """The median of several curves and how sure it is.

    Attributes:
        median, low, high: shape (g,); the bounds of `bootstrap.median_places`, which are all there
            is with few curves.
        count: shape (g,), curves that are there.
    """

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    count: np.ndarray


def middle(scores: np.ndarray) -> Middle:
    """The median over curves, shape (curves, g), wherever more than half of them are there.

    A median over the few that are quick, or that have not yet ended, would be of other searches at
    every place, and jump.
    """
    ordered = np.sort(scores, axis=0)
    count = np.isfinite(scores).sum(axis=0)
    median, low, high = (np.full(scores.shape[1], np.nan) for _ in range(3))
    for there in np.unique(count[2 * count > len(scores)]).tolist():
        columns = count == there
        known = ordered[:there, columns]
        first, last = median_places(there)
        median[columns] = np.median(known, axis=0)
        low[columns], high[columns] = known[first], known[last]
    return Middle(median, low, high, count)


def rank_over_time(scores: np.ndarray, maximise: bool) -> np.ndarray:
    """Average rank of each contender at every place of a grid, shape (k, g).

    Only rows (a repetition on a table) count in which all contenders have a score by then, and
    places at which more than half the rows do; elsewhere it is NaN.

    Args:
        scores: shape (rows, k, g), aligned scores.
        maximise: whether larger is better.
    """
    rows, contenders, places = scores.shape
    there = np.asarray(np.isfinite(scores).all(axis=1))
    ranked = ranks(np.moveaxis(scores, 1, 2), maximise)
    count = there.sum(axis=0)
    total = np.where(there[..., None], ranked, 0.0).sum(axis=0)
    found = np.full((contenders, places), np.nan)
    enough = 2 * count > rows
    found[:, enough] = (total[enough] / count[enough, None]).T
    return found
