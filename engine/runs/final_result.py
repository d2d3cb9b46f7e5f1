"""`RunResult`: what a run found, put together from its archive and the fit of the final model."""

from __future__ import annotations

import contextlib
import math
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from engine import __version__, catalog
from engine.analysis.continued import saved
from engine.analysis.intervals import score_interval
from engine.domain.results import RunResult
from engine.domain.trials import TrialRecord, TrialState
from engine.learners import LEARNERS
from engine.objective.final_model import FinalFit
from engine.objective.measures import MEASURES
from engine.objective.seeds import final_seed
from engine.plan import Plan
from engine.runs.front import front_of
from engine.search.folds import evaluations_of

PACKAGES = ("scikit-learn", "numpy", "pandas", "optuna", "scipy")


def run_result(
    plan: Plan,
    trials: Sequence[TrialRecord],
    chosen: TrialRecord,
    fit: FinalFit,
    *,
    seconds: float,
    looks: int,
    stopped_by: str,
    reason: str,
) -> RunResult:
    """Assemble the result of a run.

    Args:
        plan: of the run.
        trials: all of them, by number.
        chosen: the complete trial whose configuration was fitted.
        fit: that fit.
        seconds: of search, without pauses.
        looks: how often an outer test score of the run was computed.
        stopped_by: why the search ended, as a sentence.
        reason: why ``chosen``, where it is not the best by the tuned measure.
    """
    evaluation, first = plan.evaluation, trials[0]
    measure, n_folds = evaluation.measure, evaluation.resampling.n_folds
    warm_starts, front = catalog.warm_starts(plan), front_of(plan, trials)
    tested, selected = fit.about == "test", chosen.number != front[0].trial
    reused = saved(trials)
    return RunResult(
        learner=plan.learner.id,
        measure=measure,
        maximise=catalog.measure_card(measure).maximise,
        trial=chosen.number,
        configuration=chosen.configuration,
        validation_best=_score(chosen),
        validation_default=_score(first) if first.state is TrialState.COMPLETE else None,
        default_configuration=first.configuration,
        trials=len(trials),
        # From the archive, since the search may be one of an earlier sitting.
        evaluations=sum(evaluations_of(t, warm_starts=warm_starts) for t in trials) / n_folds,
        seconds=seconds,
        seed=plan.seed,
        model_seed=final_seed(plan.seed),
        folds=n_folds,
        test=score_interval(MEASURES[measure], fit.predicted) if tested else None,
        test_default=fit.default.get(measure) if fit.default else None,
        test_rows=len(fit.predicted.truth) if tested else 0,
        test_scores=_finite(fit.scores) if tested else {},
        looks=looks,
        classes=fit.classes,
        prediction_rows=fit.about,
        versions=versions(plan.learner.id),
        stopped_by=stopped_by,
        further_measures=evaluation.further_measures,
        front=front if evaluation.further_measures else (),
        selected_by_user=selected,
        selection_reason=reason if selected else "",
        saved_evaluations=reused.fits / n_folds,
        saved_seconds=reused.seconds,
    )


def versions(learner: str) -> dict[str, str]:
    """Versions that a result with ``learner`` depends on."""
    found = {"tunesmith": __version__, "python": platform.python_version()}
    for package in (*PACKAGES, *LEARNERS[learner].packages):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _finite(scores: dict[str, float]) -> dict[str, float]:
    return {name: score for name, score in scores.items() if math.isfinite(score)}


def _score(trial: TrialRecord) -> float:
    assert trial.value is not None, "a complete trial has a score"
    return trial.value
