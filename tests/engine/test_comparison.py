"""The record of a comparison: final scores by case, contender and repetition."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.domain.comparison import DEFAULT, Case, Comparison, Contender, Member
from engine.plan import Budget, MethodPlan


def comparison(*members: Member, test_rows: int = 10) -> Comparison:
    return Comparison(
        kind="compare",
        measure="accuracy",
        measure_label="Accuracy",
        maximise=True,
        budget=Budget(evaluations=5),
        cases=(Case("wine, svm", "builtin:wine", "target", "svm", 100, test_rows),),
        contenders=(
            Contender("tpe", "TPE", MethodPlan("tpe")),
            Contender(DEFAULT, "Default", reference=True),
        ),
        repetitions=2,
        members=members,
    )


def member(contender: str, repetition: int, test: float | None, **more) -> Member:
    state = more.pop("state", "finished")
    return Member("wine, svm", contender, repetition, state, test=test, **more)


def test_scores_stand_by_case_contender_and_repetition() -> None:
    found = comparison(member(DEFAULT, 1, 0.7), member("tpe", 0, 0.9, validation=0.95)).scores()
    expected = np.array([[[0.9, np.nan], [np.nan, 0.7]]])
    np.testing.assert_array_equal(found, expected)


def test_a_search_under_way_has_no_final_score() -> None:
    found = comparison(member("tpe", 0, None, validation=0.9, state="running"))
    assert np.isnan(found.scores("validation")).all()
    assert found.member("wine, svm", "tpe", 0) is not None
    assert found.member("wine, svm", "tpe", 1) is None


def test_without_test_rows_the_validation_score_judges() -> None:
    found = comparison(member("tpe", 0, None, validation=0.9), test_rows=0)
    assert found.judge == "validation"
    assert found.scores()[0, 0, 0] == 0.9


def test_it_travels_as_json() -> None:
    made = comparison(member("tpe", 0, 0.9))
    assert msgspec.json.decode(msgspec.json.encode(made), type=Comparison) == made
