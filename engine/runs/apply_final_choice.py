"""Rules for the final configuration, applied to a run."""

from __future__ import annotations

from collections.abc import Sequence

from engine import catalog
from engine.analysis.final_choice_rules import choices, finite
from engine.analysis.forest_model import ProgressCallback, learn, no_progress
from engine.domain.trials import TrialRecord, TrialState
from engine.domain.trust import FinalChoice
from engine.errors import RunError
from engine.plan import Plan
from engine.runs.trial_summary import snapshot


def choices_of(
    plan: Plan, trials: Sequence[TrialRecord], tick: ProgressCallback = no_progress
) -> tuple[FinalChoice, ...]:
    """Apply every rule for the final configuration to the trials of a run.

    Args:
        plan: of the run.
        trials: by number.
        tick: progress callback.

    Returns:
        One choice per rule, the best mean first; empty without a complete trial.

    Raises:
        Cancelled: if ``tick`` raises it.
    """
    complete = [t for t in trials if t.state is TrialState.COMPLETE and finite(t)]
    model, refused = None, ""
    try:
        model = learn(snapshot(plan, complete), tick=tick)
    except RunError as error:
        refused = str(error)
    return choices(
        trials,
        space=plan.space,
        measure=plan.evaluation.measure,
        maximise=catalog.measure_card(plan.evaluation.measure).maximise,
        resampling=plan.evaluation.resampling,
        model=model,
        refused=refused,
    )
