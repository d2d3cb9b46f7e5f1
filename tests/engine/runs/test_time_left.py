"""What folds say of the time left."""

from __future__ import annotations

import pytest

from engine.domain.trials import Cause, FoldResult
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
    Resampling,
)
from engine.runs.time_left import TimeLeft
from engine.space import Float, SearchSpace
from engine.terminators import BudgetUse

FOLDS = 4


def watch(method: str = "random", learner: str = "random_forest", **options: object) -> TimeLeft:
    return TimeLeft(
        Plan(
            data=DataPlan("builtin:wine"),
            learner=LearnerPlan(learner),
            search=Configurations(
                SearchSpace((Float("max_features", 0.1, 1.0),)), MethodPlan(method, {**options})
            ),
            evaluation=EvaluationPlan("accuracy", Resampling(folds=FOLDS)),
            budget=Budget(evaluations=20),
        )
    )


def left(watched: TimeLeft, done: float) -> float | None:
    return watched.seconds(BudgetUse(done, 60.0, None, 0.0))


def trials(watched: TimeLeft, count: int, seconds: float, fidelities=(1.0,), first=0) -> None:
    """``count`` trials, a fold at fidelity f taking ``seconds`` for each share that it adds."""
    for trial in range(first, first + count):
        before = 0.0
        for fidelity in fidelities:
            for fold in range(FOLDS):
                took = seconds * (fidelity - before)
                watched.observe(FoldResult(trial, fold, fidelity=fidelity, seconds=took))
            before = fidelity


def test_full_evaluations_count_as_they_are():
    watched = watch()
    trials(watched, 3, 2.0)
    assert left(watched, 3) is None  # too few to tell
    watched = watch()
    trials(watched, 5, 2.0)
    assert left(watched, 5) == pytest.approx(15 * FOLDS * 2.0)


def test_small_fits_count_their_share():
    """36 trials at 1/9 are four full evaluations, not 36."""
    watched = watch("halving", fidelity="model")
    trials(watched, 36, 9.0, (1 / 9,))
    assert left(watched, 4) == pytest.approx(16 * FOLDS * 9.0)


def test_fits_that_go_on_count_what_they_add():
    watched = watch("halving", fidelity="model")
    trials(watched, 6, 9.0, (1 / 9, 1 / 3, 1.0))
    assert left(watched, 6) == pytest.approx(14 * FOLDS * 9.0)


def test_fits_on_rows_begin_anew():
    watched = watch("halving", fidelity="rows")
    for trial in range(5):
        for fold in range(FOLDS):
            watched.observe(FoldResult(trial, fold, fidelity=0.5, seconds=1.0))
            watched.observe(FoldResult(trial, fold, fidelity=1.0, seconds=2.0))
    assert left(watched, 7.5) == pytest.approx(12.5 * FOLDS * 2.0)


def test_trials_of_some_folds_count_these():
    """Of a race: two folds each of ten trials are five full evaluations."""
    watched = watch("racing")
    for trial in range(10):
        for fold in range(2):
            watched.observe(FoldResult(trial, fold, seconds=3.0))
    assert left(watched, 5) == pytest.approx(15 * FOLDS * 3.0)


def test_failed_folds_say_nothing():
    watched = watch()
    trials(watched, 4, 2.0)
    for fold in range(FOLDS):
        watched.observe(FoldResult(9, fold, seconds=500.0, cause=Cause.TIMEOUT))
    assert left(watched, 5) == pytest.approx(15 * FOLDS * 2.0)
