"""The columns of brackets and rungs."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from matplotlib.text import Annotation

from engine.plots import rungs
from engine.plots.style import LIGHT


def test_counts_by_bracket_and_fidelity(halving):
    prepared = rungs.prepare(halving((27, 3), (12, 2), (4, 0), (27, 3)))
    assert prepared.ticks == ("1/27", "1/9", "1/3", "full")
    # The default configuration is of no bracket.
    assert prepared.counts.tolist() == [[54, 18, 6, 2], [0, 12, 4, 1], [0, 0, 0, 4]]
    assert prepared.summary == (
        "71 trials: 54 at 1/27 of a fit, 30 at 1/9 of a fit, 10 at 1/3 of a fit, 8 in full; "
        "63 dropped. Best accuracy, 5-fold mean 0.9000 at trial 27."
    )


def test_every_place_of_a_trial_tells_what_became_of_it(halving):
    prepared = rungs.prepare(halving((9, 2)))
    # 9 at 1/9, 3 at 1/3, 1 in full, and the default.
    assert len(prepared.went_on) == 3 + 1
    assert len(prepared.dropped) == 6 + 2
    assert len(prepared.complete) == 1 + 1
    assert not len(prepared.waiting)
    # Two lines of two places and one of three, of which one ends in full.
    assert np.isnan(prepared.paths[:, 0]).sum() == 2
    assert np.nansum(prepared.paths[:, 2]) == 3
    assert prepared.best == pytest.approx((2, 0.9), abs=0.2)
    # Rungs are steps apart, each trial at its own distance from the middle.
    assert set(np.rint(prepared.dropped[:, 0])) == {0, 1}


def test_scores_are_means_over_folds(halving):
    snapshot = halving((3, 1))
    scores = snapshot.folds["score"] + np.tile([0.01, -0.03], len(snapshot.folds["score"]) // 2)
    shifted = rungs.prepare(replace(snapshot, folds=snapshot.folds | {"score": scores}))
    np.testing.assert_allclose(shifted.dropped[:, 1], rungs.prepare(snapshot).dropped[:, 1] - 0.01)


def test_a_failed_fold_marks_the_trial_at_its_rung(halving):
    snapshot = halving((9, 2))
    ok = snapshot.folds["ok"].copy()
    ok[(snapshot.folds["trial"] == 9) & (snapshot.folds["fidelity"] == 1)] = False
    prepared = rungs.prepare(replace(snapshot, folds=snapshot.folds | {"ok": ok}))
    assert np.rint(prepared.lost).tolist() == [2]
    assert len(prepared.complete) == 1


def test_undecided_trials_wait(halving):
    snapshot = halving((9, 2))
    state = snapshot.state.copy()
    state[1:7] = 0
    prepared = rungs.prepare(replace(snapshot, state=state))
    assert len(prepared.waiting) == 6
    assert "2 dropped, 6 undecided." in prepared.summary


def test_without_brackets_or_fidelities(search, halving):
    snapshot = halving((9, 2))
    assert rungs.prepare(replace(snapshot, notes={})).counts.tolist() == [[9, 3, 2]]
    old = search([0.9, 0.8])
    folds = {k: v for k, v in old.folds.items() if k not in ("fidelity", "score")}
    prepared = rungs.prepare(replace(old, folds=folds))
    assert prepared.ticks == ()
    assert prepared.summary == "No fold has ended yet."


def test_odd_fidelities_have_words(search):
    snapshot = search([0.9, 0.8])
    folds = snapshot.folds | {"fidelity": np.array([0.4, 0.4, 1.0, 1.0])}
    assert rungs.prepare(replace(snapshot, folds=folds)).ticks == ("40%", "full")


def shown(axes):
    """Words on ``axes`` and over which rung they stand."""
    labels = [text for text in axes.texts if isinstance(text, Annotation) and text.get_visible()]
    return {(text.xy[0], text.get_text()) for text in labels}


def test_header_counts_are_over_their_rungs(halving, figure):
    made = figure(width=500)
    axes = made.add_subplot()
    rungs.PICTURE.draw(axes, rungs.prepare(halving((27, 3), (12, 2))), LIGHT)
    made.canvas.draw()
    words = shown(axes)
    assert {(0, "27"), (1, "9"), (2, "3"), (3, "1"), (1, "12"), (2, "4")} <= words
    # In too little room, their sum.
    small = figure(width=220, height=120)
    rungs.PICTURE.draw(small.add_subplot(), rungs.prepare(halving((27, 3), (12, 2))), LIGHT)
    assert (1, "21") in shown(small.axes[0])


def test_no_score_stands_under_the_header(halving, figure):
    for maximise in (True, False):
        axes = figure().add_subplot()
        prepared = rungs.prepare(halving((27, 3), (12, 2), maximise=maximise))
        rungs.PICTURE.draw(axes, prepared, LIGHT)
        assert prepared.ylim[1] < axes.get_ylim()[1]
        assert max(axes.get_yticks()) <= prepared.ylim[1]


def test_five_thousand_trials_are_quick(halving, figure):
    snapshot = halving(*[(500, 3)] * 10)
    begun = perf_counter()
    prepared = rungs.prepare(snapshot)
    assert perf_counter() - begun < 1
    assert prepared.counts.sum() == 10 * (500 + 166 + 55 + 18)
    assert rungs.prepare(snapshot, most_lines=100).paths.shape[0] <= 100 * 4 + 99
    made = figure()
    rungs.PICTURE.draw(made.add_subplot(), prepared, LIGHT)
    made.canvas.draw()


def by_folds(search):
    """Ten folds, rungs of 1, 3 and 10: trial 1 stops on the first, 2 on the second, 3 gets all."""
    notes = [{}, *({"bracket": 2, "rung_folds": "1,3,10"} for _ in range(3))]
    states = ["complete", "pruned", "pruned", "complete"]
    snapshot = search([0.5, None, None, 0.7], states, notes=notes, folds=0)
    folds = [(0, f) for f in range(10)] + [(1, 4)] + [(2, f) for f in (4, 9, 1)]
    folds += [(3, f) for f in (4, 9, 1, 0, 2, 3, 5, 6, 7, 8)]
    trial, fold = map(np.array, zip(*folds, strict=True))
    count = len(folds)
    score = np.where(trial == 3, 0.7, 0.3 + 0.1 * trial)
    score[trial == 2] = [0.1, 0.2, 0.6]
    columns = {
        "trial": trial,
        "fold": fold,
        "fidelity": np.ones(count),
        "score": score,
        "ok": np.ones(count, bool),
        "worker": np.zeros(count, int),
        "started": 1.7e9 + np.arange(count),
        "seconds": np.ones(count),
    }
    return replace(snapshot, folds=columns)


def test_rungs_may_be_numbers_of_folds(search, figure):
    prepared = rungs.prepare(by_folds(search))
    assert prepared.ticks == ("1", "3", "10")
    assert prepared.counts.tolist() == [[3, 2, 1]]
    assert prepared.summary.startswith(
        "4 trials: 3 on 1 of 10 folds, 2 on 3 of 10 folds, 2 on 10 of 10 folds; 2 dropped."
    )
    # Trial 2 was promoted with the score of its first fold, and dropped with the mean of three.
    assert sorted(prepared.went_on[:, 1]) == pytest.approx([0.1, 0.7, 0.7])
    assert sorted(prepared.dropped[:, 1]) == pytest.approx([0.3, 0.4])
    axes = figure().add_subplot()
    rungs.PICTURE.draw(axes, prepared, LIGHT)
    assert axes.get_xlabel() == "folds"


def test_a_fold_that_fails_marks_its_rung_of_folds(search):
    snapshot = by_folds(search)
    ok = snapshot.folds["ok"].copy()
    ok[np.flatnonzero(snapshot.folds["trial"] == 2)[1]] = False
    keep = np.ones(ok.size, bool)
    keep[np.flatnonzero(snapshot.folds["trial"] == 2)[2]] = False  # not worth doing any more
    columns = {name: column[keep] for name, column in (snapshot.folds | {"ok": ok}).items()}
    prepared = rungs.prepare(replace(snapshot, folds=columns))
    assert np.rint(prepared.lost).tolist() == [1]
    assert prepared.counts.tolist() == [[3, 2, 1]]
