"""The columns of one hyperparameter against the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.plots import slices
from engine.plots.style import LIGHT
from engine.space import Categorical, Condition, Float, Integer, SearchSpace


def with_column(snapshot, space, **columns):
    arrays = {}
    for name, values in columns.items():
        arrays[name] = np.empty(len(values), object)
        arrays[name][:] = values
    return replace(snapshot, space=space, configurations=arrays)


def test_numbers_stand_at_their_values(search):
    space = SearchSpace((Float("C", 0.01, 100, log=True),))
    snapshot = with_column(search([0.8, 0.9, 0.7]), space, C=[0.1, 10.0, 1])
    prepared = slices.prepare(snapshot, "C")
    np.testing.assert_allclose(prepared.x, [0.1, 10, 1])
    np.testing.assert_allclose(prepared.order, [0, 0.5, 1])
    assert prepared.best == (10.0, 0.9)
    assert prepared.log
    assert prepared.xlim[0] < 0.01
    assert prepared.xlim[1] > 100
    assert prepared.summary.endswith("the best has C 10.")


def test_a_default_outside_the_range_widens_the_axis(search):
    space = SearchSpace((Integer("depth", 1, 8),))
    prepared = slices.prepare(with_column(search([0.8, 0.9]), space, depth=[30, 4]), "depth")
    assert prepared.xlim[1] > 30
    assert prepared.whole


def test_inactive_trials_are_left_out(search):
    space = SearchSpace(
        (Categorical("bootstrap", (True, False)), Float("max_samples", 0.1, 1)),
        (Condition("max_samples", "bootstrap", (True,)),),
    )
    snapshot = with_column(
        search([0.8, 0.9, 0.7]),
        space,
        bootstrap=[True, False, True],
        max_samples=[0.5, None, 0.2],
    )
    prepared = slices.prepare(snapshot, "max_samples")
    assert prepared.x.tolist() == [0.5, 0.2]
    assert prepared.best is None


def test_choices_stand_side_by_side_spread_alike_every_time(search):
    space = SearchSpace((Categorical("criterion", ("gini", None)),))
    snapshot = with_column(search([0.5] * 4), space, criterion=["gini", None, "gini", "gone"])
    prepared = slices.prepare(snapshot, "criterion")
    assert np.rint(prepared.x).tolist() == [0, 1, 0]
    assert prepared.x[0] != prepared.x[2]
    assert prepared.ticks == ((0.0, "gini"), (1.0, "None"))
    np.testing.assert_array_equal(slices.prepare(snapshot, "criterion").x, prepared.x)


def test_failures_show_where_they_happen(search):
    space = SearchSpace((Float("C", 0, 1),))
    snapshot = with_column(search([0.8, np.nan], ["complete", "failed"]), space, C=[0.2, 0.9])
    assert slices.prepare(snapshot, "C").lost.tolist() == [0.9]


def test_the_best_stays_among_the_latest(search):
    values = np.full(100, 0.5)
    values[3] = 0.9
    prepared = slices.prepare(search(values), "C", most=10)
    assert prepared.x.size == 10
    assert prepared.y.max() == 0.9


def test_log_axes_have_plain_labels(search, figure):
    made = figure()
    axes = made.add_subplot()
    slices.PICTURE.draw(axes, slices.prepare(search(np.linspace(0.1, 0.9, 20)), "C"), LIGHT)
    made.canvas.draw()
    words = [label.get_text() for label in axes.get_xticklabels()]
    assert "100" in words or "10,000" in words
    assert axes.get_xscale() == "log"
