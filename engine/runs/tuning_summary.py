"""Results of a gradient run, compared with the best of other runs on the same table."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from engine import catalog
from engine.domain.hypergradients import Tuning
from engine.domain.trials import TrialRecord, TrialState, mean_or_none
from engine.errors import TunesmithError
from engine.gradient.spec.summary import summary
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import run_library

RUNS = 20
"""Runs on the same table that are read for a reference."""
LOSS = "log_loss"
"""The measure that is an outer loss, where classes are learned."""


def tuning(folder: Path, trials: Sequence[TrialRecord], number: int | None = None) -> Tuning | None:
    """Summarise the gradient run in ``folder``; None for a run of another method.

    Args:
        folder: of the run.
        trials: of the run, finished or not.
        number: hyper-step whose values are wanted; the latest if left out.
    """
    if not files.load_plan(folder).by_gradient:
        return None
    return summary(folder, trials, number, reference=_reference(str(folder)))


@lru_cache(maxsize=8)
def _reference(folder: str) -> tuple[float | None, str]:
    """The least log loss that another search on the same rows and folds has reached, and its
    model."""
    plan = files.load_plan(Path(folder))
    if plan.data.task == "regression":
        return None, ""
    best: tuple[float | None, str] = (None, "")
    for other in _others(Path(folder), plan)[:RUNS]:
        with contextlib.suppress(TunesmithError):
            losses = _losses(run_library.archive_of(other)[0], plan.evaluation.resampling.n_folds)
            if losses and (best[0] is None or min(losses) < best[0]):
                card = catalog.learner(files.load_plan(other).learner.id).card
                best = min(losses), card.label.lower()
    return best


def _others(folder: Path, plan: Plan) -> list[Path]:
    """Runs of the library by other methods that are comparable with ``plan``, newest first."""
    found = []
    for other in run_library.folders_with(files.PLAN):
        with contextlib.suppress(TunesmithError, OSError):
            its = files.load_plan(other)
            same = (its.data, its.seed, its.evaluation.resampling, its.evaluation.test_share)
            wanted = (plan.data, plan.seed, plan.evaluation.resampling, plan.evaluation.test_share)
            if other != folder and same == wanted and not its.by_gradient:
                found.append(((other / files.PLAN).stat().st_mtime, other))
    return [other for _, other in sorted(found, reverse=True)]


def _losses(trials: Sequence[TrialRecord], n_folds: int) -> list[float]:
    whole = [t for t in trials if t.state is TrialState.COMPLETE and len(t.folds) == n_folds]
    means = [mean_or_none(f.scores.get(LOSS) for f in t.folds.values()) for t in whole]
    return [mean for mean in means if mean is not None]
