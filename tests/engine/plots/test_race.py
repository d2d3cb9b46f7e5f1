"""The columns of races over folds."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from engine.plots import race
from engine.plots.style import LIGHT


@pytest.fixture
def racing(search):
    """Makes a race snapshot from the folds that each trial did (in this order) and its race."""

    def make(done, races, states, order=(2, 0, 1), maximise=True):
        rows = [
            (trial, order[k], 0.5 + 0.1 * trial) for trial, n in enumerate(done) for k in range(n)
        ]
        trial, fold, score = map(np.array, zip(*rows, strict=True))
        made = search(
            [0.5 + 0.1 * t for t in range(len(done))],
            states,
            notes=[{"race": r} if r else {} for r in races],
            folds=0,
            maximise=maximise,
        )
        columns = {
            "trial": trial,
            "fold": fold,
            "score": score,
            "ok": np.ones(len(rows), bool),
            "fidelity": np.ones(len(rows)),
            "started": np.arange(len(rows), dtype=float),
            "seconds": np.ones(len(rows)),
            "worker": np.zeros(len(rows), int),
        }
        return replace(made, folds=columns)

    return make


STATES = ["complete", "pruned", "complete", "pruned", "running"]


def test_cells_dropped_and_elites(racing):
    prepared = race.prepare(racing([3, 1, 3, 2, 1], [0, 1, 1, 2, 2], STATES))
    # In the order of the race, counted from 1 as people do.
    assert prepared.folds == ("3", "1", "2")
    # A free row between races.
    assert prepared.row.tolist() == [0, 2, 3, 5, 6]
    assert prepared.dropped.tolist() == [[1, 2], [2, 5]]
    assert prepared.elite.tolist() == [True, False, True, False, False]
    assert prepared.best == (3.0, 0.7)
    assert [(name, more) for _, _, name, more in prepared.blocks] == [
        ("trial 0", ""),
        ("race 1", "1 to 2"),
        ("race 2", "3 to 4"),
    ]
    assert prepared.summary == (
        "5 trials in 2 races; trials by fold in the last one: 2 to 1; 2 with all folds, 2 dropped,"
        " 1 still in it. Best accuracy, 5-fold mean 0.7000 at trial 2."
    )


def test_cells_are_ranked_within_their_fold(racing):
    snapshot = racing([3, 1, 3, 2, 1], [0, 1, 1, 2, 2], STATES)
    prepared = race.prepare(snapshot)
    first = prepared.cell_fold == 0
    assert prepared.cell_rank[first].tolist() == [0, 0.25, 0.5, 0.75, 1]
    # The last fold has two trials only.
    assert prepared.cell_rank[prepared.cell_fold == 2].tolist() == [0, 1]
    worse = race.prepare(racing([3, 1, 3, 2, 1], [0, 1, 1, 2, 2], STATES, maximise=False))
    assert worse.cell_rank[first].tolist() == [1, 0.75, 0.5, 0.25, 0]


def test_equal_scores_rank_equally(racing):
    snapshot = racing([1, 1, 1], [1, 1, 1], ["running"] * 3)
    folds = snapshot.folds | {"score": np.array([0.5, 0.7, 0.7])}
    assert race.prepare(replace(snapshot, folds=folds)).cell_rank.tolist() == [0, 0.75, 0.75]


def test_failed_folds_are_crosses(racing):
    snapshot = racing([3, 2], [0, 1], ["complete", "failed"])
    folds = snapshot.folds | {"ok": np.array([True, True, True, True, False])}
    prepared = race.prepare(replace(snapshot, folds=folds))
    assert prepared.lost.tolist() == [[1, 2]]
    assert prepared.cell_row.size == 4


def test_without_races_or_scores(search):
    prepared = race.prepare(search([0.5, 0.6, 0.7]))
    assert prepared.blocks == ()
    assert prepared.row.tolist() == [0, 1, 2]
    old = search([0.9])
    empty = race.prepare(replace(old, folds={"trial": old.folds["trial"]}))
    assert empty.summary == "No fold has ended yet."
    assert not empty.row.size


def test_of_many_trials_survivors_and_the_latest_are_shown(search):
    states = np.where(np.arange(5_000) % 100 == 7, "complete", "pruned").tolist()
    values = np.linspace(0.9, 0.5, 5_000)
    notes = [{"race": 1 + i // 1_000} for i in range(5_000)]
    snapshot = search(values, states, notes=notes, folds=5)
    begun = perf_counter()
    prepared = race.prepare(snapshot)
    assert perf_counter() - begun < 1
    assert prepared.trial.size == race.MOST
    # The best is among them although it is old.
    assert 7 in prepared.trial
    assert prepared.elite.sum() == race.MOST // 2
    assert prepared.trial[-1] == 4_999
    assert prepared.ylabel == "trial (60 of 5,000)"
    assert np.diff(prepared.trial).min() > 0


def test_words_beside_rows_keep_clear_of_each_other(search, figure):
    notes = [{"race": 1 + i} for i in range(40)]
    axes = figure(height=200).add_subplot()
    race.PICTURE.draw(axes, race.prepare(search([0.5] * 40, notes=notes)), LIGHT)
    places = axes.transData.transform([(0, y) for y in axes.get_yticks()])[:, 1]
    assert len(places) > 3
    assert np.abs(np.diff(places)).min() >= 12
