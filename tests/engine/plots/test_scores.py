"""What pictures with an axis of scores share."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.trials import TrialState
from engine.plots import scores
from engine.plots.style import LIGHT


def places(line):
    """Coordinates of what ``line`` shows: those across, those up."""
    across, up = line.get_data()
    return list(across), list(up)


@pytest.mark.parametrize(("worse_low", "marker"), [(True, "v"), (False, "^")])
def test_marks_at_the_edge_stand_at_the_worse_end_and_point_beyond_it(figure, worse_low, marker):
    axes = figure().add_subplot()
    lost, cut = scores.lost(axes, LIGHT), scores.cut(axes, LIGHT)
    edge = ((lost, np.array([3, 4])), (cut, np.array([5])))
    scores.show_edge(edge, worse_low=worse_low, head=0.2)
    heights = {*places(lost)[1], *places(cut)[1]}
    assert heights == {scores.EDGE if worse_low else 1 - scores.EDGE - 0.2}
    assert (lost.get_marker(), cut.get_marker()) == ("x", marker)
    assert places(lost)[0] == [3, 4]


@pytest.mark.parametrize("worse_low", [True, False])
def test_words_of_the_best_are_where_scores_are_better_those_of_the_default_are_not(
    figure, worse_low
):
    axes = figure().add_subplot()
    label = scores.best_label((1, 0.5), "best", LIGHT, worse_low=worse_low, side="left")
    line = scores.DefaultLine(axes, LIGHT)
    line.show(0.5, worse_low=worse_low)
    (words,) = [t for t in axes.texts if t.get_visible()]
    assert words.get_text() == "default 0.500"
    assert (label.shift[1] > 0) is worse_low
    assert (words.get_position()[1] < 0) is worse_low
    line.show(None, worse_low=worse_low)
    assert not words.get_visible()
    assert all(places(drawn) == ([], []) for drawn in axes.lines)


def test_a_tally_counts_among_some_and_leaves_out_what_is_not_there(search):
    snapshot = search([0.1, 0.2, np.nan, 0.3], ["complete", "pruned", "failed", "complete"])
    words = [(state, state.value) for state in (TrialState.COMPLETE, TrialState.RUNNING)]
    assert scores.tally(snapshot, words) == ["2 complete"]
    assert scores.tally(snapshot, words, np.array([True, True, True, False])) == ["1 complete"]


def test_words_of_the_best(search):
    assert scores.best_words(search([0.1, 0.3])) == ("Best accuracy, 5-fold mean 0.3000 at trial 1")
    assert scores.best_words(search([np.nan], ["failed"])) is None


def test_words_keep_within_the_axis():
    assert scores.inner_side(1, (0, 10)) == "left"
    assert scores.inner_side(9, (0, 10)) == "right"
