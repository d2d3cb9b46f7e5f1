"""When an outer test is enough, when nested resampling would be needed."""

from __future__ import annotations

import pytest

from engine.guide import estimate


@pytest.mark.parametrize(
    ("rows", "known", "choice", "says", "silent"),
    [
        (49, {}, "0", "nested resampling: the whole search again in each of 5", "Keep"),
        (50, {}, "0.2", "Keep about 10 rows of 50", "optimistic"),
        (1_995, {}, "0.2", "Nested resampling would test on every row", "optimistic"),
        (1_996, {}, "0.2", "Keep about 400 rows of 1,996", "Nested resampling"),
        (10_000, {"test_share": 0.01}, "0.01", "known to within 10 points", "optimistic"),
        (10_000, {"test_share": 0.0}, "0.2", "Keep about 2,000 rows", "Nested resampling"),
        (10_000, {"test_rows": 399}, "0", "399 test rows that the search never sees", "Keep"),
    ],
)
def test_estimate(situation, facts, rows, known, choice, says, silent):
    best = estimate.recommend(situation(facts=facts(rows=rows), **known))[0]
    assert best.choice == choice
    assert says in best.reason
    assert silent not in best.reason
    assert best.fits
    assert best.source == "Bischl et al. 2023, nested resampling"
    assert best.would_change


@pytest.mark.parametrize(("rows", "needed"), [(399, True), (400, False)])
def test_nested_resampling_is_needed_for_few_test_rows(situation, facts, rows, needed):
    own = estimate.recommend(situation(facts=facts(rows=5_000), test_rows=rows))[0]
    assert ("Nested resampling would test" in own.reason) == needed
    figure = dict(own.figures)["nested resampling"]
    assert (figure == "not needed") != needed


def test_giving_up_the_test_is_listed_with_its_price(situation, facts):
    ranked = estimate.recommend(situation(facts=facts(rows=1_000), test_share=0.0))
    assert [(r.choice, r.fits) for r in ranked] == [("0.2", True), ("0", False)]
    assert "treat the validation score as optimistic" in ranked[1].reason
    ranked = estimate.recommend(situation(facts=facts(rows=1_000)))
    assert [(r.choice, r.fits) for r in ranked] == [("0.2", True), ("0", False)]
    assert "optimistic" in ranked[1].reason
