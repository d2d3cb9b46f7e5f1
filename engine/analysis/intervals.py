"""How sure a test score is: a 95 % interval over the rows it rests on.

The interval speaks of this model on new rows like these; it says nothing of another split or
another search.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from engine.domain.results import Interval

LEVEL = 0.95
RESAMPLES = 1_000
SECONDS = 3.0
"""Time a bootstrap may take; it ends with what it has."""

_Z = 1.959963984540054
_LEAST = 50
"""Resamples below which percentiles mean nothing."""
_CLIP = 1e-15

Score = Callable[[np.ndarray, np.ndarray, np.ndarray | None], float]
"""Truth, predictions and class probabilities (or None) of some rows into a score."""


def wilson(right: int, rows: int) -> tuple[float, float]:
    """Wilson's 95 % score interval for ``right`` of ``rows`` (Wilson 1927, JASA 22, p. 209).

    Raises:
        ValueError: unless ``0 <= right <= rows`` and ``rows > 0``.
    """
    if not 0 <= right <= rows or rows == 0:
        raise ValueError(f"{right} of {rows}")
    share, square = right / rows, _Z * _Z
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    spread = math.sqrt(share * (1 - share) / rows + square / (4 * rows * rows))
    half = _Z * spread / (1 + square / rows)
    # At the ends the bound is exactly 0 or 1, but for rounding.
    low = 0.0 if right == 0 else middle - half
    high = 1.0 if right == rows else middle + half
    return low, high


def score_interval(
    measure: str,
    score: Score,
    truth: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    seconds: float = SECONDS,
) -> Interval | None:
    """A test score with its interval: Wilson's for accuracy, else the percentile bootstrap's.

    Args:
        measure: its id; those that are means over rows are resampled without calling ``score``.
        score: the measure.
        truth: shape (n,), class codes or numbers.
        predicted: shape (n,), alike.
        probabilities: shape (n, classes), or None.
        seed: decides the resamples.
        resamples: draws of the rows with replacement; fewer with very many rows.
        seconds: time it may take, at which it ends with the resamples it has.

    Returns:
        None without rows, without a finite score, or when fewer than 50 resamples have one.
    """
    rows = len(truth)
    if rows == 0:
        return None
    value = float(score(truth, predicted, probabilities))
    if not math.isfinite(value):
        return None
    if measure == "accuracy":
        low, high = wilson(int(np.sum(truth == predicted)), rows)
        return Interval(value, low, high, "wilson")
    parts = _row_parts(measure, truth, predicted, probabilities)

    def resampled(draw: np.ndarray) -> float:
        if parts is not None:
            return _combine(measure, parts[draw].mean(axis=0))
        chosen = None if probabilities is None else probabilities[draw]
        return float(score(truth[draw], predicted[draw], chosen))

    found = _resample(resampled, rows, seed, min(resamples, max(200, 20_000_000 // rows)), seconds)
    if len(found) < _LEAST:
        return None
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(found, [tail, 100 - tail])
    return Interval(value, float(low), float(high), "bootstrap")


def _resample(
    score: Callable[[np.ndarray], float], rows: int, seed: int, resamples: int, seconds: float
) -> list[float]:
    """Finite scores of rows drawn with replacement."""
    random = np.random.default_rng(seed)
    deadline = time.monotonic() + seconds
    found = []
    for _ in range(resamples):
        if time.monotonic() > deadline:
            break
        try:
            value = score(random.integers(rows, size=rows))
        except ValueError:
            # A draw may lack a class, and then some measures are not defined.
            continue
        if math.isfinite(value):
            found.append(value)
    return found


def _row_parts(
    measure: str, truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray | None
) -> np.ndarray | None:
    """What every row adds to the measure's means, shape (n, parts); None for other measures."""
    if measure in ("rmse", "mae", "r2"):
        error = np.asarray(truth, float) - predicted
        if measure == "mae":
            return np.abs(error)[:, None]
        if measure == "rmse":
            return np.square(error)[:, None]
        centred = truth - np.mean(truth)
        return np.column_stack([np.square(error), centred, np.square(centred)])
    if measure == "log_loss" and probabilities is not None:
        own = probabilities[np.arange(len(truth)), truth.astype(int)]
        return -np.log(own.clip(_CLIP, 1 - _CLIP))[:, None]
    return None


def _combine(measure: str, means: np.ndarray) -> float:
    """The measure from the means of its parts; NaN where it is not defined."""
    if measure == "rmse":
        return math.sqrt(means[0])
    if measure == "r2":
        variance = means[2] - means[1] ** 2
        return float(1 - means[0] / variance) if variance > 0 else math.nan
    return float(means[0])
