"""Specification of a search (`SearchSpec`), and the interface of its listener (`Listener`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from engine.archive import Archive
from engine.domain.trials import FoldResult, TrialRecord
from engine.errors import TunesmithError
from engine.plan import Plan
from engine.terminators import BudgetUse
from engine.tuners.base import Tuner

FOLD_FUNCTION = "engine.objective.fold_job:evaluate_fold"


def _nothing(trial: TrialRecord) -> None:
    pass


@dataclass(frozen=True)
class SearchSpec:
    """Specification of a search.

    Attributes:
        plan: its measure, budget, limits and rules of reproducibility matter here.
        archive: open for writing; what it holds is resumed.
        tuner: fresh; it is told what the archive holds.
        n_folds: folds of a full evaluation.
        maximise: whether larger scores are better.
        arguments: (trial, fold, fidelity) -> arguments of ``function``.
        function: what a worker calls for a fold (``module:name``); it returns a `FoldResult`.
        warm_starts: whether a fit at a higher fidelity continues the trial's last one, so that it
            costs only the difference.
        trial_ended: called with each trial that is final, once that is recorded.
        faults_pause: after a fault wait for `Control.resume` (the window) instead of raising it.
    """

    plan: Plan
    archive: Archive
    tuner: Tuner
    n_folds: int
    maximise: bool
    arguments: Callable[[TrialRecord, int, float], tuple[Any, ...]]
    function: str = FOLD_FUNCTION
    warm_starts: bool = False
    trial_ended: Callable[[TrialRecord], None] = _nothing
    faults_pause: bool = True


@dataclass(frozen=True)
class Counts:
    """How far a search is. ``fraction``: of the budget that will end it first, 0 to 1."""

    used: BudgetUse
    fraction: float
    trials: int
    complete: int
    failed: int
    pruned: int
    busy: int
    workers: int


class Listener(Protocol):
    """Called from the search's thread; must be quick."""

    def changed(self, trial: TrialRecord, fold: FoldResult | None) -> None:
        """``trial`` is new, has the new ``fold``, or has a new state."""
        ...

    def progressed(self, counts: Counts) -> None:
        """At least every second, and after every fold."""
        ...

    def paused(self, error: TunesmithError | None) -> None:
        """No new fits: by the person (None) or for a fault."""
        ...

    def resumed(self) -> None:
        """New fits again."""
        ...
