"""How long a search will still take."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

LEAST_EVALUATIONS = 4
"""Full evaluations below which there is no estimate: the first ones warm caches up."""
LEAST_SECONDS = 5.0
"""Time worked below which there is no estimate."""
RECENT = 20
"""Evaluations whose median counts: methods move to dearer or cheaper regions as they learn."""
WEIGHT = 0.3
"""Of a new estimate against the old one, counted down."""


def time_left(
    durations: Sequence[float],
    *,
    remaining: float | None,
    workers: int,
    elapsed: float,
    seconds: float | None = None,
    previous: float | None = None,
    since_previous: float = 0.0,
) -> float | None:
    """Seconds until the budget is used up, or None while that can't be told.

    The median of the recent durations, times what remains, shared by the workers; smoothed against
    the last estimate, so that it counts down rather than jumps. A time budget bounds it, and is all
    there is to go by before the estimate can be trusted.

    Args:
        durations: seconds that each full evaluation (all folds, one after another) took, latest
            last; those that are not finite are passed over.
        remaining: full evaluations of the budget not done yet; None without such a budget.
        workers: how many folds run side by side, at least 1.
        elapsed: seconds the search has been at work, pauses not counted.
        seconds: the time budget, if there is one.
        previous: what this function said last.
        since_previous: how many seconds of work ago that was.
    """
    bound = None if seconds is None else max(seconds - elapsed, 0.0)
    known = [d for d in durations if math.isfinite(d) and d >= 0][-RECENT:]
    if remaining is None or len(known) < LEAST_EVALUATIONS or elapsed < LEAST_SECONDS:
        return 0.0 if remaining is not None and remaining <= 0 else bound
    estimate = statistics.median(known) * max(remaining, 0.0) / max(workers, 1)
    if previous is not None and remaining > 0:
        expected = max(previous - since_previous, 0.0)
        estimate = WEIGHT * estimate + (1 - WEIGHT) * expected
    return estimate if bound is None else min(estimate, bound)
