"""Bayesian optimisation with a forest: what is its own."""

from __future__ import annotations

import numpy as np

from engine.space import Categorical, Condition, Float, SearchSpace
from engine.testing.tuner_suite import drive
from engine.tuners.base import Proposal, TuningProblem
from engine.tuners.random_search import RandomSearch
from engine.tuners.rf_bo import ForestBo

CHOICES = SearchSpace(
    (
        *(Categorical(f"c{i}", ("a", "b", "c", "d")) for i in range(6)),
        Float("x", 0.0, 1.0),
        Float("y", 0.0, 1.0),
    ),
    (Condition("y", "c0", ("a", "b")),),
)


def mismatches(proposal: Proposal) -> float:
    """Choices that differ from "b", and how far the numbers are off; 0 at best."""
    c = proposal.configuration
    wrong = sum(c[f"c{i}"] != "b" for i in range(6))
    y = float(c["y"]) if "y" in c else 0.0  # type: ignore[arg-type]
    return wrong + abs(float(c["x"]) - 0.3) + abs(y - 0.7)  # type: ignore[arg-type]


def test_finds_the_right_choices_where_random_search_does_not() -> None:
    def best(method: type[ForestBo] | type[RandomSearch], seed: int) -> float:
        options = {"trees": 15} if method is ForestBo else {}
        tuner = method(TuningProblem(CHOICES, {}, False, seed, options=options))
        told = drive(tuner, 60, 1, mismatches)
        return min(r.value for _, r in told if r.value is not None)

    ours = [best(ForestBo, seed) for seed in range(3)]
    random = [best(RandomSearch, seed) for seed in range(3)]
    assert np.median(ours) < 1.0 < np.median(random)


def test_slices_and_notes_are_those_of_the_model() -> None:
    tuner = ForestBo(TuningProblem(CHOICES, {}, False, options={"n_initial": 10}))
    told = list(drive(tuner, 40, 1, mismatches))
    assert told[9][0].note == {"phase": "design"}
    assert told[20][0].note["phase"] == "model" and told[20][0].note["model_points"] == 20
    best = min(told, key=lambda t: t[1].value or 0.0)[0].configuration
    slices = {s.name: s for s in tuner.slices(best, points=11)}
    assert set(slices) == set(best)
    choices = [slices[f"c{i}"] for i in range(6)]
    assert all(right.x == ("a", "b", "c", "d") for right in choices)
    # A forest on forty points is rough: on average over the choices "b" is best all the same.
    assert int(np.argmin(np.mean([right.mean for right in choices], axis=0))) == 1
    for right in choices:
        assert all(np.array(right.low) <= right.mean) and all(np.array(right.high) >= right.mean)


def test_believes_that_pending_ones_score_as_predicted() -> None:
    tuner = ForestBo(TuningProblem(CHOICES, {}, False, options={"n_initial": 10}))
    list(drive(tuner, 20, 1, mismatches))
    ahead = [tuner.ask() for _ in range(8)]
    assert len({repr(p.configuration) for p in ahead if p is not None}) == 8
