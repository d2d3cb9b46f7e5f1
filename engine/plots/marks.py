"""What pictures are made of: dots, lines, bars, words; made once, updated in place.

None of them takes part in the layout, which so depends on ticks and axis labels only and holds
still while data arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import Transform

from engine.plots.style import Theme, families, points, style_axes, styled


class Themed(Protocol):
    """The artists of a picture, which know the theme they were made in."""

    @property
    def theme(self) -> Theme: ...


A = TypeVar("A", bound=Themed)
P = TypeVar("P")


def show(
    axes: Axes,
    prepared: P,
    theme: Theme,
    artists: A | None,
    create: Callable[[Axes, Theme], A],
    update: Callable[[Axes, P, A], None],
) -> A:
    """Show ``prepared`` by ``artists``, made by ``create`` if there are none in ``theme`` yet.

    Returns:
        The artists, to be handed in again.
    """
    with styled(theme):
        if artists is None or artists.theme != theme:
            artists = create(axes, theme)
        update(axes, prepared, artists)
    return artists


def begin(axes: Axes) -> None:
    """Empty ``axes`` for a picture to be drawn anew."""
    axes.clear()
    axes.set_aspect("auto")
    axes.set_axis_on()


def ground(axes: Axes, theme: Theme) -> str:
    """The colour behind ``axes``: that of its figure, or the window's where that is transparent."""
    colour: Any = axes.get_figure(root=True).get_facecolor()  # type: ignore[union-attr]
    return to_hex(colour) if colour[3] == 1 else theme.window


def dots(axes: Axes, colour: str, *, marker: str = "o", size: float = 6, **style: Any) -> Line2D:
    """An empty set of markers ``size`` pixels wide; `Line2D.set_data` moves them."""
    style = {"markeredgewidth": 0, "clip_on": True} | style
    (line,) = axes.plot(
        [], [], linestyle="none", marker=marker, color=colour, markersize=points(size), **style
    )
    line.set_in_layout(False)
    return line


def stroke(axes: Axes, colour: str, width: float, **style: Any) -> Line2D:
    """An empty line ``width`` pixels wide; `Line2D.set_data` draws it."""
    (line,) = axes.plot([], [], color=colour, linewidth=points(width), **style)
    line.set_in_layout(False)
    return line


def rectangles(
    left: np.ndarray, bottom: np.ndarray, width: np.ndarray, height: np.ndarray | float
) -> Sequence[np.ndarray]:
    """Corners of n rectangles, each of shape (4, 2), for `PolyCollection.set_verts`."""
    right, top = left + width, bottom + height
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    return list(np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1))


def bars(axes: Axes, **style: Any) -> PolyCollection:
    """An empty set of bars; `PolyCollection.set_verts` with `rectangles` fills it."""
    style = {"linewidths": 0} | style
    collection = PolyCollection([], closed=True, **style)
    collection.set_in_layout(False)
    axes.add_collection(collection, autolim=False)
    return collection


def segments(axes: Axes, width: float, **style: Any) -> LineCollection:
    """An empty set of straight lines ``width`` pixels wide; `LineCollection.set_segments` fills
    it."""
    collection = LineCollection([], linewidths=points(width), **style)
    collection.set_in_layout(False)
    axes.add_collection(collection, autolim=False)
    return collection


def across(low: np.ndarray, high: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Level lines from ``low`` to ``high`` at the heights ``y``, all (k,), for `segments`."""
    ends = [np.column_stack([low, y]), np.column_stack([high, y])]
    return list(np.stack(ends, axis=1))


def corners(at: Any, value: Any, last: float) -> np.ndarray:
    """Corners, (2 k, 2), of a line that holds each ``value``, (k,), from its place ``at``, (k,), to
    the next one's, and to ``last`` at the end."""
    x = np.append(np.repeat(at, 2)[1:], last)
    return np.column_stack([x, np.repeat(value, 2)]).astype(float)


def follow(lines: Iterable[tuple[Line2D, np.ndarray]]) -> None:
    """Let each line or set of dots run through its places, shape (k, 2)."""
    for line, places in lines:
        line.set_data(places[:, 0], places[:, 1])


def rows(axes: Axes, theme: Theme) -> None:
    """Dress ``axes`` for rows of bars or dots with a name each: an axis at the bottom alone."""
    style_axes(axes, theme, grid="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def name_rows(
    axes: Axes, names: Sequence[str], *, room: float, above: float = 0.6, below: float = 0.4
) -> None:
    """Put ``names`` at the rows 0, 1 ... from the top, with space for ``room`` rows."""
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
    """Words on axes whose number changes; the artists are kept for the next time.

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


def notice(axes: Axes, theme: Theme) -> Text:
    """An empty sentence in the middle of ``axes``, for a picture that has nothing to show."""
    text = axes.text(
        0.5,
        0.5,
        "",
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
