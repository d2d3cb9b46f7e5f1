"""Estimate of the final model's performance: an outer test, nested resampling, or the validation
score.

The validation score of the best configuration is optimistic, since it is the best of many; only
rows that the whole search never used tell how good the model is (Bischl et al. 2023, nested
resampling). Sizes follow from the 95 % interval of an accuracy.
"""

from __future__ import annotations

import math

from engine.domain.advice import Recommendation
from engine.guide import recommend_resampling
from engine.guide.sentences import count
from engine.guide.situation import Situation

STEADY = 400
"""Test rows from which an accuracy is known to within 5 points (95 % interval at 50 %, the
widest)."""
FOLDS = 5
"""Outer folds of nested resampling."""

_SOURCE = "Bischl et al. 2023, nested resampling"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend an unbiased estimate, then the alternative. Choices are shares of the rows for the
    outer test (`engine.plan.EvaluationPlan.test_share`)."""
    advised = recommend_resampling.test_share(situation.facts)
    if situation.test_rows is not None:
        return (_own_file(situation, situation.test_rows),)
    share = advised if situation.test_share is None else situation.test_share
    if share == 0:
        none = _no_test(situation, advised)
        return (_kept(situation, advised, ""), none) if advised > 0 else (none,)
    return (_kept(situation, share, _caution(rows_of(situation, share))), _without(situation))


def rows_of(situation: Situation, share: float) -> int:
    """Number of rows of an outer test that takes ``share`` of the table."""
    return math.ceil(situation.facts.rows * share)


def _own_file(situation: Situation, rows: int) -> Recommendation:
    return Recommendation(
        choice="0",
        label="Outer test on your own file",
        reason=f"{count(rows, 'test row')} that the search never sees.{_caution(rows)}",
        source=_SOURCE,
        would_change=f"Nested resampling would be needed with fewer than {STEADY} test rows.",
        figures=_figures(situation, rows),
    )


def _kept(situation: Situation, share: float, caution: str) -> Recommendation:
    rows = rows_of(situation, share)
    return Recommendation(
        choice=f"{share:g}",
        label=f"Outer test on {share:.0%} of the rows",
        reason=(
            f"Keep about {count(rows, 'row')} of {situation.facts.rows:,} out of the whole search: "
            "the best validation score is the best of many, and so better than the truth."
            f"{caution}"
        ),
        source=_SOURCE,
        would_change=(
            f"Nested resampling would be needed with fewer than {STEADY} test rows, if you want "
            "an unbiased score that is precise as well."
            if rows >= STEADY
            else f"The outer test alone would be enough from {STEADY} test rows on."
        ),
        figures=_figures(situation, rows),
    )


def _no_test(situation: Situation, advised: float) -> Recommendation:
    rows = situation.facts.rows
    why = (
        f"{count(rows, 'row')} are too few to spare any for a test"
        if advised == 0
        else "No rows are kept for a test"
    )
    return Recommendation(
        choice="0",
        label="No outer test",
        reason=(
            f"{why}, so treat the validation score as optimistic. An unbiased one would need "
            f"nested resampling: the whole search again in each of {FOLDS} outer folds, "
            f"{FOLDS} times the cost."
        ),
        source=_SOURCE,
        would_change=f"It would change from {recommend_resampling.TEST_LEAST} rows on.",
        figures=_figures(situation, 0),
        fits=advised == 0,
    )


def _without(situation: Situation) -> Recommendation:
    return Recommendation(
        choice="0",
        label="No outer test",
        reason="Every row helps the search, but its validation score is optimistic.",
        source=_SOURCE,
        figures=_figures(situation, 0),
        fits=False,
    )


def _caution(rows: int) -> str:
    if rows >= STEADY:
        return ""
    # Half the 95 % interval of a share, 1.96 sqrt(p (1 - p) / n), at p = 1/2.
    half = min(0.98 / math.sqrt(max(rows, 1)), 0.5)
    return (
        f" With so few, a share of right predictions is only known to within {100 * half:.0f} "
        "points (95 % interval): read the interval, not the score. Nested resampling would test "
        f"on every row, at {FOLDS} times the cost of the search."
    )


def _figures(situation: Situation, rows: int) -> tuple[tuple[str, str], ...]:
    return (
        ("rows", f"{situation.facts.rows:,}"),
        ("test rows", f"{rows:,}" if rows else "none"),
        ("nested resampling", "not needed" if rows >= STEADY else "for an unbiased, precise score"),
    )
