"""BOHB: its density model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.testing.tuner_suite import MIXED, drive, score_in
from engine.tuners.base import Proposal, TuningProblem
from engine.tuners.bohb import Bohb
from engine.tuners.hyperband import Hyperband
from engine.tuners.parzen.density import FLOOR, Axes, Density, impute, promising, split

PLANE = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))


def test_begins_brackets_by_the_floor_rule() -> None:
    tuner = Bohb(TuningProblem(MIXED, {}, False, min_fidelity=1 / 81))
    assert [b.configurations for b in tuner.iteration] == [81, 27, 9, 6, 5]


def near_corner(proposal: Proposal) -> float:
    return sum((float(v) - 0.9) ** 2 for v in proposal.configuration.values())  # type: ignore[arg-type]


def begun(random_fraction: float, maximise: bool) -> np.ndarray:
    """The last forty configurations that were begun, shape (40, 2)."""
    sign = -1.0 if maximise else 1.0
    options = {"random_fraction": random_fraction}
    tuner = Bohb(TuningProblem(PLANE, {}, maximise, min_fidelity=1 / 9, options=options))
    told = [p for p, _ in drive(tuner, 150, 1, lambda p: sign * near_corner(p))]
    new = [p for p in told if p.note.get("rung") == 0][-40:]
    return np.array([list(p.configuration.values()) for p in new], dtype=float)


@pytest.mark.parametrize("maximise", [False, True])
def test_new_configurations_resemble_the_good_ones(maximise: bool) -> None:
    modelled, random = begun(1 / 3, maximise), begun(1.0, maximise)
    away = [np.median(np.abs(c - 0.9).max(axis=1)) for c in (modelled, random)]
    assert away[0] < 0.5 * away[1]


def test_a_random_share_of_one_is_hyperband() -> None:
    options = {"random_fraction": 1.0}
    bohb = Bohb(TuningProblem(PLANE, {}, False, min_fidelity=1.0, options=options))
    hyperband = Hyperband(TuningProblem(PLANE, {}, False, min_fidelity=1.0))
    # Their draws differ, since BOHB tosses a coin first; how they spread does not.
    x = [
        [float(p.configuration["x"]) for p, _ in drive(t, 200, 1, near_corner)]  # type: ignore[arg-type]
        for t in (bohb, hyperband)
    ]
    assert np.mean(x[0]) == pytest.approx(np.mean(x[1]), abs=0.1)
    assert np.std(x[0]) == pytest.approx(np.sqrt(1 / 12), abs=0.05)


def test_the_model_is_of_the_highest_fidelity_with_enough_results() -> None:
    tuner = Bohb(
        TuningProblem(PLANE, {}, False, min_fidelity=1 / 9, options={"random_fraction": 0.0})
    )
    rng = np.random.default_rng(0)
    # At a third of a fit all that is good lies low, at the full fit all that is good lies high.
    for _ in range(30):
        x, y = rng.random(2)
        tuner.learn({"x": x, "y": y}, 1 / 3, x)
    low = [next(iter(tuner.drafts(tuner.rng(i))))["x"] for i in range(20)]
    for count in range(6):
        assert np.median([next(iter(tuner.drafts(tuner.rng(i))))["x"] for i in range(20)]) < 0.5
        x = (count + 0.5) / 6
        tuner.learn({"x": x, "y": x}, 1.0, -x)
    high = [next(iter(tuner.drafts(tuner.rng(i))))["x"] for i in range(20)]
    assert np.median(low) < 0.3 and np.median(high) > 0.6


# --- the density ----------------------------------------------------------------------------------


def test_split_counts() -> None:
    scores = np.arange(40.0)[::-1]
    good, bad = split(scores, 4, 0.15) or ([], [])
    assert list(good) == [39, 38, 37, 36, 35, 34] and len(bad) == 34
    good, bad = split(scores[:10], 4, 0.15) or ([], [])
    assert (len(good), len(bad)) == (4, 6)
    assert split(scores[:7], 4, 0.15) is None


def test_failures_are_bad_and_never_good() -> None:
    scores = np.array([np.inf, 1.0, np.inf, 0.0, np.inf])
    good, bad = split(scores, 2, 0.15) or ([], [])
    assert (list(good), list(bad)) == ([3, 1], [0, 2, 4])
    assert split(scores, 3, 0.15) is None


def test_a_density_integrates_to_one() -> None:
    points = np.array([[0.02], [0.1], [0.95], [0.5]])
    density = Density(points, Axes(SearchSpace((Float("x", 0.0, 1.0),))))
    spread = np.sqrt((4 * points.var() + 1 / 12) / 5)
    assert density.bandwidth == pytest.approx(1.06 * spread * 4 ** (-1 / 5))
    total, _ = integrate.quad(lambda x: float(np.exp(density.log(np.array([[x]])))[0]), 0, 1)
    assert total == pytest.approx(1.0)


def test_probabilities_of_choices_add_up_to_one() -> None:
    space = SearchSpace((Categorical("a", ("x", "y", "z")), Categorical("b", (True, False))))
    cells = np.array([[(i + 0.5) / 3, (j + 0.5) / 2] for i in range(3) for j in range(2)])
    density = Density(cells[[0, 0, 0, 4]], Axes(space))
    probabilities = np.exp(density.log(cells))
    assert probabilities.sum() == pytest.approx(1.0)
    assert probabilities.argmax() == 0


def test_few_points_that_agree_keep_some_width_and_many_less() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0), Integer("n", 1, 10), Categorical("c", (1, 2))))
    few, many = (Density(np.full((n, 3), 0.25), Axes(space)).bandwidth for n in (3, 10_000))
    # A deviation of sqrt(1/12 / 4) times 1.06 * 3^(-1/7), and of choices none.
    assert few == pytest.approx([0.1308, 0.1308, FLOOR], abs=1e-4)
    # A whole number keeps half its cell.
    assert many == pytest.approx([FLOOR, 0.05, FLOOR])


def test_draws_stay_in_the_cube_and_near_the_points() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0), Categorical("c", ("a", "b", "c", "d"))))
    points = np.repeat([[0.01, 0.125], [0.02, 0.125], [0.03, 0.125], [0.0, 0.125]], 25, axis=0)
    drawn = Density(points, Axes(space)).sample(np.random.default_rng(0), 500, 3.0)
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert drawn[:, 0].max() < 0.2
    assert np.mean(drawn[:, 1] == 0.125) > 0.99


def test_gaps_are_filled_with_values_of_others() -> None:
    points = np.array([[0.1, np.nan, np.nan], [0.2, 0.5, np.nan], [0.3, 0.7, np.nan]])
    filled = impute(points, np.random.default_rng(0))
    assert filled[0, 1] in (0.5, 0.7)
    assert ((filled >= 0) & (filled <= 1)).all()
    assert (filled[~np.isnan(points)] == points[~np.isnan(points)]).all()


def test_candidates_come_by_the_ratio() -> None:
    rng = np.random.default_rng(1)
    points = rng.random((60, 2))
    good, bad = split(np.sum((points - 0.3) ** 2, axis=1), 3, 0.15) or (np.array([]),) * 2
    best = promising(points, good, bad, Axes(PLANE), rng, candidates=64, factor=3.0)
    away = np.linalg.norm(best - 0.3, axis=1)
    assert len(best) == 64
    assert away[:8].mean() < 0.6 * away[-8:].mean()


def test_conditions_are_modelled_without_proposing_what_is_inactive() -> None:
    space = SearchSpace(
        (Categorical("kernel", ("rbf", "linear")), Float("gamma", 1e-3, 1.0, log=True)),
        (Condition("gamma", "kernel", ("rbf",)),),
    )
    tuner = Bohb(
        TuningProblem(space, {}, False, min_fidelity=1.0, options={"random_fraction": 0.0})
    )
    told = [p for p, _ in drive(tuner, 40, 2, score_in(space))]
    for proposal in told:
        space.validate(proposal.configuration)
    assert {p.configuration["kernel"] for p in told} == {"rbf", "linear"}
