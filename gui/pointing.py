"""Pointing at trials in pictures: a click selects the nearest, a ring shows the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from engine.plots import marks
from engine.plots.places import Places
from engine.plots.style import points
from engine.plots.theme import Theme

if TYPE_CHECKING:
    from gui.canvas import Canvas
    from gui.run import Run

REACH = 14.0
"""Pixels from a click to the trial that it means, at most."""
RING = 15


class Pointer:
    """The ring of one canvas, and what a click on it means."""

    def __init__(self) -> None:
        self.selected: int | None = None
        self._ring: Line2D | None = None

    def show(self, axes: Axes, prepared: object, theme: Theme) -> None:
        """Ring the selected trial where the picture has it; to be called after every drawing."""
        place = self._place(prepared)
        ring = self._ring
        if ring is None or ring.axes is not axes:  # a picture drawn anew has emptied its axes
            if place is None:
                return
            ring = self._ring = marks.dots(
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
