"""Parts of pictures with an axis of scores: the best, the default's line, marks at the edge.

Like everything in `engine.plots.draw` it is made once, updated in place and out of the layout.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw
from engine.plots.draw import Label, Labels
from engine.plots.style import Theme, background, points, score

EDGE = 0.035
"""How far from the edge marks without a place on the axis stand, as a share of the height."""


def best(axes: Axes, theme: Theme, **style: Any) -> Line2D:
    """An empty mark of the best trial; `put` moves it."""
    rim = background(axes, theme)
    style = {"markeredgewidth": points(2), "markeredgecolor": rim, "zorder": 5} | style
    return draw.dots(axes, theme.accent, size=11, **style)


def put(mark: Line2D, place: tuple[float, float] | None) -> None:
    """Show ``mark`` at ``place`` (x, y), or nowhere."""
    mark.set_data(*([[place[0]], [place[1]]] if place is not None else [[], []]))


def best_label(
    place: tuple[float, float],
    words: str,
    theme: Theme,
    *,
    worse_low: bool,
    side: Literal["left", "center", "right"],
) -> Label:
    """Label at the mark of the best score, on the side where scores are better.

    Args:
        place: of the mark, (x, y).
        words: of the label.
        theme: gives the colour.
        worse_low: whether worse scores are lower in the picture.
        side: alignment of the words at the mark.
    """
    right = {"left": -8, "center": 0, "right": 8}[side]
    up = 1 if worse_low else -1
    return Label(
        *place,
        words,
        theme.accent,
        align=side,
        vertical="bottom" if up > 0 else "top",
        shift=(right, 8 * up),
        bold=True,
    )


def inner_side(x: float, limits: tuple[float, float]) -> Literal["left", "right"]:
    """How words at ``x`` are aligned so that they keep within the ``limits`` of the axis."""
    low, high = limits
    return "left" if (x - low) / (high - low) < 0.25 else "right"


class DefaultLine:
    """The default configuration's score: a dashed line with words at its right end."""

    def __init__(self, axes: Axes, theme: Theme) -> None:
        across = axes.get_yaxis_transform()
        dashes = {"linestyle": (0, (4, 3)), "zorder": 1.5, "transform": across}
        self._line = draw.line(axes, theme.muted, 1, **dashes)
        self._label = Labels(axes, theme, transform=across, halo=background(axes, theme))
        self._colour = theme.muted

    def show(self, value: float | None, *, worse_low: bool) -> None:
        """Show the score ``value``, its words on the side of the line where scores are worse."""
        if value is None:
            self._line.set_data([], [])
            self._label.show([])
            return
        self._line.set_data([0, 1], [value, value])
        words = Label(
            0.995,
            value,
            f"default {short(value)}",
            self._colour,
            align="right",
            vertical="top" if worse_low else "bottom",
            shift=(0, -4 if worse_low else 4),
        )
        self._label.show([words])


def at_edge(axes: Axes, **style: Any) -> dict[str, Any]:
    """The style of marks that stand at an edge: x in data, y as a share of the height."""
    return {"transform": axes.get_xaxis_transform(), "clip_on": False, "zorder": 4} | style


def lost(axes: Axes, theme: Theme, *, size: float = 6, width: float = 1.8, **style: Any) -> Line2D:
    """Make empty crosses for trials that failed and so have no score.

    Args:
        axes: that they are drawn on.
        theme: gives the colour.
        size: of a cross, in pixels.
        width: of its lines, in pixels.
    """
    style = at_edge(axes, markeredgewidth=points(width), **style)
    return draw.dots(axes, theme.bad, marker="x", size=size, **style)


def cut(axes: Axes, theme: Theme, **style: Any) -> Line2D:
    """Empty triangles: scores beyond the axis, at its worse end."""
    return draw.dots(axes, theme.muted, marker="v", size=6, **at_edge(axes, **style))


def show_edge(
    marked: Iterable[tuple[Line2D, np.ndarray]], *, worse_low: bool, head: float = 0.0
) -> None:
    """Put marks along the worse end of the scores. Triangles point beyond the axis.

    Args:
        marked: sets of marks, each with its places on the x axis, shape (k,).
        worse_low: whether worse scores are lower in the picture.
        head: share of the height above the scores that something else takes.
    """
    height = EDGE if worse_low else 1 - EDGE - head
    for line, places in marked:
        line.set_data(places, np.full(len(places), height))
        if line.get_marker() in ("v", "^"):
            line.set_marker("v" if worse_low else "^")


def tally(
    snapshot: Snapshot,
    words: Iterable[tuple[TrialState, str]],
    among: np.ndarray | bool = True,
) -> list[str]:
    """Count the trials in each state: ``12 complete``. States that no trial is in are left out.

    Args:
        snapshot: of n trials.
        words: states with their names.
        among: mask of the trials counted, shape (n,); True for all.
    """
    counts = [(int((snapshot.is_state(state) & among).sum()), word) for state, word in words]
    return [f"{count:,} {word}" for count, word in counts if count]


def best_words(snapshot: Snapshot) -> str | None:
    """``Best accuracy 0.9123 at trial 4``, or None without one."""
    best = snapshot.best
    if best is None:
        return None
    value, number = float(snapshot.value[best]), int(snapshot.number[best])
    return f"Best {snapshot.measure_label} {score(value)} at trial {number:,}"


def short(value: float) -> str:
    """A reference score with three decimals near 1, as in ``default 0.919``."""
    return f"{value:.3f}".replace("-", "−") if abs(value) < 10 else score(value)
