"""The mouse over a picture: a click, or a range drawn across."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gui.pointing import DRAG, Pointer


@pytest.fixture
def axes() -> Axes:
    """From 0 to 10 both ways, a hundred pixels a unit."""
    figure = Figure(figsize=(10, 10), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 10)
    return axes


def test_the_mouse_drawn_across_marks_a_range_in_data_coordinates(axes: Axes) -> None:
    pointer = Pointer()
    pointer.pressed = (100.0, 200.0)
    assert pointer.drag(axes, 300.0, 800.0) == pytest.approx((1.0, 2.0, 3.0, 8.0))
    assert pointer.pressed is None


def test_a_shake_of_the_hand_is_a_click(axes: Axes) -> None:
    pointer = Pointer()
    assert pointer.drag(axes, 300.0, 300.0) is None  # it went down elsewhere
    pointer.pressed = (100.0, 100.0)
    assert pointer.drag(axes, 100.0 + DRAG / 2, 100.0) is None


def test_a_picture_without_places_has_nothing_to_select_or_ring(axes: Axes, theme) -> None:
    pointer = Pointer()
    pointer.selected = 3
    assert pointer.at(axes, object(), 100.0, 100.0) is None
    pointer.show(axes, object(), theme.theme)
    assert not axes.lines
