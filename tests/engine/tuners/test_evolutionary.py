"""Vectors, bounds and crossover of the evolutionary methods."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.testing.strategies import spaces
from engine.tuners.evolutionary import complete, crossover, kinds, reflect

KERNEL = SearchSpace(
    (
        Categorical("kernel", ("rbf", "poly", "linear")),
        Float("gamma", 1e-3, 1e3, log=True),
        Integer("degree", 2, 5),
        Float("C", 0.0, 1.0),
    ),
    (Condition("gamma", "kernel", ("rbf", "poly")), Condition("degree", "kernel", ("poly",))),
)


def test_kinds_leave_out_what_has_one_value() -> None:
    space = SearchSpace(
        (
            Float("f", 0.0, 1.0),
            Float("g", 1.0, 1.0),
            Integer("i", 1, 9),
            Integer("two", 0, 1),
            Integer("one", 3, 3),
            Categorical("c", ("a", "b")),
            Categorical("only", ("a",)),
        )
    )
    found = kinds(space)
    names = [[n for n, m in zip(space.names, mask, strict=True) if m] for mask in found]
    assert names == [["f"], ["i"], ["two", "c"]]
    assert found.size == 4


@pytest.mark.parametrize(
    ("outside", "inside"), [(-0.25, 0.25), (1.25, 0.75), (2.5, 0.5), (-1.5, 0.5), (0.3, 0.3)]
)
def test_reflection_mirrors_at_the_bounds(outside: float, inside: float) -> None:
    assert reflect(np.array([outside])) == pytest.approx([inside])


@given(spaces(), st.integers(0, 1000), st.booleans())
def test_a_complete_vector_is_the_configuration_again(
    space: SearchSpace, seed: int, spread: bool
) -> None:
    configuration = space.sample(np.random.default_rng(seed))
    unit = complete(space, configuration, np.random.default_rng(1), spread)
    assert np.isfinite(unit).all()
    again = space.from_unit(unit)
    assert list(again) == list(configuration)
    for name, value in configuration.items():
        if isinstance(value, float) and isinstance(space[name], Float):
            assert math.isclose(again[name], value, rel_tol=1e-9, abs_tol=1e-6)  # type: ignore[arg-type]
        else:
            assert repr(again[name]) == repr(value)


def test_spread_integers_stand_anywhere_in_their_cell() -> None:
    space = SearchSpace((Integer("n", 1, 4),))
    found = [
        complete(space, {"n": 2}, np.random.default_rng(seed), spread=True)[0]
        for seed in range(200)
    ]
    assert min(found) < 0.26 and max(found) > 0.49
    assert complete(space, {"n": 2}, np.random.default_rng(0))[0] == 0.375


@given(spaces(), st.integers(0, 1000))
def test_every_child_is_valid_and_has_its_values_from_its_parents(
    space: SearchSpace, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.random((2, len(space)))
    child = crossover(space, one, other, rng)
    configuration = space.from_unit(child)
    space.validate(configuration)
    parents = [space.from_unit(one), space.from_unit(other)]
    for name, value in configuration.items():
        # Every active value was active in a parent that had it under the same choice.
        condition = space.condition(name)
        above = condition and repr(configuration[condition.parent])
        assert any(
            repr(p.get(name, math.nan)) == repr(value)
            and (condition is None or repr(p[condition.parent]) == above)
            for p in parents
        )


def test_children_mix_freely_under_the_same_choice() -> None:
    poly = (2 - 0.5) / 3
    one, other = np.array([poly, 0.1, 0.2, 0.3]), np.array([poly, 0.6, 0.7, 0.8])
    mixed = {
        tuple(crossover(KERNEL, one, other, np.random.default_rng(seed))[1:3]) for seed in range(50)
    }
    assert len(mixed) == 4


def test_a_child_parameter_comes_with_its_parents_choice() -> None:
    rbf, poly = 0.5 / 3, 1.5 / 3
    one, other = np.array([rbf, 0.1, 0.2, 0.3]), np.array([poly, 0.6, 0.7, 0.8])
    for seed in range(50):
        child = crossover(KERNEL, one, other, np.random.default_rng(seed))
        assert child[0] == rbf if child[1] == 0.1 else child[0] == poly
        assert (child[1] == 0.1) == (child[2] == 0.2)
