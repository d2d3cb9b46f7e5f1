"""Surrogate model of a run, rebuilt from its trials."""

from __future__ import annotations

from collections.abc import Sequence

from engine import catalog
from engine import plan as plans
from engine.domain.trials import TrialRecord, TrialState
from engine.domain.understanding import SurrogateSlice
from engine.plan import Plan
from engine.tuners.base import Proposal, Result


def surrogate(plan: Plan, trials: Sequence[TrialRecord]) -> tuple[tuple[SurrogateSlice, ...], int]:
    """Slice the surrogate of the run's method through the best configuration so far.

    A second tuner is told the trials in the order they ended: the one in use belongs to the
    search's thread.

    Args:
        plan: of the run.
        trials: of the run, finished or not.

    Returns:
        Slices along each hyperparameter, and the number of trials the model is fitted to; empty and
        0 for methods without a model.
    """
    scored = [t for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    failed = [t for t in trials if t.state is TrialState.FAILED]
    if not scored or not catalog.working_card(plan).model_based:
        return (), 0
    plan = plans.replace(plan, {f"method.options.{catalog.DROP}": False})
    tuner = catalog.make_tuner(plan, trials[0].configuration, plan.evaluation.resampling.n_folds)
    for number, trial in enumerate(sorted([*scored, *failed], key=lambda t: t.ended or 0.0)):
        proposal = Proposal(number, number, trial.configuration, origin=trial.origin)
        tuner.adopt(proposal)
        tuner.tell(proposal, Result(trial.value, {}, trial.seconds))
    sign = 1 if catalog.measure_card(plan.evaluation.measure).maximise else -1
    best = max(scored, key=lambda t: sign * (t.value or 0.0))
    return tuner.slices(best.configuration), len(scored)
