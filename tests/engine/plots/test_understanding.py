"""The columns of the pictures on what a search found, and that they keep up with ten thousand
trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.trust import Overtuning, OvertuningAlarm, WatchedIncumbent
from engine.domain.understanding import AblationStep, Effect, Importance, PairImportance, Plane
from engine.plots import (
    ablation,
    contour,
    effect,
    fanova,
    footprint,
    learning_curves,
    overtuning,
    parallel,
    units,
)
from engine.space import Categorical, Float, Integer, SearchSpace
from engine.testing.planted import CONDITIONAL, planted, random_search

# --- axes of hyperparameters ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Float("f", 0.0, 1.0), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (Float("f", 1e-4, 1e4, log=True), ["0.0001", "0.01", "1", "100", "10,000"]),
        (Float("f", 0.2, 0.9, log=True), None),
        (Integer("n", 1, 4), ["1", "2", "3", "4"]),
        (Integer("n", 3, 3), ["3"]),
        (Categorical("k", ("a", None, True)), ["a", "None", "True"]),
    ],
)
def test_ticks_stand_where_their_values_are(parameter, words):
    found = units.ticks(parameter)
    assert all(0 <= place <= 1 for place, _ in found)
    assert [place for place, _ in found] == sorted(place for place, _ in found)
    if words is None:
        assert len(found) >= 2
    else:
        assert [word for _, word in found] == words


def test_many_choices_share_their_ticks():
    found = units.ticks(Categorical("k", tuple(f"choice {i}" for i in range(40))))
    assert len(found) <= 6


def test_a_value_that_is_not_possible_has_no_place():
    assert np.isnan(units.place(Integer("n", 1, 4), 5))
    assert np.isnan(units.place(Categorical("k", (1, 2)), True))


# --- importances and the path ---------------------------------------------------------------------


def test_single_ones_pairs_and_the_rest_stand_by_size():
    single = [Importance("a", 0.5, 0.4, 0.6), Importance("b", 0.05, 0.0, 0.1)]
    prepared = fanova.prepare(single, [PairImportance("a", "b", 0.3, 0.2, 0.4)], 0.15)
    assert prepared.names == ("a", "a × b", "b", "all else")
    assert prepared.kind.tolist() == [1, 2, 1, 3]
    assert prepared.share.sum() == pytest.approx(1)
    assert "a 50%" in prepared.summary


def test_what_has_no_room_goes_to_the_rest():
    single = [Importance(f"h{i}", 0.05, 0.04, 0.06) for i in range(20)]
    prepared = fanova.prepare(single, most=4)
    assert prepared.names[-1] == "all else"
    assert prepared.share[-1] == pytest.approx(16 * 0.05)


def step(name, score, gain):
    return AblationStep(name, 1, 10, (), score, score - 0.1, score + 0.1, gain, gain, gain)


def test_each_step_begins_where_the_last_one_ended():
    steps = [step("a", 0.8, 0.3), step("b", 0.9, 0.1), step("c", 0.85, -0.05)]
    prepared = ablation.prepare((0.5, 0.4, 0.6), steps, measure="accuracy", maximise=True)
    np.testing.assert_allclose(prepared.before[1:], prepared.after[:-1])
    assert prepared.names[1] == "a  1 → 10"
    assert "a makes the greatest difference" in prepared.summary


def test_many_steps_are_summed_up_in_the_last():
    steps = [step(f"h{i}", 0.5 + 0.01 * i, 0.01) for i in range(20)]
    prepared = ablation.prepare((0.5, 0.4, 0.6), steps, measure="m", maximise=True, most=5)
    assert len(prepared.names) == 6
    assert prepared.names[-1] == "16 others"
    assert prepared.after[-1] == pytest.approx(0.69)
    assert prepared.gain.sum() == pytest.approx(0.2)


def test_the_path_from_the_default_to_itself_is_told():
    prepared = ablation.prepare((0.5, 0.4, 0.6), [], measure="m", maximise=True)
    assert prepared.names == ("default",)
    assert prepared.summary == "The best configuration is the default."


# --- effects --------------------------------------------------------------------------------------


def test_values_without_a_place_are_left_out():
    snapshot = planted(30)
    rows = Effect("depth", (9, 1, 50), (0.1, 0.2, 0.3), (0, 0, 0), (1, 1, 1), ((0.5, 0.6, 0.7),))
    prepared = effect.prepare(rows, snapshot)
    np.testing.assert_allclose(prepared.mean, [0.2, 0.1])
    np.testing.assert_allclose(prepared.curves, [[0.6, 0.5]])
    assert prepared.trials.size == 30
    assert "best at 9" in prepared.summary


def test_colours_of_a_plane_point_to_the_better_end():
    plane = Plane(
        "x0", "kind", (0.0, 1.0), ("a", "b", "c"), ((1, 2), (3, 4), (5, 6)), ((0, 0),) * 3
    )
    down, up = (contour.prepare(plane, planted(20, maximise=m)) for m in (False, True))
    assert down.limits == (6, 1)
    assert up.limits == (1, 6)
    assert down.mean.shape == (3, 25)
    assert not down.smooth
    assert "kind a" in down.summary


def test_lines_of_a_plane_have_the_score_they_say():
    unit = tuple(np.linspace(0, 1, 25).tolist())
    table = np.add.outer(np.array(unit), 0 * np.array(unit))
    rows = tuple(tuple(row) for row in table.tolist())
    plane = Plane("x0", "x1", unit, unit, rows, tuple(tuple(r) for r in (0 * table).tolist()))
    prepared = contour.prepare(plane, planted(20))
    assert prepared.smooth
    assert len(prepared.lines) >= 3
    for x, y, word in prepared.words:
        assert 0 <= x <= 1
        # The score is the height itself; cells are a little apart from values.
        assert y == pytest.approx(float(word), abs=0.03)


# --- configurations -------------------------------------------------------------------------------


def test_brushing_selects_the_trials_that_pass_through():
    snapshot = planted(100)
    brushed = parallel.prepare(snapshot, {"x0": (0.2, 0.5), parallel.SCORE: (0.5, 1.0)})
    x0 = snapshot.configurations["x0"].astype(float)
    assert brushed.selected.size
    for number in brushed.selected.tolist():
        assert 0.2 <= x0[number] <= 0.5
    assert parallel.prepare(snapshot).selected.tolist() == list(range(100))
    both_ways = parallel.prepare(snapshot, {"x0": (0.5, 0.2)})
    np.testing.assert_array_equal(
        both_ways.selected, parallel.prepare(snapshot, {"x0": (0.2, 0.5)}).selected
    )


def test_what_is_inactive_passes_below_its_axis_and_can_be_brushed():
    snapshot = random_search(CONDITIONAL, lambda u: u[0], 60)
    prepared = parallel.prepare(snapshot, {"gamma": (parallel.OFF, -0.05)})
    linear = snapshot.configurations["kernel"] == "linear"
    np.testing.assert_array_equal(prepared.selected, np.flatnonzero(linear))


def test_of_many_lines_the_best_and_the_selected_are_drawn():
    snapshot = planted(3_000)
    prepared = parallel.prepare(snapshot, most=200)
    assert len(prepared.lines) <= 200
    assert prepared.rank[-1] == 1
    assert (prepared.rank > 0.98).sum() >= 40
    brushed = parallel.prepare(snapshot, {"x0": (0.2, 0.22)}, most=200)
    assert brushed.chosen.sum() == brushed.selected.size > 20


def test_the_best_line_is_that_of_the_best_trial():
    for maximise in (True, False):
        snapshot = planted(50, maximise=maximise)
        prepared = parallel.prepare(snapshot)
        assert prepared.best[-1] == 1
        x0 = snapshot.configurations["x0"][snapshot.best]
        assert prepared.best[0] == pytest.approx(x0)


def test_near_configurations_are_near_in_the_footprint():
    prepared = footprint.prepare(planted(80))
    assert prepared.dots.shape == (80, 2)
    assert prepared.default is not None
    # The last dot is the best, where the path ends.
    np.testing.assert_allclose(prepared.dots[-1], prepared.path[-1])
    np.testing.assert_allclose(prepared.best[0], prepared.path[-1])


def test_one_or_equal_configurations_have_one_place():
    space = SearchSpace((Float("x", 0.0, 1.0),))
    same = random_search(space, lambda u: u[0], 5)
    same = replace(same, configurations={"x": np.full(5, 0.5, object)})
    assert not footprint.prepare(same).dots.any()
    assert not footprint.prepare(random_search(space, lambda u: u[0], 1)).dots.any()


def test_two_numbers_keep_their_distances():
    space = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))
    prepared = footprint.prepare(random_search(space, lambda u: u[0], 40))
    assert "100%" in prepared.xlabel


# --- learning curves ------------------------------------------------------------------------------


def folds(rows):
    trial, fidelity, score = map(np.array, zip(*rows, strict=True))
    none = np.zeros(len(trial), int)
    columns = {"trial": trial, "fidelity": fidelity, "score": score, "fold": none, "worker": none}
    return columns | {"ok": trial >= 0, "started": 1.0 * trial, "seconds": 1.0 + none}


def test_agreement_of_ranks_is_spearmans():
    from scipy.stats import spearmanr

    random = np.random.default_rng(0)
    low, high = random.random((2, 12)).round(1)
    rows = [(t, f, s) for t in range(12) for f, s in ((0.5, low[t]), (1.0, high[t]))]
    snapshot = replace(planted(12), folds=folds(rows))
    ((place, rho, count),) = learning_curves.prepare(snapshot).agreement
    assert (place, count) == (0.5, 12)
    assert rho == pytest.approx(spearmanr(low, high).statistic)


def test_curves_of_the_farthest_and_best_are_shown():
    rows = [(t, 0.5, t / 10) for t in range(9)] + [(t, 1.0, t / 10 + 0.05) for t in (6, 7, 8)]
    snapshot = replace(planted(9, maximise=True), folds=folds(rows))
    prepared = learning_curves.prepare(snapshot, shown=2)
    np.testing.assert_allclose(prepared.curves[-1], [[0, 0.8], [1, 0.85]])
    np.testing.assert_allclose(prepared.curves[0], [[0, 0.7], [1, 0.75]])
    assert prepared.best == (1, pytest.approx(0.85))
    assert prepared.agreement == ()


def test_fits_of_one_size_have_no_curves():
    snapshot = replace(planted(3), folds=folds([(t, 1.0, 0.5) for t in range(3)]))
    assert "no learning curves" in learning_curves.prepare(snapshot).summary


# --- overtuning -----------------------------------------------------------------------------------


def test_the_lines_of_overtuning_step_where_the_best_changes():
    path = (
        WatchedIncumbent(0, 0.5, 0.6, 0.1),
        WatchedIncumbent(4, 0.7, 0.65, 0.1),
    )
    found = overtuning.prepare(
        Overtuning(path, overtuning=0.0), trials=11, measure="m", maximise=True
    )
    np.testing.assert_allclose(found.outer, [[0, 0.6], [4, 0.6], [4, 0.65], [10, 0.65]])
    np.testing.assert_allclose(found.validation[:, 1], [0.5, 0.5, 0.7, 0.7])
    assert found.default == 0.6
    assert found.alarm is None
    assert found.ylim[0] < 0.5 < 0.75 < found.ylim[1]
    assert "no earlier best was better" in found.summary


def test_the_one_that_is_better_outside_is_ringed():
    path = (WatchedIncumbent(0, 0.5, 0.6, 0.01), WatchedIncumbent(4, 0.7, 0.4, 0.01))
    alarm = OvertuningAlarm(0, 0.2, 0.1, "The default is better.")
    made = Overtuning(path, overtuning=0.2, alarm=alarm)
    found = overtuning.prepare(made, trials=5, measure="m", maximise=True)
    assert found.alarm == (0, 0.6)
    assert found.summary == "The default is better."
