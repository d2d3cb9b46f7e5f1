"""Grid search: the conformance suite, the points of a grid, and their order."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from engine.space import Categorical, Condition, Float, Integer, SearchSpace, Value
from engine.testing.strategies import spaces
from engine.testing.tuner_suite import MIXED, TunerSuite, drive, score_in
from engine.tuners.base import Proposal, TuningProblem
from engine.tuners.grid import Grid, GridSearch, levels, resolutions, shuffled
from engine.tuners.points import enumerate_space, identify

PLANE = SearchSpace((Float("x", 0.0, 1.0), Float("y", 1e-4, 1.0, log=True)))


class TestCoarse(TunerSuite):
    method = GridSearch
    same_points = True
    options = {"resolution": 3}  # noqa: RUF012


@pytest.mark.parametrize("resolution", [2, 5, 7])
@pytest.mark.parametrize("max_pending", [1, 8])
def test_every_grid_point_is_proposed_exactly_once(resolution: int, max_pending: int) -> None:
    options: dict[str, Value] = {"resolution": resolution}
    tuner = GridSearch(TuningProblem(PLANE, {"x": 0.3, "y": 0.3}, False, options=options))
    told = [p for p, _ in drive(tuner, 1000, max_pending, lambda _: 0.0) if p.origin == "grid"]
    expected = set(itertools.product(*(levels(p, resolution) for p in PLANE.parameters)))
    assert len(told) == len(expected) == resolution**2
    assert {(p.configuration["x"], p.configuration["y"]) for p in told} == expected
    assert tuner.exhausted and tuner.ask() is None


def test_known_configurations_on_the_grid_are_not_repeated() -> None:
    tuner = GridSearch(TuningProblem(PLANE, {"x": 0.5, "y": 1.0}, False, options={"resolution": 3}))
    tuner.ask()
    tuner.adopt(Proposal(1, 1, {"x": 0.0, "y": 1.0}, origin="person"))
    told = list(drive(tuner, 1000, 4, lambda _: 0.0))
    assert len({identify(PLANE, p.configuration) for p, _ in told}) == len(told) == 9


def test_levels_run_from_end_to_end_on_their_scale() -> None:
    assert levels(Float("x", -1.0, 1.0), 5) == (-1.0, -0.5, 0.0, 0.5, 1.0)
    assert levels(Float("x", 1e-4, 1.0, log=True), 5) == pytest.approx((1e-4, 1e-3, 1e-2, 0.1, 1))
    assert levels(Float("x", 2.0, 2.0), 5) == (2.0,)
    assert levels(Integer("n", 1, 3), 5) == (1, 2, 3)
    assert levels(Integer("n", 0, 100), 5) == (0, 25, 50, 75, 100)
    assert levels(Categorical("k", ("a", None, True)), 2) == ("a", None, True)


def test_levels_are_plain_numbers() -> None:
    # The archive and the protocol know no NumPy scalars.
    for parameter in (Float("x", 0.0, 1.0), Float("x", 0.1, 1.0, log=True), Integer("n", 1, 99)):
        assert {type(value) for value in levels(parameter, 4)} <= {int, float}


@given(st.integers(1, 50), st.integers(0, 300), st.booleans(), st.integers(2, 30))
@settings(max_examples=100)
def test_whole_numbers_get_all_the_levels_there_are(
    low: int, width: int, log: bool, resolution: int
) -> None:
    found = levels(Integer("n", low, low + width, log), resolution)
    assert list(found) == sorted(set(found))  # type: ignore[type-var]
    assert len(found) == min(resolution, width + 1)
    assert (found[0], found[-1]) == (low, low + width)


def test_single_numbers_may_have_a_resolution_of_their_own() -> None:
    assert resolutions("") == resolutions(" , ") == {}
    assert resolutions("x=9, y = 3,") == {"x": 9, "y": 3}
    for wrong in ("x", "x=", "=3", "x=a", "x=3.5", "x=-1", "x=9 y=3"):
        with pytest.raises(ValueError, match=wrong):
            resolutions(wrong)
    options: dict[str, Value] = {"resolution": 2, "own": "y=4"}
    tuner = GridSearch(TuningProblem(PLANE, {"x": 0.3, "y": 0.3}, False, options=options))
    told = [p.configuration for p, _ in drive(tuner, 99, 1, lambda _: 0.0) if p.origin == "grid"]
    assert len(told) == 2 * 4
    assert len({c["x"] for c in told}) == 2 and len({c["y"] for c in told}) == 4


def test_inactive_parameters_add_no_points() -> None:
    # rate 5 x trees 5 x (share 5 under a and None, nothing under b) = 25 x 11
    assert Grid(MIXED, 5).size == 275
    nested = SearchSpace(
        (Categorical("a", (True, False)), Categorical("b", (1, 2)), Float("c", 0.0, 1.0)),
        (Condition("b", "a", (True,)), Condition("c", "b", (2,))),
    )
    assert Grid(nested, 4).size == 1 + (1 + 4)


@given(spaces(), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_numbers_and_grid_points_are_one_to_one(space: SearchSpace, resolution: int) -> None:
    grid = Grid(space, resolution)
    points = [grid.point(number) for number in range(min(grid.size, 300))]
    for point in points:
        space.validate(point)
    assert len({identify(space, point) for point in points}) == len(points)
    if space.cardinality() == grid.size <= 300:
        everything = {identify(space, c) for c in enumerate_space(space)}
        assert {identify(space, point) for point in points} == everything


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 25, 1000, 4097])
def test_the_order_is_a_permutation(size: int) -> None:
    order = [shuffled(i, size, b"a key") for i in range(size)]
    assert sorted(order) == list(range(size))
    if size > 10:
        assert order != [shuffled(i, size, b"another") for i in range(size)]


@pytest.mark.parametrize("position", [0, 7])
def test_over_the_seeds_any_point_may_come_anywhere(position: int) -> None:
    seen = Counter(shuffled(position, 25, key.to_bytes(4, "little")) for key in range(2500))
    assert chisquare([seen[point] for point in range(25)]).pvalue > 1e-3


def test_neighbours_in_the_order_are_not_neighbours_on_the_grid() -> None:
    size = 5**10
    order = np.array([shuffled(i, size, b"key") for i in range(400)]) / size
    assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 0.2
    assert np.histogram(order, 4, (0, 1))[0].min() > 70


def test_a_huge_grid_is_never_listed() -> None:
    space = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(200)))
    tuner = GridSearch(TuningProblem(space, {}, False, budget=60))
    told = [p.configuration for p, _ in drive(tuner, 60, 8, score_in(space))][1:]
    assert Grid(space, 5).size == 5**200
    # Spread, although the grid is far larger than the budget: all levels of all parameters.
    for name in space.names:
        assert {c[name] for c in told} == {0.0, 0.25, 0.5, 0.75, 1.0}


def test_a_stopped_grid_is_a_sample_of_the_whole() -> None:
    space = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(3)))
    tuner = GridSearch(TuningProblem(space, {}, False, seed=4, options={"resolution": 10}))
    told = [p.configuration for p, _ in drive(tuner, 101, 1, lambda _: 0.0)][1:]
    for name in space.names:
        counts = Counter(c[name] for c in told)
        assert len(counts) == 10 and max(counts.values()) <= 25
        assert math.isclose(float(np.mean([c[name] for c in told])), 0.5, abs_tol=0.1)  # type: ignore[arg-type]
