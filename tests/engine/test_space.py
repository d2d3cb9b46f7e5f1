"""Search spaces: values, the unit cube, conditions, refusals, JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.errors import SpaceError
from engine.space import (
    Categorical,
    Condition,
    Configuration,
    Float,
    Integer,
    Parameter,
    SearchSpace,
)
from engine.testing.strategies import parameters, spaces, spaces_with_configuration
from engine.tuners.points import enumerate_space, identify

CONDITIONAL = SearchSpace(
    (
        Categorical("kernel", ("rbf", "poly", "linear")),
        Integer("degree", 2, 5),
        Categorical("shifted", (True, False)),
        Float("coef0", 0.0, 1.0),
    ),
    (
        Condition("degree", "kernel", ("poly",)),
        Condition("shifted", "kernel", ("poly",)),
        Condition("coef0", "shifted", (True,)),
    ),
)


@given(parameters("p"), st.floats(0, 1))
def test_the_unit_interval_maps_into_the_range(parameter: Parameter, unit: float) -> None:
    value: Any = parameter.from_unit(unit)
    assert parameter.contains(value)
    assert 0 <= parameter.to_unit(value) <= 1


@given(parameters("p"), st.floats(0, 1))
def test_values_survive_the_unit_interval(parameter: Parameter, unit: float) -> None:
    value: Any = parameter.from_unit(unit)
    again = parameter.from_unit(parameter.to_unit(value))
    if isinstance(parameter, Float):
        assert again == pytest.approx(value, rel=1e-9, abs=1e-9 * (parameter.high - parameter.low))
    else:
        assert (type(again), again) == (type(value), value)


@given(parameters("p"))
def test_the_ends_are_reached(parameter: Parameter) -> None:
    low, high = parameter.from_unit(0.0), parameter.from_unit(1.0)
    if isinstance(parameter, Categorical):
        assert (low, high) == (parameter.choices[0], parameter.choices[-1])
    else:
        assert low == pytest.approx(parameter.low)
        assert high == pytest.approx(parameter.high)


@given(spaces_with_configuration())
def test_samples_are_valid_and_survive_the_unit_cube(
    given_: tuple[SearchSpace, Configuration],
) -> None:
    space, configuration = given_
    space.validate(configuration)
    unit = space.to_unit(configuration)
    assert unit.shape == (len(space),)
    active = [space.is_active(name, configuration) for name in space.names]
    assert np.array_equal(np.isfinite(unit), active)
    assert space.from_unit(unit) == pytest.approx(configuration)
    assert space.nearest(configuration) == configuration


@given(spaces_with_configuration(), spaces())
def test_nearest_makes_anything_valid(
    given_: tuple[SearchSpace, Configuration], other: SearchSpace
) -> None:
    other.validate(other.nearest(given_[1]))
    other.validate(other.nearest({}))


@given(spaces())
def test_a_space_survives_json(space: SearchSpace) -> None:
    assert msgspec.json.decode(msgspec.json.encode(space), type=SearchSpace) == space


@given(spaces(most=3), st.integers(0, 100))
def test_cardinality_is_the_number_of_configurations(space: SearchSpace, seed: int) -> None:
    size = space.cardinality()
    if size > 500:
        return
    every = [identify(space, c) for c in enumerate_space(space)]
    assert len(every) == len(set(every)) == size
    sampled = space.sample(np.random.default_rng(seed))
    assert identify(space, sampled) in every


def test_cardinality_with_a_float_is_infinite_only_where_it_is_active() -> None:
    assert CONDITIONAL.cardinality() == math.inf
    without = SearchSpace(CONDITIONAL.parameters[:3], CONDITIONAL.conditions[:2])
    assert without.cardinality() == 2 + 4 * 2
    assert SearchSpace().cardinality() == 1


def test_log_floats_are_uniform_on_the_log_axis() -> None:
    rng = np.random.default_rng(0)
    space = SearchSpace((Float("x", 1e-4, 1e4, log=True),))
    values = np.array([space.sample(rng)["x"] for _ in range(2000)], dtype=float)
    share = (np.log10(values) + 4) / 8
    assert stats.kstest(share, "uniform").pvalue > 0.01
    assert stats.kstest(values / 1e4, "uniform").pvalue < 1e-6


def test_integers_are_uniform_and_no_end_is_favoured() -> None:
    rng = np.random.default_rng(0)
    space = SearchSpace((Integer("n", 1, 5),))
    counts = np.bincount([int(str(space.sample(rng)["n"])) for _ in range(5000)])[1:]
    assert stats.chisquare(counts).pvalue > 0.01


def test_log_integers_own_the_cells_of_their_logarithms() -> None:
    rng = np.random.default_rng(0)
    space = SearchSpace((Integer("n", 1, 8, log=True),))
    drawn = np.bincount([int(str(space.sample(rng)["n"])) for _ in range(5000)])[1:]
    edges = np.log(np.arange(0.5, 9.0))
    expected = np.diff(edges) / (edges[-1] - edges[0]) * 5000
    assert stats.chisquare(drawn, expected).pvalue > 0.01


def test_conditions_decide_what_is_active() -> None:
    rng = np.random.default_rng(1)
    seen = {tuple(CONDITIONAL.sample(rng)) for _ in range(200)}
    assert seen == {
        ("kernel",),
        ("kernel", "degree", "shifted"),
        ("kernel", "degree", "shifted", "coef0"),
    }


def test_a_condition_does_not_shift_the_draws_after_it() -> None:
    free = Float("x", 0.0, 1.0)
    child = Float("c", 0.0, 1.0)
    parent = Categorical("k", ("a", "b"))
    bound = SearchSpace((parent, child, free), (Condition("c", "k", ("a",)),))
    for seed in range(20):
        one = bound.sample(np.random.default_rng(seed))
        two = SearchSpace((parent, child, free)).sample(np.random.default_rng(seed))
        assert one["x"] == two["x"]


@pytest.mark.parametrize(
    ("configuration", "code", "named"),
    [
        ({"kernel": "rbf", "degree": 3}, "space.inactive", "degree has no meaning"),
        ({"kernel": "poly", "shifted": False}, "space.missing", "degree"),
        ({"kernel": "cubic"}, "space.value", "one of rbf, poly, linear"),
        ({"kernel": "poly", "degree": 2.0, "shifted": False}, "space.value", "from 2 to 5"),
        ({"kernel": "poly", "degree": True, "shifted": False}, "space.value", "degree"),
        ({"kernel": "poly", "degree": 9, "shifted": False}, "space.value", "degree"),
        ({"kernel": "poly", "degree": 2, "shifted": 0}, "space.value", "shifted"),
        ({"kernel": "rbf", "gamma": 1.0}, "plan.unknown", "gamma"),
    ],
)
def test_configurations_outside_are_refused_in_words(
    configuration: Configuration, code: str, named: str
) -> None:
    with pytest.raises(SpaceError) as caught:
        CONDITIONAL.validate(configuration)
    assert caught.value.code == code
    assert named in str(caught.value)


X = Float("x", 0.0, 1.0)


A = Categorical("k", ("a",))
IMPOSSIBLE: dict[str, tuple[Callable[[], object], str, str]] = {
    "float upside down": (lambda: Float("x", 2.0, 1.0), "space.order", "space.x.high"),
    "no number": (lambda: Float("x", math.nan, 1.0), "space.finite", "space.x.low"),
    "infinite": (lambda: Float("x", 0.0, math.inf), "space.finite", "space.x.high"),
    "log from zero": (lambda: Float("x", 0.0, 1.0, log=True), "space.log", "space.x.low"),
    "integer upside down": (lambda: Integer("x", 3, 2), "space.order", "space.x.high"),
    "log integer from zero": (lambda: Integer("x", 0, 2, log=True), "space.log", "space.x.low"),
    "half an integer": (
        lambda: Integer("x", 1, 2.5),  # type: ignore[arg-type]
        "space.integer",
        "space.x",
    ),
    "boolean as integer": (lambda: Integer("x", True, 2), "space.integer", "space.x"),
    "no choice": (lambda: Categorical("x", ()), "space.choices", "space.x.choices"),
    "a choice twice": (lambda: Categorical("x", ("a", "a")), "space.choices", "space.x.choices"),
    "a name twice": (lambda: SearchSpace((X, X)), "space.name", "space.x"),
    "no parent": (
        lambda: SearchSpace((X,), (Condition("x", "k", ("a",)),)),
        "space.condition",
        "space.x",
    ),
    "parent after child": (
        lambda: SearchSpace((X, A), (Condition("x", "k", ("a",)),)),
        "space.condition",
        "space.x",
    ),
    "no child": (
        lambda: SearchSpace((X,), (Condition("y", "x", (0.5,)),)),
        "space.condition",
        "space.y",
    ),
    "a value the parent never has": (
        lambda: SearchSpace((A, X), (Condition("x", "k", ("b",)),)),
        "space.condition",
        "space.x",
    ),
    "a condition without values": (
        lambda: SearchSpace((A, X), (Condition("x", "k", ()),)),
        "space.condition",
        "space.x",
    ),
    "two conditions": (
        lambda: SearchSpace((A, X), (Condition("x", "k", ("a",)),) * 2),
        "space.condition",
        "space.x",
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_impossible_spaces_are_refused_at_the_field(case: str) -> None:
    make, code, field = IMPOSSIBLE[case]
    with pytest.raises(SpaceError) as caught:
        make()
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.exit_status == 2


def test_choices_are_told_apart_by_type() -> None:
    mixed = Categorical("k", (True, 1, 1.0, "1", None))
    assert [mixed.index(choice) for choice in mixed.choices] == [0, 1, 2, 3, 4]
    assert not Categorical("k", (True, False)).contains(1)
    assert not Categorical("k", (1, 0)).contains(True)


def test_a_space_of_single_values() -> None:
    space = SearchSpace((Float("x", 2.0, 2.0), Integer("n", 3, 3), Categorical("k", ("a",))))
    assert space.cardinality() == 1
    assert space.sample(np.random.default_rng(0)) == {"x": 2.0, "n": 3, "k": "a"}
    assert np.array_equal(space.to_unit({"x": 2.0, "n": 3, "k": "a"}), [0.5, 0.5, 0.5])


def test_the_wrong_number_of_coordinates_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        CONDITIONAL.from_unit(np.zeros(3))


@pytest.mark.parametrize(
    "parameter", [Float("x", 0.0, 2.0), Float("x", 0.1, 2.0, log=True), Integer("x", 1, 9)]
)
def test_values_are_plain_numbers_whatever_they_come_from(parameter) -> None:
    assert type(parameter.from_unit(np.float64(0.3))) in (int, float)
