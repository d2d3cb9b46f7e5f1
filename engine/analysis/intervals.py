"""How sure a test score is: a 95 % interval over the rows it rests on.

The interval is for this model on new rows like these; it says nothing about another split or
another search.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable

import numpy as np

from engine.domain.results import Interval
from engine.objective.measures import Measure, Predicted

LEVEL = 0.95
RESAMPLES = 1_000
SECONDS = 3.0
"""Time a bootstrap may take; it ends with what it has."""

_Z = 1.959963984540054
_LEAST = 50
"""Resamples below which percentiles mean nothing."""


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
    # Wilson (1927) inverts the test of the share, so that bounds stay within 0 and 1.
    half = _Z * spread / (1 + square / rows)
    # At the ends the bound is exactly 0 or 1, but for rounding.
    low = 0.0 if right == 0 else middle - half
    high = 1.0 if right == rows else middle + half
    return low, high


def score_interval(
    measure: Measure,
    found: Predicted,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    seconds: float = SECONDS,
) -> Interval | None:
    """A test score with its interval: Wilson's for a share, else the percentile bootstrap's.

    Args:
        measure: one that is a function of means over rows is resampled by those.
        found: predictions of n rows.
        seed: decides the resamples.
        resamples: draws of the rows with replacement; fewer with very many rows.
        seconds: time it may take, at which it ends with the resamples it has.

    Returns:
        None without rows, without a finite score, or when fewer than 50 resamples have one.
    """
    rows, given = len(found.truth), measure.given(found)
    if rows == 0 or given is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of resamples without one of the classes
        value = _value(measure, found)
        if not math.isfinite(value):
            return None
        if measure.proportion:
            low, high = wilson(int(np.sum(found.truth == found.labels)), rows)
            return Interval(value, low, high, "wilson")
        means = measure.row_means
        parts = None if means is None else means.parts(found.truth, given)

        def resampled(draw: np.ndarray) -> float:
            if means is not None and parts is not None:
                return means.combine(parts[draw].mean(axis=0))
            return _value(measure, found.at(draw))

        draws = min(resamples, max(200, 20_000_000 // rows))
        scores = _resample(resampled, rows, seed, draws, seconds)
    if len(scores) < _LEAST:
        return None
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(scores, [tail, 100 - tail])
    return Interval(value, float(low), float(high), "bootstrap")


def _value(measure: Measure, found: Predicted) -> float:
    score = measure.score(found)
    return math.nan if score is None else score


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
