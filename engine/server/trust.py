"""Answers on overtuning and on the choice of the final configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import catalog
from engine.analysis.model import ProgressCallback
from engine.analysis.overtuning import overtuning
from engine.analysis.remedies import remedies
from engine.domain.trials import TrialRecord
from engine.errors import RunError
from engine.protocol import replies, requests
from engine.runs import folder as files
from engine.runs.choices import choices_of
from engine.runs.incumbent_watch import LOOKS, watched


def trust(
    request: requests.Trust, trials: Sequence[TrialRecord], notes: Mapping[str, Any]
) -> replies.TrustReady:
    """Compute overtuning of the run so far, from its incumbents' outer scores.

    Args:
        request: names the run.
        trials: of the run.
        notes: of its archive, with the outer scores and looks.
    """
    plan = files.load_plan(Path(request.path))
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    found = overtuning(watched(trials, notes), maximise=maximise)
    return replies.TrustReady(
        id=request.id,
        watched=plan.evaluation.watch_outer,
        overtuning=found,
        remedies=remedies(plan) if found.alarm is not None else (),
        looks=len(notes.get(LOOKS, [])),
    )


def final_choices(
    request: requests.FinalChoices, trials: Sequence[TrialRecord], tick: ProgressCallback
) -> replies.FinalChoicesReady:
    """Apply the rules for the final configuration.

    Args:
        request: names the run.
        trials: of the run.
        tick: progress callback.

    Raises:
        RunError: ``run.no_result`` without a complete trial.
    """
    found = choices_of(files.load_plan(Path(request.path)), trials, tick)
    if not found:
        raise RunError("run.no_result", path=request.path)
    return replies.FinalChoicesReady(id=request.id, choices=found)
