"""Pointing at trials in pictures."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from engine.plots import history, slices
from engine.plots.places import Places


@pytest.fixture
def axes():
    axes = Figure(figsize=(4, 3), dpi=100).add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 1)
    return axes


def test_the_nearest_trial_within_reach(axes):
    places = Places(np.array([7, 8, 9]), np.array([[1.0, 0.5], [5.0, 0.5], [9.0, 0.5]]))
    assert places.nearest(axes, 205, 153, reach=10) == 8
    assert places.nearest(axes, 240, 150, reach=10) is None
    assert places.of(9) == (9.0, 0.5)
    assert places.of(1) is None


def test_nothing_is_near_where_nothing_stands(axes):
    nowhere = Places(np.empty(0, int), np.empty((0, 2)))
    assert nowhere.nearest(axes, 200, 150, reach=1e6) is None
    lost = Places(np.array([1]), np.array([[np.nan, 0.5]]))
    assert lost.nearest(axes, 200, 150, reach=1e6) is None


def test_history_and_slices_know_where_their_trials_stand(search):
    snapshot = search([0.9, 0.8, np.nan, 0.7], ["complete", "pruned", "failed", "running"])
    assert history.prepare(snapshot).places.of(1) == (1.0, 0.8)
    assert history.prepare(snapshot).places.of(2) is None
    name = snapshot.space.names[0]
    prepared = slices.prepare(snapshot, name)
    assert prepared.places.number.tolist() == [0]
    assert prepared.places.of(0) == (prepared.x[0], 0.9)
