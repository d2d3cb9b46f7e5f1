"""Hyperband: the paper's schedule, and what it gains."""

from __future__ import annotations

import importlib.util
import itertools
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from engine.space import Float, SearchSpace
from engine.testing.tuner_suite import drive
from engine.tuners import brackets
from engine.tuners.base import Proposal, Result, Tuner, TuningProblem
from engine.tuners.hyperband import Hyperband
from engine.tuners.random_search import RandomSearch

LINE = SearchSpace((Float("x", 0.0, 1.0),))


def position(proposal: Proposal) -> float:
    return float(proposal.configuration["x"])  # type: ignore[arg-type]


def iteration(max_pending: int = 1) -> list[Proposal]:
    """The fits of the first iteration with R = 81 and eta = 3, in the order they ended."""
    tuner = Hyperband(TuningProblem(LINE, {}, False, min_fidelity=1 / 81))
    fits = sum(sum(bracket.sizes) for bracket in brackets.hyperband(4, 3))
    told = (p for p, _ in drive(tuner, 1000, max_pending, position))
    return list(itertools.islice((p for p in told if p.note.get("iteration") == 0), fits))


@pytest.mark.parametrize("max_pending", [1, 8])
def test_one_iteration_is_the_papers_table(max_pending: int) -> None:
    found = Counter((p.note["bracket"], round(81 * p.fidelity)) for p in iteration(max_pending))
    table = {
        4: {1: 81, 3: 27, 9: 9, 27: 3, 81: 1},
        3: {3: 34, 9: 11, 27: 3, 81: 1},
        2: {9: 15, 27: 5, 81: 1},
        1: {27: 8, 81: 2},
        0: {81: 5},
    }
    assert found == {(s, r): n for s, rungs in table.items() for r, n in rungs.items()}


def test_brackets_run_one_after_the_other() -> None:
    order = [p.note["bracket"] for p in iteration()]
    assert order == sorted(order, reverse=True)  # type: ignore[type-var]


@pytest.mark.parametrize(("bracket", "ratio"), [(None, 0.83), (4, 0.73)])
def test_continuing_fits_costs_the_arithmetic_ratio(bracket: int | None, ratio: float) -> None:
    again = on = 0.0
    reached: dict[int, float] = {}
    for proposal in iteration():
        if bracket in (None, proposal.note["bracket"]):
            again += proposal.fidelity
            on += proposal.fidelity - reached.get(proposal.trial, 0.0)
            reached[proposal.trial] = proposal.fidelity
    assert 81 * again == pytest.approx(1902 if bracket is None else 405)
    assert on / again == pytest.approx(ratio, abs=0.005)


def multi_fidelity() -> ModuleType:
    """The benchmarks are scripts, not a package."""
    path = Path(__file__).parents[2] / "benchmarks" / "multi_fidelity.py"
    spec = importlib.util.spec_from_file_location("multi_fidelity", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def best_so_far(tuner: Tuner, function, budget: float) -> list[tuple[float, float]]:
    """Full evaluations spent and least regret of a full fit, whenever it improves."""
    spent, best, reached = 0.0, np.inf, {}
    curve = []
    while spent < budget and (proposal := tuner.ask()) is not None:
        spent += proposal.fidelity - reached.get(proposal.trial, 0.0)
        reached[proposal.trial] = proposal.fidelity
        tuner.tell(proposal, Result(function(proposal.configuration, proposal.fidelity)))
        if proposal.fidelity == 1.0 and function.regret(proposal.configuration) < best:
            best = function.regret(proposal.configuration)
            curve.append((spent, best))
    return curve


@pytest.mark.parametrize("dimensions", [3, 6])
def test_reaches_what_random_search_reaches_for_less(dimensions: int) -> None:
    budget, needed = 30.0, []
    for seed in range(15):
        function = multi_fidelity().Hartmann(dimensions, "plain", seed)
        problem = TuningProblem(
            function.space,
            {},
            False,
            seed=seed,
            min_fidelity=1 / 27,
            warm_starts=True,
            budget=budget,
        )
        target = best_so_far(RandomSearch(problem), function, budget)[-1][1]
        curve = best_so_far(Hyperband(problem), function, 2 * budget)
        needed.append(next((spent for spent, best in curve if best <= target), 2 * budget))
    assert np.median(needed) < 0.8 * budget


def test_hartmann_has_its_published_minimum() -> None:
    points = {
        3: (0.114614, 0.555649, 0.852547),
        6: (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573),
    }
    for dimensions, point in points.items():
        function = multi_fidelity().Hartmann(dimensions)
        configuration = dict(zip(function.space.names, point, strict=True))
        assert function.regret(configuration) == pytest.approx(0.0, abs=1e-5)
        small = [function(configuration, 1 / 27) for _ in range(2)]
        assert small[0] == small[1] > function(configuration)
