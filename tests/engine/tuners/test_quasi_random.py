"""Sobol and Latin hypercubes: the conformance suite, and how evenly they fill a space."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import kstest, qmc

from engine.space import Categorical, Float, Integer, SearchSpace
from engine.testing.tuner_suite import TunerSuite, drive
from engine.tuners.base import Tuner, TuningProblem
from engine.tuners.quasi_random import (
    LatinHypercubeSearch,
    QuasiRandom,
    SobolSearch,
    latin_hypercube,
)

PLANE = SearchSpace((Float("x", 0.0, 1.0), Float("y", 1e-6, 1.0, log=True)))
METHODS: list[type[QuasiRandom]] = [SobolSearch, LatinHypercubeSearch]


class TestSmallDesigns(TunerSuite):
    method = LatinHypercubeSearch
    options = {"n": 3}  # noqa: RUF012


def points(tuner: Tuner, count: int, max_pending: int = 1) -> np.ndarray:
    """The first ``count`` proposals by number after the default, in the unit cube."""
    told = [p for p, _ in drive(tuner, count + 1, max_pending, lambda p: -p.number)]
    order = sorted((*told, *tuner.pending), key=lambda p: p.number)[1 : count + 1]
    return np.array([tuner.space.to_unit(p.configuration) for p in order])


@pytest.mark.parametrize("method", METHODS)
def test_a_proposal_depends_on_seed_and_number_only(method: type[QuasiRandom]) -> None:
    problem = TuningProblem(PLANE, {}, True, seed=5, budget=50)
    sequential, parallel = (points(method(problem), 30, n) for n in (1, 8))
    np.testing.assert_array_equal(sequential, parallel)


@pytest.mark.parametrize("method", METHODS)
def test_a_resumed_search_takes_up_the_sequence(method: type[QuasiRandom]) -> None:
    problem = TuningProblem(PLANE, {}, True, seed=5, options={"n": 7})
    first, second = method(problem), method(problem)
    told = list(drive(first, 20, 3, lambda _: 0.0))
    for proposal, result in told:
        second.adopt(proposal)
        second.tell(proposal, result)
    for proposal in first.pending:
        second.adopt(proposal)
    assert [first.ask() for _ in range(20)] == [second.ask() for _ in range(20)]


@pytest.mark.parametrize("method", METHODS)
def test_points_are_more_even_than_random_ones(method: type[QuasiRandom]) -> None:
    for seed in range(5):
        found = points(method(TuningProblem(PLANE, {}, True, seed=seed, budget=65)), 64)
        rng = np.random.default_rng(seed)
        random = [qmc.discrepancy(rng.random((64, 2))) for _ in range(20)]
        assert qmc.discrepancy(found) < 0.5 * min(random)


@pytest.mark.parametrize("method", METHODS)
def test_log_scales_are_uniform_on_the_log_axis(method: type[QuasiRandom]) -> None:
    found = points(method(TuningProblem(PLANE, {}, True, budget=201)), 200)
    assert kstest(found[:, 1], "uniform").pvalue > 0.5


def test_sobol_is_a_net_in_base_2() -> None:
    # Owen's scrambling keeps the net: of 16 points one in every box of 1/4 x 1/4.
    found = points(SobolSearch(TuningProblem(PLANE, {}, True, seed=3)), 16)
    assert {(int(4 * x), int(4 * y)) for x, y in found} == {
        (i, j) for i in range(4) for j in range(4)
    }


def test_sobol_goes_on_beyond_a_block_as_one_sequence() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = points(SobolSearch(TuningProblem(PLANE, {}, True, seed=3)), 200)
    rng = np.random.default_rng([3, 0])
    np.testing.assert_allclose(found[:128], qmc.Sobol(2, rng=rng).random(128), atol=1e-9)


def test_a_huge_budget_does_not_make_a_huge_design() -> None:
    told = list(
        drive(LatinHypercubeSearch(TuningProblem(PLANE, {}, True, budget=1e12)), 5, 1, lambda _: 0)
    )
    assert len(told) == 5


@pytest.mark.parametrize(("budget", "n", "size"), [(41.0, 0, 40), (41.0, 12, 12), (None, 0, 32)])
def test_each_design_hits_every_slice_once(budget: float | None, n: int, size: int) -> None:
    problem = TuningProblem(PLANE, {}, True, seed=2, budget=budget, options={"n": n})
    found = points(LatinHypercubeSearch(problem), 3 * size)
    designs = found.reshape(3, size, 2)
    for design in designs:
        slices = np.sort((design * size).astype(int), axis=0)
        np.testing.assert_array_equal(slices, np.tile(np.arange(size)[:, None], 2))
    assert not np.array_equal(designs[0], designs[1])


def test_the_design_taken_is_more_even_than_the_usual_one() -> None:
    usual = [
        qmc.discrepancy(qmc.LatinHypercube(5, rng=np.random.default_rng(seed)).random(40))
        for seed in range(100)
    ]
    used = [
        qmc.discrepancy(latin_hypercube(40, 5, np.random.default_rng(seed))) for seed in range(10)
    ]
    assert np.mean(used) < np.quantile(usual, 0.15)


def test_large_designs_are_not_compared() -> None:
    assert latin_hypercube(5000, 3, np.random.default_rng(0)).shape == (5000, 3)
    assert latin_hypercube(1, 3, np.random.default_rng(0)).shape == (1, 3)


@pytest.mark.parametrize("method", METHODS)
def test_repeated_points_of_a_discrete_space_give_way_to_new_ones(
    method: type[QuasiRandom],
) -> None:
    space = SearchSpace((Integer("k", 1, 5), Categorical("flag", (True, False))))
    told = list(drive(method(TuningProblem(space, {}, True, budget=30)), 30, 3, lambda _: 0.0))
    assert len({repr(p.configuration) for p, _ in told}) == len(told) == 10
