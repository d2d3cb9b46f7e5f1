"""New configurations for a race, drawn from a model of all that raced; who is how far behind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space import Configuration, Float, Integer, SearchSpace
from engine.testing.strategies import spaces
from engine.tuners.points import Key, identify
from engine.tuners.race.entrants import Entrant, behind
from engine.tuners.race.race_density import likely
from engine.tuners.race.sampling import initial

PLANE = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))


def seen(space: SearchSpace, count: int) -> list[Configuration]:
    rng = np.random.default_rng(0)
    return [space.sample(rng) for _ in range(count)]


def away(configuration: Configuration) -> float:
    return math.dist(tuple(configuration.values()), (0.2, 0.8))  # type: ignore[arg-type]


def test_new_ones_lie_where_the_good_ones_do() -> None:
    raced = seen(PLANE, 40)
    new = likely(PLANE, raced, list(map(away, raced)), 30, set(), np.random.default_rng(1))
    assert np.median([away(c.configuration) for c in new]) < 0.5 * np.median(list(map(away, raced)))
    assert {child.parent for child in new} == {None}


def test_failures_are_kept_away_from() -> None:
    raced = seen(PLANE, 60)
    scores = [math.inf if float(c["x"]) > 0.5 else float(c["y"]) for c in raced]  # type: ignore[arg-type]
    new = likely(PLANE, raced, scores, 30, set(), np.random.default_rng(1))
    assert np.mean([float(c.configuration["x"]) > 0.5 for c in new]) < 0.2  # type: ignore[arg-type]


def test_without_enough_to_learn_from_draws_are_uniform() -> None:
    for raced in ([], seen(PLANE, 5)):
        scores = list(map(away, raced))
        new = likely(PLANE, raced, scores, 300, set(), np.random.default_rng(1))
        x = [float(child.configuration["x"]) for child in new]  # type: ignore[arg-type]
        assert np.mean(x) == pytest.approx(0.5, abs=0.05)
        assert np.std(x) == pytest.approx(math.sqrt(1 / 12), abs=0.03)


@given(spaces(), st.integers(0, 12), st.integers(0, 100))
@settings(max_examples=25)
def test_new_ones_are_valid_and_never_repeat(space: SearchSpace, count: int, seed: int) -> None:
    raced = seen(space, 20)
    used: set[Key] = {key for c in raced if (key := identify(space, c)) is not None}
    before = set(used)
    scores = [float(i % 7) for i in range(len(raced))]
    new = likely(space, raced, scores, count, used, np.random.default_rng(seed))
    for child in new:
        space.validate(child.configuration)
    keys = {child.key for child in new}
    assert len(keys) == len(new) and not keys & before and used == before | keys


def test_the_last_of_a_space_are_found() -> None:
    space = SearchSpace((Integer("n", 1, 30),))
    raced: list[Configuration] = [{"n": n} for n in range(1, 21)]
    used: set[Key] = {(float(n),) for n in range(1, 21)}
    scores = [float(n) for n in range(20)]
    new = likely(space, raced, scores, 50, used, np.random.default_rng(0))
    assert sorted(int(c.configuration["n"]) for c in new) == list(range(21, 31))  # type: ignore[call-overload]


def test_behind_compares_on_the_folds_done() -> None:
    def entrant(costs: dict[int, float], failed: bool = False) -> Entrant:
        return Entrant({}, None, initial(PLANE), 1, costs=costs, failed=failed)

    best = entrant({0: 1.0, 1: 5.0, 2: 9.0})
    # Two folds that are easy, a quarter worse on each; and a hard one, better by one.
    found = behind([best, entrant({0: 1.25, 1: 5.25}), entrant({2: 8.0}), entrant({}, True)], best)
    assert found == [0.0, 0.25, -1.0, math.inf]
