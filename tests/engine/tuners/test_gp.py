"""Bayesian optimisation with a Gaussian process: what is its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.testing.tuner_suite import MIXED, drive, score_in
from engine.tuners.base import Proposal, Result, TuningProblem
from engine.tuners.gp import GaussianProcess
from engine.tuners.random_search import RandomSearch

PLANE = SearchSpace((Float("x", -5.0, 10.0), Float("y", 0.0, 15.0)))


def branin(proposal: Proposal) -> float:
    """Minimum 0.397887 at three places (Picheny et al. 2013, appendix A)."""
    x, y = (float(v) for v in proposal.configuration.values())  # type: ignore[arg-type]
    hollow = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return hollow**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def best_of(tuner: GaussianProcess | RandomSearch, results: int) -> float:
    return min(r.value for _, r in drive(tuner, results, 1, branin) if r.value is not None)


def test_thirty_evaluations_of_branin_beat_a_hundred_and_twenty_random_ones() -> None:
    ours = [
        best_of(GaussianProcess(TuningProblem(PLANE, {}, False, seed)), 30) for seed in range(10)
    ]
    random = [
        best_of(RandomSearch(TuningProblem(PLANE, {}, False, seed)), 120) for seed in range(10)
    ]
    assert np.median(ours) - 0.397887 < 0.5 * (np.median(random) - 0.397887)


def test_the_design_fills_the_space() -> None:
    space = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(3)))
    tuner = GaussianProcess(TuningProblem(space, {}, False, options={"n_initial": 17}))
    told = [p for p, _ in drive(tuner, 17, 1, lambda _: 0.0)]
    # Sixteen points of a Sobol sequence: one in each sixteenth of every axis.
    points = np.array([list(p.configuration.values()) for p in told[1:]], dtype=float)
    for axis in points.T:
        assert sorted(np.floor(16 * axis)) == list(range(16))
    assert {p.note["phase"] for p in told[1:]} == {"design"}


def test_the_note_says_what_the_model_was_made_of() -> None:
    tuner = GaussianProcess(TuningProblem(PLANE, {}, False, options={"n_initial": 4}))
    notes = [p.note for p, _ in drive(tuner, 8, 1, branin)]
    assert [n["model_points"] for n in notes[4:]] == [4, 5, 6, 7]
    assert all(n["phase"] == "model" and n["acquisition"] >= 0.0 for n in notes[4:])


def test_pending_proposals_are_kept_away_from() -> None:
    tuner = GaussianProcess(TuningProblem(PLANE, {}, False, options={"n_initial": 6}))
    list(drive(tuner, 12, 1, branin))
    ahead = [tuner.ask() for _ in range(6)]
    points = np.array([list(p.configuration.values()) for p in ahead if p], dtype=float)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert apart[np.triu_indices(6, 1)].min() > 0.1


def test_failures_are_avoided() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))

    def score(proposal: Proposal) -> float | None:
        x, y = (float(v) for v in proposal.configuration.values())  # type: ignore[arg-type]
        return None if x > 0.5 else (x - 0.45) ** 2 + (y - 0.3) ** 2

    tuner = GaussianProcess(TuningProblem(space, {}, False, seed=1))
    told = list(drive(tuner, 40, 1, score))
    assert sum(not r.ok for _, r in told[10:]) < 12
    assert min(r.value for _, r in told if r.value is not None) < 1e-3


def test_a_proposals_model_is_bounded() -> None:
    tuner = GaussianProcess(TuningProblem(PLANE, {}, False))
    rng = np.random.default_rng(0)
    for number in range(tuner.most + 100):
        proposal = Proposal(number, number, PLANE.sample(rng))
        tuner.adopt(proposal)
        tuner.tell(proposal, Result(branin(proposal)))
    proposal = tuner.ask()
    assert proposal is not None and proposal.note["model_points"] == tuner.most
    assert proposal.note["model_left_out"] == 100


@pytest.mark.parametrize("maximise", [False, True])
def test_slices_show_the_model_in_the_measures_units(maximise: bool) -> None:
    sign = -1.0 if maximise else 1.0
    space = SearchSpace(
        (
            Categorical("kernel", ("rbf", "linear")),
            Float("C", 1e-3, 1e3, log=True),
            Float("gamma", 0.0, 1.0),
            Integer("degree", 2, 5),
            Float("fixed", 1.0, 1.0),
        ),
        (Condition("gamma", "kernel", ("rbf",)),),
    )

    def score(proposal: Proposal) -> float:
        c = proposal.configuration
        linear = c["kernel"] == "linear"
        gamma = 0.5 if linear else float(c["gamma"])  # type: ignore[arg-type]
        distance = (math.log10(float(c["C"])) / 3) ** 2 + gamma**2  # type: ignore[arg-type]
        return sign * (100.0 + 10 * distance)

    tuner = GaussianProcess(TuningProblem(space, {}, maximise, options={"n_initial": 8}))
    assert tuner.slices(space.sample(np.random.default_rng(0))) == ()
    told = list(drive(tuner, 40, 1, score))
    best = min(told, key=lambda t: sign * (t[1].value or 0.0))[0].configuration
    slices = {s.name: s for s in tuner.slices(best, points=21)}
    names = {"kernel", "C", "degree"} | ({"gamma"} if "gamma" in best else set())
    assert set(slices) == names
    assert slices["kernel"].x == ("rbf", "linear") and slices["degree"].x == (2, 3, 4, 5)
    curve = slices["C"]
    assert len(curve.x) == len(curve.mean) == len(curve.acquisition) == 21
    mean, low, high = (np.array(c) for c in (curve.mean, curve.low, curve.high))
    assert (low <= mean).all() and (mean <= high).all()
    assert abs(mean[10] - sign * 100.0) < 1.0
    assert abs(float(curve.x[np.argmin(sign * mean)])) < 10.0  # type: ignore[arg-type]
    promise = np.concatenate([s.acquisition for s in slices.values()])
    assert promise.max() == 1.0 and promise.min() >= 0.0


def test_slices_leave_the_next_proposal_as_it_was() -> None:
    runs = []
    for looked in (False, True):
        tuner = GaussianProcess(TuningProblem(MIXED, {}, False, options={"n_initial": 4}))
        list(drive(tuner, 9, 1, score_in(MIXED)))
        if looked:
            tuner.slices(MIXED.sample(np.random.default_rng(0)))
        runs.append(tuner.ask())
    assert runs[0] == runs[1]
