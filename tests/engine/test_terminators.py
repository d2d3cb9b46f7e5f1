"""When a search ends."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan import Budget
from engine.terminators import (
    AnyOf,
    BudgetUse,
    Evaluations,
    Seconds,
    Stagnation,
    Target,
    Terminator,
    of,
)

amounts = st.floats(0.01, 1e6)
budget_uses = st.builds(
    BudgetUse,
    evaluations=st.floats(0, 1e6),
    elapsed=st.floats(0, 1e6),
    best=st.none() | st.floats(allow_nan=True, allow_infinity=False),
    since_improvement=st.floats(0, 1e6),
)
simple: st.SearchStrategy[Terminator] = (
    st.builds(Evaluations, amounts)
    | st.builds(Seconds, amounts)
    | st.builds(Stagnation, amounts)
    | st.builds(Target, st.floats(-1e3, 1e3), st.booleans())
)
terminators: st.SearchStrategy[Terminator] = st.recursive(
    simple,
    lambda inner: st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=5,
)


@given(terminators, budget_uses)
def test_reached_fraction_and_reason_agree(terminator: Terminator, used: BudgetUse) -> None:
    reached = terminator.reached(used)
    fraction = terminator.fraction(used)
    assert 0 <= fraction <= 1
    assert (fraction == 1) == reached
    assert bool(terminator.reason(used)) == reached


@given(terminators, budget_uses, amounts)
def test_more_work_never_undoes_an_end(
    terminator: Terminator, used: BudgetUse, more: float
) -> None:
    later = BudgetUse(
        used.evaluations + more,
        used.elapsed + more,
        used.best,
        used.since_improvement + more,
    )
    assert terminator.reached(later) >= terminator.reached(used)
    assert terminator.fraction(later) >= terminator.fraction(used)


@given(st.lists(simple, min_size=1, max_size=4).map(tuple), budget_uses)
def test_any_of_is_what_it_says(parts: tuple[Terminator, ...], used: BudgetUse) -> None:
    reached = [part.reached(used) for part in parts]
    assert AnyOf(parts).reached(used) == any(reached)


def test_without_parts_nothing_ends() -> None:
    combined, used = AnyOf(()), BudgetUse(1e9, 1e9, 1.0, 1e9)
    assert not combined.reached(used)
    assert combined.fraction(used) == 0
    assert combined.reason(used) == ""


def test_shares_of_folds_add_up_to_whole_evaluations() -> None:
    spent = 0.0
    for _ in range(3 * 7):
        spent += 1 / 3
    assert spent != 7
    assert Evaluations(7).reached(BudgetUse(evaluations=spent))
    assert not Evaluations(7).reached(BudgetUse(evaluations=7 - 1 / 3))


@pytest.mark.parametrize(
    ("best", "maximise", "reached"),
    [
        (0.9, True, True),
        (0.95, True, True),
        (0.85, True, False),
        (0.85, False, True),
        (0.95, False, False),
        (None, True, False),
        (math.nan, True, False),
        (math.nan, False, False),
    ],
)
def test_a_target_is_met_from_its_own_side(
    best: float | None, maximise: bool, reached: bool
) -> None:
    assert Target(0.9, maximise).reached(BudgetUse(best=best)) is reached


def test_a_budget_ends_at_whichever_comes_first() -> None:
    ends = of(Budget(evaluations=10, seconds=60, target=0.9, stagnation=5), maximise=True)
    assert not ends.reached(BudgetUse(9, 59, 0.89, 4))
    assert ends.reason(BudgetUse(10, 0)) == "The budget of 10 evaluations is spent."
    assert ends.reason(BudgetUse(1, 60)) == "The 60 seconds are over."
    assert Seconds(1).reason(BudgetUse(1, 60)) == "The 1 second is over."
    assert ends.reason(BudgetUse(1, 0, 0.91)) == "The target of 0.9 is met."
    assert ends.reason(BudgetUse(6, 0, 0.5, 5)) == "The score has not improved for 5 evaluations."
    assert ends.fraction(BudgetUse(2, 30, None, 1)) == 0.5


def test_a_single_evaluation_is_not_plural() -> None:
    sentence = Evaluations(1).reason(BudgetUse(evaluations=1))
    assert sentence == "The budget of 1 evaluation is spent."


def test_an_empty_budget_never_ends() -> None:
    assert of(Budget(), maximise=True) == AnyOf(())
