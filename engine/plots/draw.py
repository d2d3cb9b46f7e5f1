"""Drawing primitives: dots, lines, bars, words, as matplotlib artists.

Each takes what it shows at once, or is made empty and filled later, which is how pictures that grow
keep their artists. None of them takes part in the layout, which so depends on ticks and axis labels
only and holds still while data arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import Transform

from engine.plots.style import Theme, families, points


def dots(
    axes: Axes,
    colour: str,
    x: Any = (),
    y: Any = (),
    *,
    marker: str = "o",
    size: float = 6,
    **style: Any,
) -> Line2D:
    """Draw markers.

    Args:
        axes: axes to draw on.
        colour: of all markers.
        x: places, shape (k,), in data coordinates.
        y: places, shape (k,), in data coordinates.
        marker: matplotlib's name of the shape.
        size: width in pixels.
        style: further properties of the artist.

    Returns:
        The artist.
    """
    style = {"markeredgewidth": 0, "clip_on": True, "markersize": points(size)} | style
    return _line2d(axes, x, y, linestyle="none", marker=marker, color=colour, **style)


def line(axes: Axes, colour: str, width: float, x: Any = (), y: Any = (), **style: Any) -> Line2D:
    """Draw a line.

    Args:
        axes: axes to draw on.
        colour: of the line.
        width: in pixels.
        x: corners, shape (k,), in data coordinates.
        y: corners, shape (k,), in data coordinates.
        style: further properties of the artist.

    Returns:
        The artist.
    """
    return _line2d(axes, x, y, color=colour, linewidth=points(width), **style)


def _line2d(axes: Axes, x: Any, y: Any, **style: Any) -> Line2D:
    # Filled after it is added: limits are the picture's own, never fitted to what is drawn.
    (made,) = axes.plot([], [], **style)
    made.set_in_layout(False)
    made.set_data(x, y)
    return made


def rectangles(
    left: np.ndarray, bottom: np.ndarray, width: np.ndarray, height: np.ndarray | float
) -> Sequence[np.ndarray]:
    """Compute the corners of rectangles, for `bars` and `PolyCollection.set_verts`.

    Args:
        left: shape (n,).
        bottom: shape (n,).
        width: shape (n,).
        height: shape (n,), or one for all.

    Returns:
        n arrays of shape (4, 2).
    """
    right, top = left + width, bottom + height
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    return list(np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1))


def bars(axes: Axes, corners: Sequence[Any] = (), **style: Any) -> PolyCollection:
    """Draw filled shapes.

    Args:
        axes: axes to draw on.
        corners: of each shape, (j, 2); `rectangles` computes those of bars.
        style: properties of the artist.

    Returns:
        The artist.
    """
    made = PolyCollection(corners, closed=True, **({"linewidths": 0} | style))
    made.set_in_layout(False)
    axes.add_collection(made, autolim=False)
    return made


def segments(axes: Axes, width: float, paths: Sequence[Any] = (), **style: Any) -> LineCollection:
    """Draw lines.

    Args:
        axes: axes to draw on.
        width: of all lines, in pixels.
        paths: corners of each line, (j, 2).
        style: further properties of the artist.

    Returns:
        The artist.
    """
    made = LineCollection(paths, linewidths=points(width), **style)
    made.set_in_layout(False)
    axes.add_collection(made, autolim=False)
    return made


def image(axes: Axes, colours: np.ndarray, extent: tuple[float, float, float, float]) -> AxesImage:
    """Draw coloured cells.

    Args:
        axes: axes to draw on.
        colours: bytes, shape (rows, columns, 3), the first row at the top.
        extent: left, right, bottom and top, in data coordinates.

    Returns:
        The artist.
    """
    made = axes.imshow(colours, extent=extent, aspect="equal", interpolation="nearest")
    made.set_in_layout(False)
    return made


def horizontals(low: np.ndarray, high: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Compute horizontal lines, for `segments`.

    Args:
        low: left ends, shape (k,).
        high: right ends, shape (k,).
        y: heights, shape (k,).

    Returns:
        k arrays of shape (2, 2).
    """
    ends = [np.column_stack([low, y]), np.column_stack([high, y])]
    return list(np.stack(ends, axis=1))


def step_corners(at: Any, value: Any, last: float) -> np.ndarray:
    """Compute the corners of a step function that holds each value up to the next place.

    Args:
        at: places, ascending, shape (k,).
        value: value from each place on, shape (k,).
        last: where the last step ends.

    Returns:
        Shape (2 k, 2).
    """
    x = np.append(np.repeat(at, 2)[1:], last)
    return np.column_stack([x, np.repeat(value, 2)]).astype(float)


def set_places(lines: Iterable[tuple[Line2D, np.ndarray]]) -> None:
    """Move each line or set of dots to its places, shape (k, 2)."""
    for made, places in lines:
        made.set_data(places[:, 0], places[:, 1])


def name_rows(
    axes: Axes, names: Sequence[str], *, room: float, above: float = 0.6, below: float = 0.4
) -> None:
    """Name the rows 0, 1 ... from the top.

    Args:
        axes: axes whose y axis counts rows.
        names: a name for each row.
        room: number of rows for which there is space.
        above: rows from the upper end of the axis to the first row.
        below: rows by which the lower end of the axis falls short of ``room``.
    """
    axes.set_ylim(room - below, -above)
    axes.yaxis.set_major_locator(FixedLocator(list(range(len(names)))))
    axes.set_yticklabels(names)


@dataclass(frozen=True)
class Label:
    """Words at a place; ``shift`` moves them by pixels (right, up)."""

    x: float
    y: float
    text: str
    colour: str
    align: Literal["left", "center", "right"] = "center"
    vertical: Literal["bottom", "center", "top"] = "center"
    shift: tuple[float, float] = (0.0, 0.0)
    bold: bool = False
    size: float | None = None
    """In pixels; None for that of axis labels."""


class Labels:
    """Words on axes whose number changes; their artists are kept for the next time.

    Args:
        axes: where the words stand.
        theme: gives font and size.
        transform: of the labels' coordinates; None for those of the data.
        halo: colour of a thin rim that keeps words readable over lines; None for none.
    """

    def __init__(
        self, axes: Axes, theme: Theme, transform: Transform | None = None, halo: str | None = None
    ) -> None:
        self._axes = axes
        self._theme = theme
        self._transform = transform or axes.transData
        self._effects: list[AbstractPathEffect] = (
            [withStroke(linewidth=points(4), foreground=halo)] if halo else []
        )
        self._texts: list[Annotation] = []

    def show(self, labels: Iterable[Label]) -> None:
        """Show exactly ``labels``."""
        count = 0
        for count, label in enumerate(labels, start=1):
            if count > len(self._texts):
                self._texts.append(self._make())
            self._set(self._texts[count - 1], label)
        for text in self._texts[count:]:
            text.set_visible(False)

    def _make(self) -> Annotation:
        text = self._axes.annotate(
            "", (0, 0), xytext=(0, 0), xycoords=self._transform, textcoords="offset points"
        )
        text.set_fontfamily(list(families(self._theme)))
        text.set_path_effects(self._effects)
        text.set_in_layout(False)
        return text

    def _set(self, text: Annotation, label: Label) -> None:
        text.set_visible(True)
        text.set_text(label.text)
        text.xy = (label.x, label.y)
        text.set_position((points(label.shift[0]), points(label.shift[1])))
        text.set_color(label.colour)
        text.set_horizontalalignment(label.align)
        text.set_verticalalignment(label.vertical)
        text.set_fontweight("bold" if label.bold else "normal")
        text.set_fontsize(points(label.size or self._theme.size - 1))


def labels(
    axes: Axes,
    theme: Theme,
    shown: Iterable[Label],
    *,
    transform: Transform | None = None,
    halo: str | None = None,
) -> None:
    """Write words, as `Labels` does.

    Args:
        axes: axes to draw on.
        theme: colours and fonts.
        shown: words with their places.
        transform: of the places; None: data coordinates.
        halo: colour of a rim that sets words off; None: no rim.
    """
    Labels(axes, theme, transform, halo).show(shown)


def message(axes: Axes, theme: Theme, words: str = "") -> Text:
    """Write a sentence in the middle, for a picture that has nothing to show.

    Args:
        axes: axes to draw on.
        theme: colours and fonts.
        words: the sentence; empty: nothing is seen.

    Returns:
        The artist.
    """
    text = axes.text(
        0.5,
        0.5,
        words,
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=theme.muted,
        fontsize=points(theme.size),
        fontfamily=list(families(theme)),
    )
    text.set_in_layout(False)
    return text


def shorten(text: str, most: int) -> str:
    """``text`` in at most ``most`` characters, with an ellipsis in the middle if need be."""
    if len(text) <= most:
        return text
    tail = (most - 1) // 3
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"
