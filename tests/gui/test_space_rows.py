"""The search space as rows, and back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpaceError
from engine.space import Categorical, Condition, Float, SearchSpace
from gui import space_rows
from gui.space_rows import Row

DEFAULT = {"C": 1.0, "depth": 5, "kernel": "rbf", "gamma": 0.1}


@pytest.fixture
def rows(space: SearchSpace) -> dict[str, Row]:
    return {row.name: row for row in space_rows.rows(space, space, DEFAULT, {})}


def fix(row: Row, value: object) -> Row:
    return msgspec.structs.replace(row, tuned=False, fixed=value)


def test_there_and_back(space: SearchSpace, rows: dict[str, Row]) -> None:
    assert space_rows.build(list(rows.values())) == (space, {})
    assert not any(row.edited for row in rows.values())


def test_what_is_fixed_leaves_the_space(rows: dict[str, Row]) -> None:
    rows["depth"] = fix(rows["depth"], 7)
    space, fixed = space_rows.build(list(rows.values()))
    assert fixed == {"depth": 7}
    assert space.names == ("C", "kernel", "gamma")


def test_a_child_of_a_fixed_parent_is_free_or_gone(rows: dict[str, Row]) -> None:
    rows["kernel"] = fix(rows["kernel"], "rbf")
    space, _ = space_rows.build(list(rows.values()))
    assert "gamma" in space.names
    assert space.conditions == ()
    rows["kernel"] = fix(rows["kernel"], "poly")
    space, fixed = space_rows.build(list(rows.values()))
    assert "gamma" not in space.names
    assert "gamma" not in fixed


def test_a_choice_taken_away_narrows_the_condition() -> None:
    recommended = SearchSpace(
        (Categorical("kernel", ("rbf", "poly", "linear")), Float("gamma", 0.1, 1.0)),
        (Condition("gamma", "kernel", ("rbf", "poly")),),
    )
    kernel, gamma = space_rows.rows(recommended, recommended, {}, {})
    space, _ = space_rows.build([space_rows.with_choices(kernel, ("rbf", "linear")), gamma])
    assert space.conditions == (Condition("gamma", "kernel", ("rbf",)),)


def test_nothing_left_to_tune_is_said(rows: dict[str, Row]) -> None:
    with pytest.raises(SpaceError) as error:
        space_rows.build([fix(row, row.fixed) for row in rows.values()])
    assert error.value.code == "space.empty"


@pytest.mark.parametrize(
    ("low", "high", "code"), [(5.0, 1.0, "space.order"), (-1.0, 1.0, "space.log")]
)
def test_impossible_ranges_are_refused(
    rows: dict[str, Row], low: float, high: float, code: str
) -> None:
    with pytest.raises(SpaceError) as error:
        space_rows.with_range(rows["C"], low=low, high=high)
    assert error.value.code == code


def test_whole_numbers_stay_whole(rows: dict[str, Row]) -> None:
    assert space_rows.with_range(rows["depth"], low=2.0).parameter.low == 2  # type: ignore[union-attr]
    with pytest.raises(SpaceError):
        space_rows.with_range(rows["depth"], low=2.5)


def test_a_fixed_value_must_be_of_its_kind(rows: dict[str, Row]) -> None:
    rows["depth"] = fix(rows["depth"], 2.5)
    with pytest.raises(SpaceError) as error:
        space_rows.build(list(rows.values()))
    assert error.value.field == "learner.fixed.depth"


@given(off=st.sets(st.sampled_from(["C", "depth", "kernel", "gamma"]), max_size=3))
def test_switching_off_and_on_again_changes_nothing(off: set[str]) -> None:
    space = SearchSpace(
        (
            Float("C", 0.01, 100.0, log=True),
            Float("depth", 1, 20),
            Categorical("kernel", ("rbf", "poly")),
            Float("gamma", 0.001, 1.0, log=True),
        ),
        (Condition("gamma", "kernel", ("rbf",)),),
    )
    before = space_rows.rows(space, space, {**DEFAULT, "depth": 5.0}, {})
    some = [msgspec.structs.replace(r, tuned=r.name not in off) for r in before]
    smaller, fixed = space_rows.build(some)
    shown = space_rows.rows(smaller, space, {**DEFAULT, "depth": 5.0}, fixed)
    assert {row.name for row in shown if not row.tuned} == off
    again = [msgspec.structs.replace(row, tuned=True) for row in shown]
    assert space_rows.build(again) == (space, {})
