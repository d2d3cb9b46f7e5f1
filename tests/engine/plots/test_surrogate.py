"""The panels of a model's slices."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from engine.domain.understanding import SurrogateSlice
from engine.plots import panels, surrogate
from engine.plots.style import LIGHT
from engine.space import Categorical, Float, Integer, SearchSpace


def sliced(name, x, mean, width=0.01, promise=None):
    mean = np.asarray(mean, float)
    band = tuple((mean - width).tolist()), tuple((mean + width).tolist())
    promise = np.linspace(0, 1, len(mean)) if promise is None else promise
    return SurrogateSlice(name, tuple(x), tuple(mean.tolist()), *band, tuple(promise))


def test_panels_by_how_much_the_score_changes(search):
    snapshot = search([0.8, 0.9, 0.85])
    model = (
        sliced("C", [0.01, 1.0, 100.0], [0.90, 0.91, 0.90]),
        sliced("criterion", ["gini", "entropy", None], [0.8, 0.9, 0.85], promise=[0, 0.2, 1]),
    )
    prepared = surrogate.prepare(model, snapshot)
    first, second = prepared.panels
    assert first.name == "criterion"
    assert first.x.tolist() == [0, 1, 2]
    assert [word for _, word in first.ticks] == ["gini", "entropy", "None"]
    assert second.log
    assert second.x.tolist() == [0.01, 1.0, 100.0]
    np.testing.assert_allclose(second.low, [0.89, 0.90, 0.89])
    assert prepared.ylim[0] < 0.79 < 0.92 < prepared.ylim[1]
    assert prepared.summary == (
        "The model's expected accuracy, 5-fold mean along 2 hyperparameters; it changes most with "
        "criterion, C. Most promising: criterion None, C 100."
    )


def test_the_scores_axis_is_the_models(search):
    snapshot = search([0.9, 0.91, 0.1])
    prepared = surrogate.prepare((sliced("C", [0.01, 1.0], [0.90, 0.91]),), snapshot)
    (panel,) = prepared.panels
    assert prepared.ylim[0] > 0.8
    assert panel.dots[:, 1].tolist() == [0.9, 0.91]
    # What is far worse is a mark at the edge.
    assert panel.cut.tolist() == [snapshot.configurations["C"][2]]
    assert panel.best is not None
    assert panel.best[1] == 0.91


def test_unusable_slices_are_left_out(search):
    snapshot = search([0.9])
    nan = float("nan")
    prepared = surrogate.prepare(
        (
            sliced("unknown", [1, 2], [0.1, 0.2]),
            sliced("C", [-1.0, 0.1, 1.0], [0.1, 0.8, nan]),
            sliced("criterion", ["gone"], [0.5]),
            sliced("max_features", [0.5, 0.7], [nan, nan]),
        ),
        snapshot,
    )
    assert [panel.name for panel in prepared.panels] == ["C"]
    assert prepared.panels[0].x.tolist() == [0.1]


def test_without_a_model(search, figure):
    prepared = surrogate.prepare((), search([0.9]))
    assert prepared.panels == ()
    assert prepared.summary == "There is no model of the scores yet."
    axes = figure().add_subplot()
    surrogate.PICTURE.draw(axes, prepared, LIGHT)
    assert axes.texts[0].get_text() == prepared.summary


def test_as_many_panels_as_there_is_room_for(search, figure):
    space = SearchSpace(tuple(Float(f"h{i}", 0, 1) for i in range(30)))
    snapshot = search([0.8, 0.9], space=space)
    model = [sliced(f"h{i}", [0.0, 1.0], [0.8, 0.8 + 0.001 * i]) for i in range(30)]
    prepared = surrogate.prepare(model, snapshot)
    assert [panel.name for panel in prepared.panels] == [
        f"h{29 - i}" for i in range(surrogate.MOST)
    ]
    shown = []
    for width, height in ((220, 160), (500, 300), (1200, 800)):
        axes = figure(width=width, height=height).add_subplot()
        surrogate.PICTURE.draw(axes, prepared, LIGHT)
        shown.append(len(axes.child_axes))
        assert "of 30" in axes.get_xlabel()
    assert shown == [1, 4, 12]
    assert shown[1] < shown[2]


def test_panels_hide_when_they_are_not_needed(search, figure):
    snapshot = search([0.8, 0.9])
    model = (sliced("C", [0.01, 1.0], [0.8, 0.9]), sliced("max_features", [0.1, 1], [0.8, 0.82]))
    axes = figure().add_subplot()
    artists = surrogate.PICTURE.draw(axes, surrogate.prepare(model, snapshot), LIGHT)
    surrogate.PICTURE.draw(axes, surrogate.prepare(model[:1], snapshot), LIGHT, artists)
    assert [panel.get_visible() for panel in axes.child_axes] == [True, False]


def test_the_scores_words_stand_at_the_panels_ticks(search, figure):
    space = SearchSpace((Float("a", 0, 1), Integer("b", 1, 9), Categorical("c", (1, 2))))
    snapshot = search([0.8, 0.9], space=space)
    model = [sliced(name, [1, 2], [0.8, 0.9]) for name in "abc"]
    made = figure(width=400, height=300)
    axes = made.add_subplot()
    surrogate.PICTURE.draw(axes, surrogate.prepare(model, snapshot), LIGHT)
    made.canvas.draw()
    host = axes.transData.transform([(0, y) for y in axes.get_yticks()])[:, 1]
    expected = []
    firsts = {round(panel.get_position().y0, 3): panel for panel in axes.child_axes}
    for _, panel in sorted(firsts.items()):
        expected += panel.transData.transform([(0.5, t) for t in panel.get_yticks()])[:, 1].tolist()
    np.testing.assert_allclose(np.sort(host), np.sort(expected), atol=1)
    words = [label.get_text() for label in axes.get_yticklabels()]
    assert len(set(map(len, words))) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 7, 12])
def test_panels_lie_within_and_apart(count):
    for width, height in ((60, 40), (160, 100), (420, 230), (830, 430)):
        places = panels.layout(width, height, count)
        assert bool(places) == bool(count)
        assert len(places) <= count
        for i, place in enumerate(places):
            assert place.x0 >= -1e-9
            assert place.y0 > 0
            assert place.x1 <= 1 + 1e-9
            assert place.y1 < 1
            assert place.width > 0
            assert place.height > 0
            assert not any(place.overlaps(other) for other in places[:i])


def test_five_thousand_trials_are_quick(search):
    snapshot = search(np.random.default_rng(0).random(5_000))
    model = [sliced(name, [1, 2], [0.8, 0.9]) for name in ("C", "max_features")]
    begun = perf_counter()
    prepared = surrogate.prepare(model, snapshot)
    assert perf_counter() - begun < 1
    assert all(len(panel.dots) <= surrogate.MOST_DOTS for panel in prepared.panels)


def test_an_old_snapshot_without_configurations(search):
    snapshot = replace(search([0.9]), configurations={})
    prepared = surrogate.prepare((sliced("C", [0.01, 1.0], [0.8, 0.9]),), snapshot)
    assert not prepared.panels[0].dots.size
