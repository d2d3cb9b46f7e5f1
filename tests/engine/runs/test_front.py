"""The front of a run's trials."""

from __future__ import annotations

import pytest

from engine.domain.trials import TrialRecord, TrialState
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
)
from engine.runs.front import front_of
from engine.space import Float, SearchSpace


def plan(*further_measures: str) -> Plan:
    return Plan(
        data=DataPlan("builtin:wine", target="target"),
        learner=LearnerPlan("svm"),
        search=Configurations(SearchSpace((Float("C", 1e-3, 1e3, log=True),)), MethodPlan("nsga2")),
        evaluation=EvaluationPlan("accuracy", further_measures=further_measures),
        budget=Budget(evaluations=20),
    )


def trials(*values: tuple[float, ...]) -> list[TrialRecord]:
    return [
        TrialRecord(n, {}, TrialState.COMPLETE, value[0], value[1:])
        for n, value in enumerate(values)
    ]


def test_the_best_by_the_tuned_measure_comes_first() -> None:
    made = trials((0.8, 1.0), (0.9, 3.0), (0.7, 2.0), (0.9, 4.0), (0.85, 2.0))
    found = front_of(plan("fit_seconds"), made)
    assert [(m.trial, m.values) for m in found] == [
        (1, (0.9, 3.0)),
        (4, (0.85, 2.0)),
        (0, (0.8, 1.0)),
    ]


def test_of_equals_the_first_is_meant() -> None:
    made = trials((0.9, 1.0), (0.9, 1.0), (0.95, 2.0))
    assert [m.trial for m in front_of(plan("fit_seconds"), reversed(made))] == [2, 0]


@pytest.mark.parametrize("state", [s for s in TrialState if s is not TrialState.COMPLETE])
def test_only_complete_trials_count(state: TrialState) -> None:
    good, bad = trials((0.9, 1.0), (0.8, 2.0))
    good.state = state
    assert [m.trial for m in front_of(plan("fit_seconds"), [good, bad])] == [1]


def test_with_one_measure_it_is_the_best() -> None:
    assert [m.trial for m in front_of(plan(), trials((0.8,), (0.9,), (0.9,)))] == [1]
    assert front_of(plan(), []) == ()
