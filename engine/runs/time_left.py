"""Time left in a run, from the folds as they arrive."""

from __future__ import annotations

import time

from engine import catalog
from engine.analysis.time_remaining import RECENT, time_left
from engine.domain.trials import FoldResult
from engine.plan import Plan
from engine.terminators import BudgetUse

REFRESH_SECONDS = 1.0


class TimeLeft:
    """Estimates the remaining time of a search (`seconds`) from its folds (`observe`).

    The time of a full evaluation is that of as many folds as make one, whichever trials they belong
    to; a smaller fit counts its share, and a resumed one only its difference.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._n_folds = plan.evaluation.resampling.n_folds
        self._warm_starts = catalog.warm_starts(plan)
        self._reached: dict[tuple[int, int], float] = {}
        """Fidelity by trial and fold."""
        self._worked, self._share = 0.0, 0.0
        """Seconds, and full fits that they were spent on, since the last full evaluation."""
        self._durations: list[float] = []
        self._said: float | None = None
        self._at = 0.0

    def observe(self, fold: FoldResult) -> None:
        """Add a fold result; a failed one is ignored."""
        if fold.cause is not None:
            return
        before = 0.0
        if self._warm_starts:
            before = self._reached.get((fold.trial, fold.fold), 0.0)
            self._reached[fold.trial, fold.fold] = fold.fidelity
        self._worked += fold.seconds
        self._share += fold.fidelity - before
        if self._share > self._n_folds - 1e-6:
            duration = self._worked / self._share * self._n_folds
            self._durations = [*self._durations[-RECENT:], duration]
            self._worked, self._share = 0.0, 0.0

    def seconds(self, used: BudgetUse) -> float | None:
        """Estimate the seconds left; None until the estimate is reliable."""
        now = time.monotonic()
        since = now - self._at
        if self._said is not None and since < REFRESH_SECONDS:
            return self._said
        planned = self._plan.budget.evaluations
        self._said = time_left(
            self._durations,
            remaining=None if planned is None else planned - used.evaluations,
            workers=self._plan.workers,
            elapsed=used.elapsed,
            seconds=self._plan.budget.seconds,
            previous=self._said,
            since_previous=since,
        )
        self._at = now
        return self._said
