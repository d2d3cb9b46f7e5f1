"""NSGA-II: the conformance suite with several measures, and the fronts that it finds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace
from engine.testing.tuner_suite import MIXED, TunerSuite, drive
from engine.tuners.base import Result, Tuner, TuningProblem
from engine.tuners.nsga2 import Nsga2
from engine.tuners.random_search import RandomSearch

REFERENCE = (1.1, 8.0)


class TestOneMeasure(TunerSuite):
    """It is told of one measure alone when an older run is read by another plan."""

    method = Nsga2
    options = {"population": 4}  # noqa: RUF012


CUBE = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(8)))
TREES = SearchSpace(
    (
        Float("share", 0.0, 1.0),
        Categorical("kind", ("a", "b", "c", "d")),
        Integer("trees", 1, 50, log=True),
        Float("rate", 1e-4, 1.0, log=True),
        Categorical("bootstrap", (True, False)),
        Float("rows", 0.0, 1.0),
    ),
    (Condition("rows", "bootstrap", (True,)),),
)


def zdt1(configuration: Configuration) -> tuple[float, float]:
    """Zitzler, Deb and Thiele (2000), test function 1: the front is where all but x0 are 0."""
    x = np.array(list(configuration.values()), dtype=float)
    g = 1 + 9 * x[1:].mean()
    return float(x[0]), float(g * (1 - math.sqrt(x[0] / g)))


def mixed(configuration: Configuration) -> tuple[float, float]:
    """The same trade-off, with choices, an integer, a log scale and a condition in its way."""
    share = float(configuration["share"])  # type: ignore[arg-type]
    g = 1 + 2 * {"a": 1.0, "b": 0.0, "c": 0.5, "d": 0.8}[str(configuration["kind"])]
    g += abs(math.log10(configuration["rate"]) + 2)  # type: ignore[arg-type]
    g += abs(math.log(configuration["trees"] / 20))  # type: ignore[operator]
    g += 0.5 + float(configuration["rows"]) if configuration["bootstrap"] else 0.0  # type: ignore[arg-type]
    return share, g * (1 - math.sqrt(share / g))


def searched(
    method: type[Tuner],
    space: SearchSpace,
    function: Callable[[Configuration], tuple[float, float]],
    results: int,
    max_pending: int,
    seed: int,
    flip: tuple[bool, bool] = (False, False),
) -> list[tuple[float, float]]:
    """What ``method`` tries, scored by ``function`` (turned round where ``flip`` says)."""
    tuner = method(TuningProblem(space, {}, flip[0], seed=seed, further_maximise=(flip[1],)))
    random = np.random.default_rng(seed)
    found = []
    for _ in range(results):
        while len(tuner.pending) < max_pending and tuner.ask() is not None:
            pass
        proposal = tuner.pending[random.integers(len(tuner.pending))]
        value = function(proposal.configuration)
        found.append(value)
        first, second = (-v if f else v for v, f in zip(value, flip, strict=True))
        tuner.tell(proposal, Result(first, further_values=(second,)))
    return found


def hypervolume(points: list[tuple[float, float]]) -> float:
    """Area between the front of ``points`` (less is better) and the reference point."""
    area, height = 0.0, REFERENCE[1]
    for x, y in sorted(points):
        if x < REFERENCE[0] and y < height:
            area += (REFERENCE[0] - x) * (height - y)
            height = y
    return area


def test_the_hypervolume_of_a_staircase():
    points = [(0.1, 7.0), (0.6, 4.0), (0.7, 5.0), (2.0, 0.0)]
    assert hypervolume(points) == pytest.approx(1.0 * 1.0 + 0.5 * 3.0)


@pytest.mark.parametrize("max_pending", [1, 8])
@pytest.mark.parametrize(("space", "function"), [(CUBE, zdt1), (TREES, mixed)])
def test_covers_more_than_random_search(space, function, max_pending):
    def covered(method: type[Tuner]) -> float:
        tried = [searched(method, space, function, 150, max_pending, seed) for seed in range(5)]
        return float(np.median([hypervolume(points) for points in tried]))

    ideal = hypervolume([(x / 1000, 1 - math.sqrt(x / 1000)) for x in range(1001)])
    ours, random = covered(Nsga2), covered(RandomSearch)
    assert ideal - ours < 0.75 * (ideal - random)


def test_finds_both_ends_and_the_middle():
    tried = np.array(searched(Nsga2, CUBE, zdt1, 400, 1, 3))
    near = tried[(tried[:, 1] - (1 - np.sqrt(tried[:, 0]))) < 0.6, 0]
    assert near.min() < 0.1 and near.max() > 0.8
    assert np.diff(np.sort(near)).max() < 0.25


def test_larger_can_be_better_of_either():
    runs = [
        searched(Nsga2, TREES, mixed, 60, 2, 1, flip)
        for flip in ((False, False), (True, False), (False, True))
    ]
    assert runs[0] == runs[1] == runs[2]


def test_the_first_are_drawn_at_random_and_generations_counted():
    tuner = Nsga2(
        TuningProblem(MIXED, {}, False, options={"population": 6}, further_maximise=(False,))
    )
    told = list(drive(tuner, 12, 1, lambda p: float(p.number)))
    first = [p.configuration["rate"] for p, _ in told[1:6]]
    assert np.ptp(np.log10(np.array(first, dtype=float))) > 1
    assert [p.note.get("generation") for p, _ in told] == [None, *[0] * 5, *[1] * 6]


def test_a_measure_that_is_no_number_is_a_failure():
    tuner = Nsga2(TuningProblem(CUBE, {}, False, further_maximise=(False,)))
    proposal = tuner.ask()
    assert proposal is not None
    (decision,) = tuner.tell(proposal, Result(0.5, further_values=(math.nan,)))
    assert decision.state == "failed"
