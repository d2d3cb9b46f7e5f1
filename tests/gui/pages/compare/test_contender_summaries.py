"""The rows of figures of a comparison."""

from __future__ import annotations

import pytest

from engine.domain.comparison import Case, Comparison, Contender, Member
from engine.plan import Budget, MethodPlan
from gui.pages.compare.contender_summaries import contender_summaries


def comparison(scores: dict[str, list[float | None]], *, maximise: bool = True) -> Comparison:
    """One case; ``scores`` on the test rows by contender, None for a search that is under way."""
    repetitions = len(next(iter(scores.values())))
    return Comparison(
        kind="compare",
        measure="accuracy",
        measure_label="Accuracy",
        maximise=maximise,
        budget=Budget(evaluations=10),
        cases=(Case("wine", "builtin:wine", "target", "svm", 142, 36),),
        contenders=tuple(Contender(name, name.upper(), MethodPlan(name)) for name in scores),
        repetitions=repetitions,
        members=tuple(
            Member(
                "wine",
                name,
                repetition,
                state="running" if score is None else "finished",
                path=f"/{name}{repetition}",
                test=score,
                validation=None if score is None else score + 0.01,
                seconds=10.0 * (repetition + 1),
            )
            for name, row in scores.items()
            for repetition, score in enumerate(row)
        ),
    )


def test_means_spreads_and_shared_places():
    a, b, c = contender_summaries(comparison({"a": [0.9, 0.8], "b": [0.8, 0.8], "c": [0.7, 0.6]}))
    assert (a.mean, b.mean, c.mean) == pytest.approx((0.85, 0.8, 0.65))
    assert (a.rank, b.rank, c.rank) == (1.25, 1.75, 3.0)
    assert a.spread == pytest.approx(0.0707107)
    assert a.validation == pytest.approx(0.86)
    assert a.seconds == 15.0
    assert (a.done, a.total) == (2, 2)


def test_smaller_is_better_where_it_is():
    a, b = contender_summaries(comparison({"a": [0.1], "b": [0.2]}, maximise=False))
    assert (a.rank, b.rank) == (1.0, 2.0)
    assert a.spread is None


def test_only_what_all_have_done_is_ranked():
    a, b = contender_summaries(comparison({"a": [0.9, 0.5], "b": [0.8, None]}))
    assert (a.rank, b.rank) == (1.0, 2.0)
    assert (b.done, b.total) == (1, 2)
    nothing, _ = contender_summaries(comparison({"a": [None], "b": [None]}))
    assert (nothing.mean, nothing.rank, nothing.seconds) == (None, None, None)
