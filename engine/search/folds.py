"""Arithmetic of fold results: what is recorded of a job, means over folds, costs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import msgspec

from engine.domain.trials import COSTS, Cause, FoldResult, TrialRecord
from engine.errors import RunError
from engine.plan import EvaluationPlan
from engine.tuners.base import Proposal
from engine.workers.base import JobResult


def fold_result(
    result: JobResult, proposal: Proposal, fold: int, evaluation: EvaluationPlan
) -> FoldResult:
    """Convert a job's result to the fold result that is recorded: what the worker's function
    returned, or why it did not; a failure where an optimised score is missing or not finite.

    Args:
        result: of the job.
        proposal: that it was done for.
        fold: index.
        evaluation: objectives.

    Returns:
        The fold result of the proposal's trial and fidelity.
    """
    given = FoldResult(seconds=result.seconds) if result.cause is not None else result.value
    cause, message = result.cause, result.message
    finite = {name: score for name, score in given.scores.items() if math.isfinite(score)}
    optimised = {evaluation.measure, *evaluation.further_measures} - {*COSTS}
    if cause is None and not optimised <= finite.keys():
        cause, message = Cause.NON_FINITE, str(RunError("fit.non_finite"))
    return msgspec.structs.replace(
        given,
        trial=proposal.trial,
        fold=fold,
        fidelity=proposal.fidelity,
        scores=finite,
        started=result.started,
        worker=result.worker,
        cause=cause,
        message=message,
        details=result.details,
    )


def drop_sentence(trial: TrialRecord, n_folds: int) -> str:
    """How far ``trial`` came before its method dropped it."""
    if trial.folds:
        return f"Dropped after {len(trial.folds)} of {n_folds} folds."
    fidelity = max((f.fidelity for f in trial.partial), default=0.0)
    return f"Dropped at {fidelity:.0%} of a full fit."


def failure_kind(failure: FoldResult) -> tuple[Cause | None, str]:
    """Key that is equal for failures alike: the cause, and the message without its numbers."""
    return failure.cause, re.sub(r"[\d.]+", "#", failure.message)[:120]


def reached(trial: TrialRecord, fold: int, *, below: float) -> float:
    """Highest fidelity below ``below`` at which a fold has a score; 0 without one.

    Args:
        trial: with its results.
        fold: index.
        below: fidelity.
    """
    return max(
        (
            f.fidelity
            for f in trial.partial
            if f.fold == fold and f.fidelity < below and f.cause is None
        ),
        default=0.0,
    )


def evaluations_of(trial: TrialRecord, *, warm_starts: bool) -> float:
    """Cost of the folds of ``trial``, in full fits."""
    return math.fsum(
        f.fidelity - (reached(trial, f.fold, below=f.fidelity) if warm_starts else 0.0)
        for f in trial.results
    )


def means(folds: Iterable[FoldResult], evaluation: EvaluationPlan) -> tuple[float, ...]:
    """Means over ``folds``, all with scores, of the tuned measure and the further objectives."""
    done = list(folds)
    names = (evaluation.measure, *evaluation.further_measures)
    return tuple(mean(fold.measured(name) for fold in done) for name in names)


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean with exact summation, so that the order of folds does not matter."""
    listed = list(values)
    return math.fsum(listed) / len(listed)
