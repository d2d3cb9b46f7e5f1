"""CMA-ES: the conformance suite, agreement with the package, restarts and late results."""

from __future__ import annotations

import math
from collections.abc import Callable

import cmaes
import numpy as np
import pytest

from engine.space import Categorical, Configuration, Float, Integer, SearchSpace, Value
from engine.testing.tuner_suite import MIXED, TunerSuite, drive, score_in
from engine.tuners.base import Proposal, Result, TuningProblem
from engine.tuners.cma_distribution import Axes, Distribution, Point
from engine.tuners.cmaes import CmaEs, Schedule, population
from engine.tuners.random_search import RandomSearch


def cube(dimensions: int) -> SearchSpace:
    return SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(dimensions)))


def sphere(proposal: Proposal) -> float:
    """Best at 0.7, away from the middle."""
    return sum((float(v) - 0.7) ** 2 for v in proposal.configuration.values())  # type: ignore[arg-type]


def sphere_of(name: str) -> Callable[[Proposal], float]:
    return lambda p: (float(p.configuration[name]) - 0.7) ** 2  # type: ignore[arg-type]


class TestWideSteps(TunerSuite):
    """With steps that leave the space most of the time."""

    method = CmaEs
    options = {"population": 5, "sigma": 0.5, "restarts": "ipop"}  # noqa: RUF012


@pytest.mark.parametrize("workers", [1, 8])
def test_converges_where_random_search_does_not(workers: int) -> None:
    def best(method: type[CmaEs] | type[RandomSearch], seed: int) -> float:
        tuner = method(TuningProblem(cube(5), {}, False, seed=seed))
        return min(r.value for _, r in drive(tuner, 200, workers, sphere) if r.value is not None)

    scores = {m: np.median([best(m, seed) for seed in range(5)]) for m in (CmaEs, RandomSearch)}
    assert scores[CmaEs] < scores[RandomSearch] / 20


def test_draws_what_the_package_draws_on_numbers() -> None:
    size, seed = 8, 5
    tuner = CmaEs(TuningProblem(cube(4), {}, False, seed=seed, options={"population": size}))
    told = list(drive(tuner, 1 + 5 * size, 1, sphere))[1:]
    bounds = np.array([[0.0, 1.0]] * 4)
    own = cmaes.CMA(np.full(4, 0.5), 0.15, bounds, population_size=size)
    for generation in range(5):
        solutions = []
        for proposal, result in told[generation * size : (generation + 1) * size]:
            draw = int(np.random.default_rng([seed, proposal.number]).integers(2**32))
            own._rng = np.random.RandomState(draw)
            x = own.ask()
            assert list(proposal.configuration.values()) == pytest.approx(x.tolist(), abs=1e-9)
            solutions.append((x, result.value))
        own.tell(solutions)


@pytest.mark.parametrize("space", [MIXED, cube(3)])
def test_only_the_order_of_scores_matters(space: SearchSpace) -> None:
    score = score_in(space)

    def run(transformed: bool) -> list[Configuration]:
        def shown(proposal: Proposal) -> float:
            value = score(proposal) or 0.0
            return math.atan(100 * value) if transformed else value

        tuner = CmaEs(TuningProblem(space, {}, False, options={"population": 5}))
        return [p.configuration for p, _ in drive(tuner, 80, 3, shown)]

    assert run(False) == run(True)


def test_the_first_generation_lies_around_the_default() -> None:
    default: dict[str, Value] = {"x0": 0.3, "x1": 0.8}
    tuner = CmaEs(TuningProblem(cube(2), default, False, options={"population": 40, "sigma": 0.05}))
    drawn = [list(p.configuration.values()) for p, _ in drive(tuner, 40, 40, sphere)]
    assert np.mean(np.array(drawn, dtype=float), axis=0) == pytest.approx([0.3, 0.8], abs=0.04)


def test_the_first_generation_prefers_the_choices_of_the_default() -> None:
    space = SearchSpace((Categorical("kind", tuple("abcd")), Float("x", 0.0, 1.0)))
    tuner = CmaEs(TuningProblem(space, {"kind": "c", "x": 0.5}, False, options={"population": 200}))
    kinds = [p.configuration["kind"] for p, _ in drive(tuner, 200, 1, sphere_of("x"))][1:]
    # Half of the draws, and a quarter of the rest.
    assert kinds.count("c") / len(kinds) == pytest.approx(5 / 8, abs=0.1)
    assert set(kinds) == set("abcd")


def test_mixed_spaces_reach_the_best_of_every_kind() -> None:
    space = SearchSpace(
        (
            Float("x", 0.0, 1.0),
            Integer("few", 1, 7),
            Integer("many", 1, 1000, log=True),
            Categorical("kind", tuple("abcd")),
            Categorical("flag", (True, False)),
        )
    )

    def score(proposal: Proposal) -> float:
        c = proposal.configuration
        unit = space.to_unit(c)
        far = (unit[0] - 0.2) ** 2 + (unit[2] - 0.8) ** 2 + abs(int(c["few"]) - 6) / 6  # type: ignore[arg-type]
        return far + (c["kind"] != "c") + (c["flag"] is True)

    tuner = CmaEs(TuningProblem(space, {}, False, seed=2))
    told = list(drive(tuner, 250, 1, score))
    best = min(told, key=lambda t: t[1].value or 0.0)[0].configuration
    assert (best["few"], best["kind"], best["flag"]) == (6, "c", False)
    assert min(r.value for _, r in told if r.value is not None) < 0.01


def _widths(restarts: str) -> list[float]:
    """How wide each generation was, on a sphere that is soon solved."""
    options = {"population": 5, "restarts": restarts}
    tuner = CmaEs(TuningProblem(cube(2), {}, False, seed=1, options=options))
    generations: dict[Value, list[float]] = {}
    for proposal, _ in drive(tuner, 700, 1, sphere):
        if proposal.number:
            x = float(proposal.configuration["x0"])  # type: ignore[arg-type]
            generations.setdefault(proposal.note["generation"], []).append(x)
    return [float(np.ptp(xs)) for xs in generations.values()]


@pytest.mark.parametrize("restarts", ["ipop", "bipop"])
def test_starts_anew_once_converged(restarts: str) -> None:
    widths = _widths(restarts)
    narrow = next(i for i, width in enumerate(widths) if width < 1e-3)
    assert max(widths[narrow:]) > 0.1


def test_stays_where_it_is_without_restarts() -> None:
    widths = _widths("none")
    narrow = next(i for i, width in enumerate(widths) if width < 1e-3)
    assert max(widths[narrow + 10 :]) < 1e-2


def test_ipop_doubles_and_bipop_takes_turns() -> None:
    rng = np.random.default_rng(0)
    ipop = Schedule("ipop", 6)
    assert [ipop.following(100, rng) for _ in range(3)] == [(12, 1.0), (24, 1.0), (48, 1.0)]
    bipop = Schedule("bipop", 6)
    assert bipop.following(100, rng) == (12, 1.0)
    # The large runs have used 300: small ones until they have used as much.
    sizes = []
    spent = 200
    for _ in range(4):
        size, shrink = bipop.following(spent, rng)
        sizes.append(size)
        assert 0.01 <= shrink <= 1
        spent = 100
    assert sizes[-1] == 24 and all(6 <= size <= 12 for size in sizes[:-1])


def test_the_population_follows_dimensions_and_budget() -> None:
    assert [population(d, None, 0) for d in (1, 5, 10, 200)] == [4, 8, 10, 19]
    assert population(10, 100.0, 0) == 7
    assert population(10, 20.0, 0) == 4
    assert population(10, 1e6, 0) == 10
    assert population(10, 20.0, 30) == 30


def test_a_late_result_counts_but_is_moved_closer() -> None:
    axes = Axes(cube(3))
    mean = Point(np.full(3, 0.5), np.zeros((0, 0)))
    distribution = Distribution.first(axes, mean, 0.01, 6)
    most = math.sqrt(3) + 2 * 3 / 5
    far = distribution.nearer(Point(np.array([0.9, 0.5, 0.5]), mean.chosen))
    assert far.raw == pytest.approx([0.5 + 0.01 * most, 0.5, 0.5])
    close = Point(np.array([0.51, 0.5, 0.5]), mean.chosen)
    assert distribution.nearer(close) is close


def test_an_update_leaves_the_distribution_as_it_was() -> None:
    space = SearchSpace((*cube(2).parameters, Integer("n", 1, 9), Categorical("c", (1, 2, 3))))
    axes = Axes(space)
    before = Distribution.first(axes, axes.point(np.full(4, 0.5)), 0.2, 6)
    drawn = [before.sample(seed) for seed in range(6)]
    after = before.updated(drawn)
    assert after is not None
    for seed, point in enumerate(drawn):
        again = before.sample(seed)
        assert (again.raw == point.raw).all() and (again.chosen == point.chosen).all()
    assert (after.mean != before.mean).any() and (after.shares != before.shares).any()


def test_a_failed_generation_teaches_nothing() -> None:
    tuner = CmaEs(TuningProblem(cube(2), {}, False, options={"population": 4}))
    list(drive(tuner, 1 + 12, 1, lambda p: None if p.number else 1.0))
    proposal = tuner.ask()
    assert proposal is not None and proposal.note["generation"] == 0
    tuner.tell(proposal, Result(1.0))
    list(drive(tuner, 3, 1, sphere))
    proposal = tuner.ask()
    assert proposal is not None and proposal.note["generation"] == 1
