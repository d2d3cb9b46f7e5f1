"""The probe: what folds of the default configuration cost and give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pytest

from engine.domain.advice import ProbeResult
from engine.domain.trials import FoldResult
from engine.errors import Cancelled, RunError
from engine.plan import Plan, Resampling, replace
from engine.runs import planning
from engine.runs.probe import ALLOWANCE, MOST, probe
from engine.search.spec import FOLD_FUNCTION
from engine.space import Value
from engine.testing.inline_workers import InlineWorkers

WINE = planning.DataPlan("builtin:wine", target="target", task="multiclass")
FOLDS = Resampling(folds=20)
Fold = Callable[[str, Mapping[str, Value], int, int], FoldResult]


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    """A plan for each learner, with 20 folds."""
    return {
        learner: replace(
            planning.draft(WINE, workers_available=2, learner=learner).plan,
            {"evaluation.resampling": FOLDS},
        )
        for learner in ("svm", "random_forest")
    }


def measured(plan: Plan, fold: Fold, workers: int = 2) -> ProbeResult:
    return probe(plan, InlineWorkers(workers, {FOLD_FUNCTION: fold}))


def folded(scores: dict[str, float], seconds: float) -> FoldResult:
    return FoldResult(scores=scores, seconds=seconds, fit_seconds=seconds)


def quick(folder, configuration, fold: int, seed: int) -> FoldResult:
    """Scores that name the fold; the first takes long, as on a worker that has just begun."""
    scores = {"accuracy": 0.8 + 0.01 * fold, "log_loss": math.nan if fold == 3 else 0.5}
    return folded(scores, 1.5 if fold == 0 else 0.1 + 0.01 * fold)


def test_quick_folds_tell_cost_and_noise(plans) -> None:
    found = measured(plans["svm"], quick)
    assert found.fold_scores["accuracy"] == pytest.approx([0.8 + 0.01 * i for i in range(MOST)])
    assert found.fold_scores["log_loss"] == (0.5,) * (MOST - 1)
    assert found.score == pytest.approx(0.845)
    assert found.seconds == pytest.approx(0.15)  # the median of the others
    assert found.evaluation_seconds == pytest.approx(20 * 0.15)
    assert found.resampling == FOLDS
    assert (found.fidelity_parameter, found.size) == ("", 0)


def test_slow_folds_are_not_repeated(plans) -> None:
    asked: list[int] = []

    def slow(folder, configuration, fold: int, seed: int) -> FoldResult:
        asked.append(fold)
        return folded({"accuracy": 0.9}, ALLOWANCE + 0.1)

    found = measured(plans["svm"], slow)
    assert asked == [0]
    assert found.seconds == ALLOWANCE + 0.1
    assert found.fold_scores == {"accuracy": (0.9,)}


def test_no_folds_are_begun_after_a_moment(plans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.probe.ALLOWANCE", 0.0)

    def instant(folder, configuration, fold: int, seed: int) -> FoldResult:
        return folded({"accuracy": 0.9}, 0.0)

    assert len(measured(plans["svm"], instant).fold_scores["accuracy"]) == 2


def test_there_are_no_more_folds_than_the_plan_has(plans) -> None:
    holdout = replace(plans["svm"], {"evaluation.resampling": Resampling("holdout")})
    assert measured(holdout, quick).fold_scores["accuracy"] == (0.8,)


def test_the_size_of_what_grows_is_told(plans) -> None:
    found = measured(plans["random_forest"], quick)
    assert (found.fidelity_parameter, found.size) == ("n_estimators", 100)
    held = {"learner.fixed": {"n_estimators": 30}, "space": plans["svm"].space}
    assert measured(replace(plans["random_forest"], held), quick).size == 30


def test_only_a_first_fold_that_fails_is_a_fault(plans) -> None:
    def failing(*which: int) -> Fold:
        def fold(folder, configuration, fold: int, seed: int) -> FoldResult:
            if fold in which:
                raise ValueError("too steep")
            return quick(folder, configuration, fold, seed)

        return fold

    found = measured(plans["svm"], failing(2, 4))
    assert len(found.fold_scores["accuracy"]) == MOST - 2
    with pytest.raises(RunError, match=r"default configuration can't be fitted: .*too steep"):
        measured(plans["svm"], failing(0))


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_a_cancelled_probe_leaves_the_workers_idle(plans, after: int) -> None:
    done: list[int] = []

    def fold(folder, configuration, fold: int, seed: int) -> FoldResult:
        done.append(fold)
        return quick(folder, configuration, fold, seed)

    workers = InlineWorkers(3, {FOLD_FUNCTION: fold})
    with pytest.raises(Cancelled):
        probe(plans["svm"], workers, lambda: len(done) >= after)
    assert len(done) == after
    assert workers.idle == 3
