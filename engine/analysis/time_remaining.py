"""Estimate how long a search will still take."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

LEAST_EVALUATIONS = 4
"""Fewest full evaluations for an estimate: the first ones still fill caches."""
LEAST_SECONDS = 5.0
"""Shortest working time for an estimate."""
RECENT = 20
"""Window of evaluations whose median counts: methods move to more or less expensive regions as they
learn."""
WEIGHT = 0.3
"""Weight of a new estimate in the exponential smoothing."""


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
    """Estimate the seconds until the budget is used up, or None while that can't be told.

    The median of the recent durations, times the evaluations remaining, divided by the workers;
    exponentially smoothed, so that it counts down rather than jumps. A time budget is an upper
    bound, and the answer until the estimate is reliable.

    Args:
        durations: seconds of each full evaluation (all folds, one after another), latest last;
            those that are not finite are ignored.
        remaining: full evaluations of the budget not done yet; None without such a budget.
        workers: folds evaluated in parallel, at least 1.
        elapsed: seconds of work so far, pauses excluded.
        seconds: the time budget, if there is one.
        previous: the last estimate.
        since_previous: seconds of work since then.

    Returns:
        Seconds; None without a time budget before `LEAST_EVALUATIONS` and `LEAST_SECONDS`.
    """
    bound = None if seconds is None else max(seconds - elapsed, 0.0)
    known = [d for d in durations if math.isfinite(d) and d >= 0][-RECENT:]
    if remaining is None or len(known) < LEAST_EVALUATIONS or elapsed < LEAST_SECONDS:
        return 0.0 if remaining is not None and remaining <= 0 else bound
    estimate = statistics.median(known) * max(remaining, 0.0) / max(workers, 1)
    if previous is not None and remaining > 0:
        # The old estimate has been counting down since, so that is what the new one is mixed with.
        expected = max(previous - since_previous, 0.0)
        estimate = WEIGHT * estimate + (1 - WEIGHT) * expected
    return estimate if bound is None else min(estimate, bound)
