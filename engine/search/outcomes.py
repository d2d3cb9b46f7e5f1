"""Between what a worker hands back and what is recorded; sentences on how trials ended."""

from __future__ import annotations

import math
import re
from typing import Any

from engine.domain.trials import COSTS, Cause, FoldResult, TrialRecord
from engine.errors import RunError
from engine.plan import EvaluationPlan
from engine.tuners.base import Proposal
from engine.workers.base import Outcome


def fold_result(
    outcome: Outcome, proposal: Proposal, fold: int, evaluation: EvaluationPlan
) -> FoldResult:
    """What is recorded of ``outcome``: a failure where it lacks a finite score that is
    optimised."""
    common: dict[str, Any] = {
        "trial": proposal.trial,
        "fold": fold,
        "fidelity": proposal.fidelity,
        "started": outcome.started,
        "worker": outcome.worker,
    }
    if outcome.cause is not None:
        return FoldResult(
            **common,
            seconds=outcome.seconds,
            cause=outcome.cause,
            message=outcome.message,
            details=outcome.details,
        )
    found = outcome.value
    finite = {name: score for name, score in found.scores.items() if math.isfinite(score)}
    wanted = {evaluation.measure, *evaluation.also} - {*COSTS}
    lacking = not wanted <= finite.keys()
    return FoldResult(
        **common,
        scores=finite,
        seconds=found.seconds,
        fit_seconds=found.fit_seconds,
        predict_seconds=found.predict_seconds,
        warnings=tuple(found.warnings),
        figures=dict(found.figures),
        cause=Cause.NON_FINITE if lacking else None,
        message=str(RunError("fit.non_finite")) if lacking else "",
    )


def dropped(trial: TrialRecord, jobs: int) -> str:
    """How far a trial came that its method dropped, as a sentence."""
    if trial.folds:
        return f"Dropped after {len(trial.folds)} of {jobs} folds."
    fidelity = max((f.fidelity for f in trial.partial), default=0.0)
    return f"Dropped at {fidelity:.0%} of a full fit."


def kind(message: str) -> str:
    """What failures alike have in common: the message without its numbers."""
    return re.sub(r"[\d.]+", "#", message)[:120]
