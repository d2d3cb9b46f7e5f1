"""The columns of two measures at once."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from engine.plots import pareto

LABELS = ("accuracy", "seconds")


def test_front_and_steps():
    scores = np.array([[0.9, 5.0], [0.8, 2.0], [0.85, 6.0], [0.8, 3.0], [0.7, 1.0], [np.nan, 0.1]])
    prepared = pareto.prepare(scores, LABELS, (True, False))
    assert prepared.front.tolist() == [[0.7, 1.0], [0.8, 2.0], [0.9, 5.0]]
    assert prepared.dots.tolist() == [[0.85, 6.0], [0.8, 3.0]]
    # Round what the front beats: worse to the left and above.
    inner = prepared.steps[1:-1].tolist()
    assert inner == [[0.7, 1.0], [0.7, 2.0], [0.8, 2.0], [0.8, 5.0], [0.9, 5.0]]
    assert prepared.steps[0].tolist() == [prepared.xlim[0], 1.0]
    assert prepared.steps[-1].tolist() == [0.9, prepared.ylim[1]]
    assert prepared.ylabel == "seconds (smaller is better)"
    assert prepared.summary == (
        "3 of 5 trials are not beaten on both measures. Best accuracy 0.9000, best seconds 1.0000."
    )


@pytest.mark.parametrize("seed", range(20))
def test_non_dominated_is_what_the_definition_says(seed):
    # Few values, so that there are ties and equals.
    scores = np.random.default_rng(seed).integers(0, 6, (25, 2)).astype(float)
    as_good = (scores[:, None] >= scores).all(axis=2)
    better = (scores[:, None] > scores).any(axis=2)
    np.testing.assert_array_equal(pareto.non_dominated(scores), ~(as_good & better).any(axis=0))


def test_without_scores():
    for scores in (np.empty((0, 2)), np.full((3, 2), np.nan)):
        prepared = pareto.prepare(scores, LABELS, (True, True))
        assert prepared.summary == "No trial has both scores yet."
        assert not len(prepared.steps)
    assert pareto.prepare(np.array([[1.0, 2.0]]), LABELS, (True, True)).summary.startswith(
        "1 of 1 trial is not"
    )


def test_many_trials_are_quick():
    scores = np.random.default_rng(0).random((100_000, 2))
    begun = perf_counter()
    prepared = pareto.prepare(scores, LABELS, (True, True))
    assert perf_counter() - begun < 1
    assert len(prepared.dots) == pareto.MOST
