"""Differential evolution: what is its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.space import Categorical, Configuration, Float, Integer, SearchSpace
from engine.testing.tuner_suite import MIXED, drive, score_in
from engine.tuners.base import Proposal, Result, TuningProblem
from engine.tuners.differential_evolution import DifferentialEvolution
from engine.tuners.random_search import RandomSearch

CUBE = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(5)))


def sphere(proposal: Proposal) -> float:
    """Best at 0.7, away from the middle."""
    return sum((float(v) - 0.7) ** 2 for v in proposal.configuration.values())  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [1, 8])
def test_converges_where_random_search_does_not(workers: int) -> None:
    def best(method: type[DifferentialEvolution] | type[RandomSearch], seed: int) -> float:
        tuner = method(TuningProblem(CUBE, {}, False, seed=seed))
        return min(r.value for _, r in drive(tuner, 200, workers, sphere) if r.value is not None)

    methods = (DifferentialEvolution, RandomSearch)
    scores = {m: np.median([best(m, seed) for seed in range(7)]) for m in methods}
    assert scores[DifferentialEvolution] < scores[RandomSearch] / 20


def test_only_the_order_of_scores_matters() -> None:
    score = score_in(MIXED)

    def run(transformed: bool) -> list[Configuration]:
        def shown(proposal: Proposal) -> float:
            value = score(proposal) or 0.0
            return math.atan(100 * value) if transformed else value

        tuner = DifferentialEvolution(TuningProblem(MIXED, {}, False, options={"population": 6}))
        return [p.configuration for p, _ in drive(tuner, 80, 3, shown)]

    assert run(False) == run(True)


def test_the_first_population_is_a_latin_hypercube() -> None:
    tuner = DifferentialEvolution(TuningProblem(CUBE, {}, False, options={"population": 10}))
    asked = [tuner.ask() for _ in range(10)]
    tried = [list(p.configuration.values()) for p in asked if p is not None]
    cells = np.floor(np.array(tried[1:], dtype=float) * 10)
    # Nine intervals of ten: the default has the place of one.
    assert all(len(set(column)) == 9 for column in cells.T)


def test_offspring_lie_on_differences_of_the_population() -> None:
    # On a line through the optimum, and with every coordinate crossed, no offspring leaves it.
    space = SearchSpace((Float("x", -1.0, 1.0), Float("y", -1.0, 1.0)))
    options = {"population": 5, "crossover": 1.0}
    tuner = DifferentialEvolution(TuningProblem(space, {}, False, seed=2, options=options))
    for number in range(5):
        x = (number - 2) / 10
        own = Proposal(number, number, {"x": x, "y": x}, note={"target": number})
        tuner.adopt(own)
        tuner.tell(own, Result(abs(x - 0.05)))
    following = [tuner.ask() for _ in range(20)]
    crossed = [p for p in following if p is not None and p.note["crossover"] == 1.0]
    assert len(crossed) >= 5
    for proposal in crossed:
        assert proposal.configuration["x"] == pytest.approx(proposal.configuration["y"])


def test_a_target_keeps_its_place_against_a_worse_one() -> None:
    tuner = DifferentialEvolution(TuningProblem(CUBE, {}, False, options={"population": 5}))
    min_fidelity = [math.inf] * 5
    for proposal, result in drive(tuner, 100, 1, sphere):
        slot = proposal.number if proposal.number == 0 else int(proposal.note["target"])  # type: ignore[arg-type]
        min_fidelity[slot] = min(min_fidelity[slot], result.value or 0.0)
        held = tuner._members[slot]
        assert held is not None and held.loss == min_fidelity[slot]


def test_a_converged_population_starts_anew_and_keeps_its_best() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0),))
    tuner = DifferentialEvolution(TuningProblem(space, {}, False, options={"population": 5}))
    told = list(drive(tuner, 600, 1, sphere))
    tried = np.array([p.configuration["x"] for p, _ in told], dtype=float)
    near = np.abs(tried - 0.7) < 1e-3
    first = next(i for i in range(len(near) - 10) if near[i : i + 10].all())
    assert (~near[first + 10 :]).sum() > 20
    best = min(r.value for _, r in told if r.value is not None)
    assert min(m.loss for m in tuner._members if m is not None) == best


def test_choices_follow_the_better() -> None:
    space = SearchSpace(
        (Categorical("kind", tuple("abcdefgh")), Float("x", 0.0, 1.0), Integer("n", 1, 50))
    )

    def score(proposal: Proposal) -> float:
        c = proposal.configuration
        return 10 * (c["kind"] != "e") + (float(c["x"]) - 0.3) ** 2 + abs(int(c["n"]) - 20) / 50  # type: ignore[arg-type]

    tuner = DifferentialEvolution(TuningProblem(space, {}, False, seed=1))
    kinds = [p.configuration["kind"] for p, _ in drive(tuner, 200, 1, score)]
    assert kinds[-60:].count("e") > 40
