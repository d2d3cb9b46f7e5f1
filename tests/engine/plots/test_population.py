"""The columns of generations."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from engine.plots import population


@pytest.fixture
def evolving(search):
    """Makes a search with the default configuration and then generations of given scores."""

    def make(*generations, default=0.5, first=0, **options):
        scores = [default] + [s for g in generations for s in g]
        notes = [{}] + [{"generation": first + i} for i, g in enumerate(generations) for _ in g]
        states = ["failed" if np.isnan(s) else "complete" for s in scores]
        return search(scores, states, notes=notes, **options)

    return make


def test_boxes_and_best_so_far(evolving):
    prepared = population.prepare(
        evolving([0.1, 0.2, 0.3, 0.4, 0.5], [0.6, 0.4, 0.5, 0.7, 0.8], [0.75, 0.7, 0.7, 0.7])
    )
    np.testing.assert_allclose(
        prepared.boxes, [[1, 0.2, 0.3, 0.4], [2, 0.5, 0.6, 0.7], [3, 0.7, 0.7, 0.7125]]
    )
    # The default stands for the best until a generation beats it.
    steps = [[0.5, 0.5], [1.5, 0.5], [1.5, 0.8], [2.5, 0.8], [2.5, 0.8], [3.5, 0.8]]
    np.testing.assert_allclose(prepared.line, steps)
    assert prepared.best == (2.0, 0.8)
    assert prepared.default == 0.5
    assert len(prepared.dots) == 14
    assert np.rint(prepared.dots[:, 0]).tolist() == [1] * 5 + [2] * 5 + [3] * 4
    assert prepared.summary == (
        "3 generations, 14 trials; median of the first 0.3000, of the last 0.7000. "
        "Best accuracy, 5-fold mean 0.8000 at trial 10."
    )


def test_smaller_may_be_better(evolving):
    prepared = population.prepare(
        evolving([0.6, 0.4], [0.5, 0.3], default=0.45, maximise=False, label="log loss")
    )
    np.testing.assert_allclose(prepared.line[:, 1], [0.4, 0.4, 0.3, 0.3])
    assert not prepared.worse_low
    # Two scores are no box.
    assert prepared.boxes.shape == (0, 4)


def test_generations_counted_from_one_stay_so(evolving):
    assert np.rint(population.prepare(evolving([0.1], [0.2], first=1)).dots[:, 0]).tolist() == [
        1,
        2,
    ]


def test_failures_stand_in_their_generation(evolving):
    prepared = population.prepare(evolving([0.1, np.nan], [np.nan, np.nan]))
    assert np.rint(prepared.lost).tolist() == [1, 2, 2]
    assert "3 failed" in prepared.summary
    only = population.prepare(evolving([np.nan], default=np.nan))
    assert only.summary == "1 generation, 1 trial, 1 failed; no score yet."
    assert only.best is None


def test_without_generations(search):
    snapshot = search([0.9, 0.8])
    assert population.prepare(snapshot).summary == "No generation yet."
    said = {"generation": np.array([None, None], object)}
    assert not population.prepare(replace(snapshot, notes=said)).line.size


def test_five_thousand_trials_are_quick(evolving):
    random = np.random.default_rng(0)
    snapshot = evolving(*random.random((250, 20)))
    begun = perf_counter()
    prepared = population.prepare(snapshot)
    assert perf_counter() - begun < 1
    assert len(prepared.boxes) == 250
    assert len(population.prepare(snapshot, most=100).dots) == 100
