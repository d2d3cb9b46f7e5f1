"""Searches that optimise several measures at once."""

from __future__ import annotations

import math

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from engine.domain.trials import Cause, TrialState
from engine.errors import RunError
from engine.plan import Budget, EvaluationPlan, MethodPlan, Resampling
from engine.runs.front import front_of
from engine.search import Ending


class Killed(BaseException):
    """Ends a search as a power cut would."""


def planned(*further_measures: str, evaluations: float = 20) -> dict:
    return {
        "method": MethodPlan("nsga2", {"population": 5}),
        "evaluation": EvaluationPlan(
            "accuracy", Resampling("kfold", folds=3), further_measures=further_measures
        ),
        "budget": Budget(evaluations=evaluations),
        "seed": 3,
    }


def plain(configuration, fold):
    return configuration["depth"] / 10 + fold / 100


@pytest.mark.parametrize("workers", [1, 4])
def test_each_value_is_the_mean_of_its_folds(bed, workers):
    one = bed(**planned("log_loss", "fit_seconds"))
    assert one.run(workers=workers, evaluate=plain) is Ending.FINISHED
    for trial in one.trials:
        assert trial.state is TrialState.COMPLETE
        losses = [f.scores["log_loss"] for f in trial.folds.values()]
        fits = [f.fit_seconds for f in trial.folds.values()]
        assert trial.further_values == pytest.approx((math.fsum(losses) / 3, math.fsum(fits) / 3))


@pytest.mark.parametrize("folds", [0, 1, 4, 17, 40])
def test_killed_and_resumed_ends_with_the_same_archive(bed, folds):
    left = [folds]

    def dying(configuration, fold):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return plain(configuration, fold)

    whole, torn = bed("whole", **planned("fit_seconds")), bed("torn", **planned("fit_seconds"))
    whole.run(evaluate=plain)
    with pytest.raises(Killed):
        torn.run(evaluate=dying)
    assert torn.run(evaluate=plain) is Ending.FINISHED
    assert torn.outline() == whole.outline()


def test_reproducible_is_the_same_for_any_number_of_workers(bed):
    outlines = []
    for workers, pick in ((1, lambda j: 0), (4, lambda j: -1)):
        plan = planned("log_loss") | {"reproducible": True, "max_pending": 3}
        one = bed(f"with-{workers}", **plan)
        one.run(workers=workers, pick=pick, evaluate=plain)
        outlines.append(one.outline())
    assert outlines[0] == outlines[1]


def test_optuna_finds_the_same_front(bed):
    one = bed(**planned("log_loss"))
    one.run(evaluate=plain)
    front = front_of(one.plan, one.trials)
    one.close()
    storage = JournalStorage(JournalFileBackend(str(one.folder / "journal.log")))
    study = optuna.load_study(study_name="run", storage=storage)
    best = {tuple(trial.values) for trial in study.best_trials}
    assert {member.values for member in front} == best
    assert [member.values[0] for member in front] == sorted((v for v, _ in best), reverse=True)


def test_what_was_left_unfinished_goes_on_after_reading(bed):
    one = bed(**planned("log_loss", evaluations=6))
    one.run(evaluate=plain)
    more = one.run(evaluate=plain, budget=Budget(evaluations=9))
    assert more is Ending.FINISHED
    assert [len(t.further_values) for t in one.trials] == [1] * 9


def test_without_one_of_its_scores_a_trial_has_failed(bed):
    one = bed(**planned("roc_auc", evaluations=3))
    with pytest.raises(RunError, match="not a finite number"):
        one.run(evaluate=plain)
    assert {t.cause for t in one.trials if t.ended} == {Cause.NON_FINITE}
