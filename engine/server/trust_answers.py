"""Answers on overtuning and on the choice of the final configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine import catalog
from engine.analysis.forest_model import ProgressCallback
from engine.analysis.overtuning_estimate import overtuning
from engine.analysis.remedies import remedies
from engine.domain.trials import TrialRecord
from engine.errors import RunError
from engine.protocol import replies, requests
from engine.runs import folder as files
from engine.runs.apply_final_choice import choices_of
from engine.runs.incumbent_watch import LOOKS, watched
from engine.server.handlers import Archived, Kind, answers


@answers(requests.Trust, kind=Kind.OF_ARCHIVE)
def trust(request: requests.Trust, archived: Archived) -> replies.TrustReady:
    """Compute overtuning of the run so far, from its incumbents' outer scores.

    Args:
        request: names the run.
        archived: its trials, and the notes with the outer scores and looks.
    """
    plan = files.load_plan(Path(request.path))
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    found = overtuning(watched(archived.trials, archived.notes), maximise=maximise)
    return replies.TrustReady(
        id=request.id,
        watched=plan.evaluation.watch_outer,
        overtuning=found,
        remedies=remedies(plan) if found.alarm is not None else (),
        looks=len(archived.notes.get(LOOKS, [])),
    )


@answers(requests.FinalChoices, kind=Kind.ANALYSIS)
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
