"""Searches over their budget: step functions on one grid, their middle, and ranks over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
    """The median of several curves and how sure it is, all of shape (g,).

    The bounds are those of `median_places`, which with few curves are the outermost.
    """

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray


def middle(scores: np.ndarray) -> Middle:
    """The median over curves, shape (curves, g), wherever all of them have a score; else NaN.

    A median over those that happen to be there would be of other searches at every place, and jump.
    """
    median, low, high = (np.full(scores.shape[1], np.nan) for _ in range(3))
    there = np.asarray(np.isfinite(scores).all(axis=0)) & (len(scores) > 0)
    if there.any():
        ordered = np.sort(scores[:, there], axis=0)
        first, last = median_places(len(scores))
        median[there] = np.median(ordered, axis=0)
        low[there], high[there] = ordered[first], ordered[last]
    return Middle(median, low, high)


def median_places(count: int, level: float = 0.05) -> tuple[int, int]:
    """Places, from 0, of the sorted values between which the median lies, whatever they are like.

    From the binomial distribution: as near to the middle as keeps the misses to ``level`` (David
    and Nagaraja 2003, section 7.1). Of fewer than six values it is all of them, and the median lies
    outside in ``2^(1 - count)`` of all cases: 1 in 16 with five.
    """
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
