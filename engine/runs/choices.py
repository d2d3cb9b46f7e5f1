"""The ways to choose the final configuration of a run."""

from __future__ import annotations

from collections.abc import Sequence

from engine import catalog
from engine.analysis.choices import choices, finite
from engine.analysis.model import Tick, learn, unheard
from engine.domain.trials import TrialRecord, TrialState
from engine.domain.trust import FinalChoice
from engine.errors import RunError
from engine.plan import Plan
from engine.runs.rows import snapshot


def choices_of(
    plan: Plan, trials: Sequence[TrialRecord], tick: Tick = unheard
) -> tuple[FinalChoice, ...]:
    """The ways to choose among ``trials`` of a run of ``plan``, the best mean first; nothing
    without a complete one.

    Raises:
        Cancelled: as ``tick`` says.
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
