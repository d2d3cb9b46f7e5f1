"""The columns of several measures at once."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from engine.domain.trials import Objective
from engine.plots import pareto, style


@pytest.fixture
def several(search):
    """Makes a search with one more measure, or several."""

    def make(values, *others, states=None, maximise=True):
        columns = tuple(
            Objective(id_, label, larger, np.asarray(column, dtype=float))
            for id_, label, larger, column in others
        )
        made = search(values, states, maximise=maximise, label="accuracy")
        return replace(made, others=columns)

    return make


def seconds(*values):
    return "fit_seconds", "fit time", False, values


def test_front_and_steps(several):
    prepared = pareto.prepare(
        several([0.9, 0.8, 0.85, 0.8, 0.7, np.nan], seconds(5.0, 2.0, 6.0, 3.0, 1.0, 0.1))
    )
    assert prepared.front.tolist() == [[1.0, 0.7], [2.0, 0.8], [5.0, 0.9]]
    assert prepared.dots.tolist() == [[6.0, 0.85], [3.0, 0.8]]
    # Round what the front beats: worse to the right and below.
    inner = sorted(prepared.steps[1:-1].tolist())
    assert inner == [[1.0, 0.7], [2.0, 0.7], [2.0, 0.8], [5.0, 0.8], [5.0, 0.9]]
    assert prepared.steps[0].tolist() == [prepared.xlim[1], 0.9]
    assert prepared.steps[-1].tolist() == [1.0, prepared.ylim[0]]
    assert prepared.best == prepared.default == (5.0, 0.9)
    assert prepared.xlabel == "fit time, seconds (smaller is better)"
    assert prepared.summary == (
        "accuracy against fit time: 3 of 5 trials are on the front, no other beats them on every "
        "measure. "
        "Best accuracy 0.9000, best fit time 1.0000."
    )


def test_only_complete_trials_count(several):
    states = ["complete", "running", "failed", "pruned"]
    prepared = pareto.prepare(several([0.5, 0.9, 0.9, 0.9], seconds(2, 1, 1, 1), states=states))
    assert prepared.front.tolist() == [[2.0, 0.5]]
    assert not len(prepared.dots)


def test_of_three_measures_two_are_shown_and_all_count(several):
    loss = ("log_loss", "log loss", False, [0.1, 0.2, 0.5])
    found = several([0.9, 0.8, 0.7], seconds(3, 1, 2), loss)
    by_time, by_loss = pareto.prepare(found), pareto.prepare(found, 1)
    assert by_time.front.tolist() == [[1.0, 0.8], [3.0, 0.9]]
    assert by_time.dots.tolist() == [[2.0, 0.7]]
    # Trial 1 is beaten on accuracy and loss, but is quick.
    assert by_loss.front.tolist() == [[0.1, 0.9], [0.2, 0.8]]
    assert by_loss.steps[1].tolist() == [0.1, 0.9]
    assert by_loss.xlabel == "log loss (smaller is better)"


@pytest.mark.parametrize(("slowest", "log"), [(1.9, False), (2.1, True)])
def test_times_far_apart_stand_on_a_log_axis(several, slowest, log):
    prepared = pareto.prepare(several([0.9, 0.8], seconds(slowest, 0.1)))
    assert prepared.log is log
    assert 0 < prepared.xlim[0] < 0.1 < slowest < prepared.xlim[1] or not log


def test_among_equals_the_best_is_on_the_front(several):
    prepared = pareto.prepare(several([0.5, 0.9, 0.9], seconds(1, 5, 2)))
    assert prepared.best == (2.0, 0.9)
    assert prepared.best in map(tuple, prepared.front.tolist())


def test_without_scores(several):
    for found in (several([], seconds()), several([np.nan] * 2, seconds(1, 2))):
        prepared = pareto.prepare(found)
        assert prepared.summary == "No trial is complete yet."
        assert not len(prepared.steps) and prepared.best is None


def test_many_trials_are_quick(several):
    random = np.random.default_rng(0)
    found = several(random.random(20_000), seconds(*random.random(20_000)))
    begun = perf_counter()
    prepared = pareto.prepare(found)
    assert perf_counter() - begun < 3
    assert len(prepared.dots) == pareto.MOST


def test_the_axis_changes_its_scale_with_the_times(several, figure):
    axes = figure().add_subplot()
    narrow = pareto.prepare(several([0.9, 0.8], seconds(2, 1)))
    wide = pareto.prepare(several([0.9, 0.8], seconds(200, 1)))
    artists = pareto.PICTURE.draw(axes, narrow, style.LIGHT)
    for prepared, scale in ((wide, "log"), (narrow, "linear")):
        artists = pareto.PICTURE.draw(axes, prepared, style.LIGHT, artists)
        axes.figure.canvas.draw()
        assert axes.get_xscale() == scale
        assert any(label.get_text() for label in axes.get_xticklabels())
