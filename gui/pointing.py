"""Pointing at trials in pictures: a click selects the nearest, a ring shows the selected one, and
a drag of the mouse marks a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from engine.plots import draw
from engine.plots.colour_tokens import Theme
from engine.plots.places import Places
from engine.plots.style import points

if TYPE_CHECKING:
    from gui.canvas import Canvas
    from gui.run import Run

REACH = 14.0
"""Pixels from a click to the trial that it means, at most."""
RING = 15
DRAG = 6.0
"""Pixels from which a click counts as a drag."""


class Pointer:
    """The ring of one canvas, and what a click on it means."""

    def __init__(self) -> None:
        self.selected: int | None = None
        self.pressed: tuple[float, float] | None = None
        """Where the mouse went down, in the figure's pixels."""
        self._ring: Line2D | None = None

    def show(self, axes: Axes, prepared: object, theme: Theme) -> None:
        """Ring the selected trial where the picture has it; to be called after every drawing."""
        place = self._place(prepared)
        ring = self._ring
        if ring is None or ring.axes is not axes:  # a picture drawn anew has emptied its axes
            if place is None:
                return
            ring = self._ring = draw.dots(
                axes,
                theme.text,
                size=RING,
                markerfacecolor="none",
                markeredgewidth=points(2),
                zorder=9,
                clip_on=False,
            )
        ring.set_data(*(([], []) if place is None else ([place[0]], [place[1]])))

    def at(self, axes: Axes, prepared: object, x: float, y: float) -> int | None:
        """The trial meant by a click at a point of the figure, in pixels."""
        places = getattr(prepared, "places", None)
        return places.nearest(axes, x, y, REACH) if isinstance(places, Places) else None

    def drag(self, axes: Axes, x: float, y: float) -> tuple[float, float, float, float] | None:
        """Start and end of a drag when the mouse goes up at a point of the figure, in data
        coordinates; None for a click."""
        begun, self.pressed = self.pressed, None
        if begun is None or max(abs(x - begun[0]), abs(y - begun[1])) < DRAG:
            return None
        ends = axes.transData.inverted().transform([begun, (x, y)])
        return tuple(ends.ravel().tolist())

    def _place(self, prepared: object) -> tuple[float, float] | None:
        places = getattr(prepared, "places", None)
        if self.selected is None or not isinstance(places, Places):
            return None
        return places.of(self.selected)


def link(canvas: Canvas, run: Run) -> Canvas:
    """Let ``canvas`` select trials of ``run``, and ring the selected one; returns it."""
    canvas.pointed.connect(run.select)
    run.selection_changed.connect(canvas.ring)
    canvas.ring(run.selected)
    return canvas
