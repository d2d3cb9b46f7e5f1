"""Configurations as rows, a column at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.unit_rows import unit_rows
from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.testing.strategies import spaces


def columns(space, configurations):
    made = {}
    for name in space.names:
        made[name] = np.empty(len(configurations), object)
        made[name][:] = [c.get(name) for c in configurations]
    return made


@given(spaces(), st.integers(0, 50))
def test_rows_are_those_of_the_space(space, seed):
    random = np.random.default_rng(seed)
    configurations = [space.sample(random) for _ in range(5)]
    rows, inside = unit_rows(space, columns(space, configurations), 5)
    np.testing.assert_allclose(rows, [space.to_unit(c) for c in configurations], atol=1e-12)
    assert inside.all()


@pytest.mark.parametrize("value", [0.5, 30, True, "a", None, float("nan"), 2.0])
def test_what_lies_outside_is_told(value):
    space = SearchSpace((Integer("depth", 1, 8),))
    rows, inside = unit_rows(space, columns(space, [{"depth": value}, {"depth": 2}]), 2)
    assert inside.tolist() == [False, True]
    assert np.isnan(rows[0, 0])


def test_none_may_be_a_choice_or_mean_inactive():
    space = SearchSpace(
        (Categorical("kind", (None, True, 1)), Float("share", 0, 1)),
        (Condition("share", "kind", (None,)),),
    )
    made = [{"kind": None, "share": 0.25}, {"kind": True}, {"kind": 1}]
    rows, inside = unit_rows(space, columns(space, made), 3)
    np.testing.assert_allclose(rows[:, 0], [1 / 6, 0.5, 5 / 6])
    np.testing.assert_array_equal(rows[:, 1], [0.25, np.nan, np.nan])
    assert inside.all()
    assert not unit_rows(space, columns(space, [{"kind": None}]), 1)[1].any()
