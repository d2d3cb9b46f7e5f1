"""The evolution strategy: the conformance suite, and what is its own."""

from __future__ import annotations

import numpy as np
import pytest

from engine.space import Categorical, Float, Integer, SearchSpace, Value
from engine.testing.tuner_suite import MIXED, TunerSuite, drive, result_of
from engine.tuners.base import Proposal, TuningProblem
from engine.tuners.evolution import STEPS, Evolution
from engine.tuners.random_search import RandomSearch

CUBE = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(5)))


def sphere(proposal: Proposal) -> float:
    """Best at 0.7, away from the middle."""
    return sum((float(v) - 0.7) ** 2 for v in proposal.configuration.values())  # type: ignore[arg-type]


class TestUnselective(TunerSuite):
    """Any of a larger population may be a parent, and the first steps are long."""

    method = Evolution
    options = {"population": 12, "tournament": 1, "step": 0.5}  # noqa: RUF012


@pytest.mark.parametrize("workers", [1, 8])
def test_converges_where_random_search_does_not(workers: int) -> None:
    def best(method: type[Evolution] | type[RandomSearch], seed: int) -> float:
        tuner = method(TuningProblem(CUBE, {}, False, seed=seed))
        return min(r.value for _, r in drive(tuner, 200, workers, sphere) if r.value is not None)

    scores = {m: np.median([best(m, seed) for seed in range(7)]) for m in (Evolution, RandomSearch)}
    assert scores[Evolution] < scores[RandomSearch] / 20


def test_the_first_are_mutations_of_the_default() -> None:
    default: dict[str, Value] = {f"x{i}": 0.2 for i in range(5)}
    tuner = Evolution(TuningProblem(CUBE, default, False, options={"step": 0.05}))
    tried = [list(p.configuration.values()) for p, _ in drive(tuner, 8, 1, lambda _: 1.0)]
    moved = np.abs(np.array(tried[1:], dtype=float) - 0.2)
    assert (moved.max(axis=1) > 0).all()
    assert moved.max() < 0.25


def test_steps_shrink_towards_an_optimum_and_stay_in_their_range() -> None:
    tuner = Evolution(TuningProblem(CUBE, {}, False, seed=3))
    steps = [float(p.note["step"]) for p, _ in drive(tuner, 300, 1, sphere) if p.number > 0]  # type: ignore[arg-type]
    assert np.median(steps[-50:]) < np.median(steps[8:58]) / 5
    assert min(steps) >= STEPS[0] and max(steps) <= STEPS[1]


@pytest.mark.parametrize(("size", "low", "high"), [("step", 0.001, 0.1), ("rate", 0.03, 0.3)])
def test_a_childs_sizes_are_the_geometric_mean_of_its_parents(
    size: str, low: float, high: float
) -> None:
    """Half of the children have two parents apart, whose mean lies in the middle of the scale."""
    wide = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(20)))
    tuner = Evolution(TuningProblem(wide, {}, False, options={"population": 2, "tournament": 1}))
    for number, carried in ((1, low), (2, high)):
        start = wide.from_unit(np.full(20, 0.1 * number))
        parent = Proposal(number, number, start, note={size: carried})
        tuner.adopt(parent)
        tuner.tell(parent, result_of(parent, 1.0))
    asked = [tuner.ask() for _ in range(600)][3:]
    found = np.log([float(p.note[size]) for p in asked if p is not None])  # type: ignore[arg-type]
    middle, apart = np.log(low * high) / 2, np.log(high / low)
    assert found.mean() == pytest.approx(middle, abs=0.05 * apart)
    assert (np.abs(found - middle) < 0.25 * apart).mean() > 0.4


def test_offspring_resemble_the_best_and_not_the_failed() -> None:
    space = SearchSpace((Categorical("kind", tuple("abcdefgh")), Float("x", 0.0, 1.0)))

    def score(proposal: Proposal) -> float | None:
        kind = proposal.configuration["kind"]
        return {"a": 1.0, "d": 0.0}.get(str(kind))

    tuner = Evolution(TuningProblem(space, {}, False, seed=1))
    kinds = [p.configuration["kind"] for p, _ in drive(tuner, 120, 1, score)]
    assert kinds[-60:].count("d") > 35
    assert kinds[-60:].count("b") < 10


def test_integers_never_freeze() -> None:
    # Steps of 0.05 never reach the next of three values by themselves.
    space = SearchSpace((Integer("n", 1, 3), Float("x", 0.0, 1.0)))
    tuner = Evolution(TuningProblem(space, {}, False, options={"step": 0.01}))

    def score(proposal: Proposal) -> float:
        return float(proposal.configuration["n"])  # type: ignore[arg-type]

    tried = [p.configuration["n"] for p, _ in drive(tuner, 80, 1, score)]
    assert tried[0] == 2
    assert 1 in tried


def test_explores_while_everything_fails() -> None:
    tuner = Evolution(TuningProblem(CUBE, {}, False))
    tried = [list(p.configuration.values()) for p, _ in drive(tuner, 40, 1, lambda _: None)]
    later = np.array(tried[8:], dtype=float)
    assert (np.ptp(later, axis=0) > 0.8).all()


def test_generations_are_counted_in_populations() -> None:
    tuner = Evolution(TuningProblem(MIXED, {}, False, options={"population": 4}))
    notes = [p.note.get("generation") for p, _ in drive(tuner, 12, 1, lambda p: float(p.number))]
    assert notes == [None, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
