"""The columns of the picture of the search."""

from __future__ import annotations

import numpy as np

from engine.plots import history
from engine.plots.style import LIGHT

C, F, P, R = "complete", "failed", "pruned", "running"


def test_trials_by_state(search):
    nan = np.nan
    prepared = history.prepare(
        search([0.90, nan, 0.85, 0.95, 0.93, nan, nan], [C, F, P, C, R, R, C])
    )
    np.testing.assert_allclose(prepared.done, [(0, 0.90), (3, 0.95)])
    np.testing.assert_allclose(prepared.pruned, [(2, 0.85)])
    np.testing.assert_allclose(prepared.running, [(4, 0.93)])
    assert prepared.lost.tolist() == [1, 6]
    assert prepared.waiting.tolist() == [5]
    assert prepared.best == (3, 0.95)
    assert prepared.default == 0.90
    assert prepared.summary == (
        "Best accuracy, 5-fold mean 0.9500 at trial 3, default 0.9000; "
        "3 complete, 1 failed, 1 pruned, 2 undecided."
    )


def test_best_so_far_steps_up_at_improvements_and_ends_at_the_last_final_trial(search):
    prepared = history.prepare(search([0.8, 0.7, 0.9, 0.9, 0.85, 0.99], [C, C, C, C, C, R]))
    assert prepared.line.tolist() == [[0, 0.8], [2, 0.8], [2, 0.9], [4, 0.9]]


def test_best_so_far_steps_down_for_losses(search):
    prepared = history.prepare(search([3.0, 4.0, 1.0], maximise=False))
    assert prepared.line.tolist() == [[0, 3.0], [2, 3.0], [2, 1.0], [2, 1.0]]
    assert prepared.best == (2, 1.0)
    assert not prepared.worse_low


def test_an_awful_score_stands_at_the_edge_and_flattens_nothing(search):
    values = np.linspace(0.9, 0.95, 40)
    values[7] = -5000
    prepared = history.prepare(search(values))
    assert prepared.cut.tolist() == [7]
    assert len(prepared.done) == 39
    assert prepared.ylim[0] > 0.85


def test_an_awful_loss_stands_at_the_edge_too(search):
    values = np.linspace(1, 2, 40)
    values[7] = 1e9
    prepared = history.prepare(search(values, maximise=False))
    assert prepared.cut.tolist() == [7]
    assert prepared.ylim[1] < 3


def test_an_awful_default_is_still_shown(search):
    prepared = history.prepare(search([0.1, *np.linspace(0.9, 0.95, 40)]))
    assert not prepared.cut.size
    assert prepared.ylim[0] < 0.1


def test_axes_hold_still_while_trials_come_in(search):
    values = 0.9 + 0.04 * np.random.default_rng(3).random(100)
    limits = {history.prepare(search(values[:n], planned=200)).xlim for n in range(1, 101)}
    assert len(limits) <= 6
    limits = {history.prepare(search(values[:n], planned=200)).ylim for n in range(30, 101)}
    assert len(limits) <= 2


def test_the_axis_ends_at_the_plan(search):
    assert history.prepare(search([0.9] * 45, planned=50)).xlim[1] == 50 * 1.015


def test_many_trials_are_thinned_but_no_extreme_is_lost(search):
    values = 0.9 + 0.01 * np.random.default_rng(0).random(50_000)
    values[[17, 31_234]] = 0.86, 0.95
    prepared = history.prepare(search(values, folds=0))
    assert len(prepared.done) <= history.MOST
    assert prepared.done[:, 1].max() == 0.95
    assert prepared.done[:, 1].min() == 0.86
    assert (np.diff(prepared.done[:, 0]) > 0).all()
    assert prepared.xlabel == f"trial ({len(prepared.done):,} of 50,000 shown)"


def test_words_on_the_picture(search, figure):
    axes = figure().add_subplot()
    history.PICTURE.draw(axes, history.prepare(search([0.9192, 0.9, 0.96333])), LIGHT)
    words = [text.get_text() for text in axes.texts]
    assert "best 0.9633, trial 2" in words
    assert "default 0.919" in words
