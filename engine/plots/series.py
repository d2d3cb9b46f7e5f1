"""Looks of several methods or runs in one picture: a colour, a marker and a name for each.

Colours are Okabe and Ito's (2008), which people of all kinds of sight tell apart, made darker or
lighter where they would drown in the background; references are grey. As colours come round again
after six, so do markers after eight: no two of 24 look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import Locator

from engine.plots import draw
from engine.plots.colour import contrast, mix
from engine.plots.draw import Label
from engine.plots.panels import size
from engine.plots.style import Theme, background

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_REFERENCES = ("p", "d", "<", ">")
_GRAPHIC, _TEXT = 3.0, 4.5
"""Least contrast to the background."""
_LETTER = 6.6
"""Width of a letter in pixels, about."""
NAME = 22
"""Letters of a name at most."""


@dataclass(frozen=True)
class Look:
    """How a series is drawn: colour of lines and marks, of words, marker, dashes of its line."""

    colour: str
    ink: str
    marker: str
    dashes: Any


def looks(references: Sequence[bool], axes: Axes, theme: Theme) -> list[Look]:
    """Choose colour, marker and dashes for each of several series.

    Args:
        references: for each series, whether it is a reference, which is grey.
        axes: that they are drawn on, for the background.
        theme: gives greys and background.
    """
    return looks_on(references, background(axes, theme), theme)


def looks_on(references: Sequence[bool], behind: str, theme: Theme) -> list[Look]:
    """Choose looks as `looks` does, on a background of a given colour.

    Args:
        references: for each series, whether it is a reference.
        behind: colour of the background.
        theme: gives the greys.
    """
    found, plain, grey = [], 0, 0
    for reference in references:
        if reference:
            marker, dashes = _REFERENCES[grey % 4], ((4, 2.5), (1.2, 1.8))[grey % 2]
            found.append(Look(theme.muted, theme.muted, marker, (0, dashes)))
            grey += 1
            continue
        colour = OKABE_ITO[plain % len(OKABE_ITO)]
        marker = MARKERS[(plain + plain // len(OKABE_ITO)) % len(MARKERS)]
        graphic = _readable(colour, behind, theme, _GRAPHIC)
        found.append(Look(graphic, _readable(colour, behind, theme, _TEXT), marker, "-"))
        plain += 1
    return found


def _readable(colour: str, behind: str, theme: Theme, least: float) -> str:
    """``colour`` with as much of the text's as gives it the contrast."""
    mixed = (mix(colour, theme.text, share) for share in np.linspace(0, 1, 21).tolist())
    return next((ink for ink in mixed if contrast(ink, behind) >= least), theme.text)


def measure(label: str) -> str:
    """A measure's label within a sentence: names of letters, such as RMSE, keep them."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def names(labels: Sequence[str]) -> tuple[str, ...]:
    """Names as pictures have room for them."""
    return tuple(draw.shorten(label, NAME) for label in labels)


_KEY_ROW = 17.0


def draw_key(
    axes: Axes,
    theme: Theme,
    entries: Sequence[tuple[str, Look]],
    x: float,
    top: float,
    align: Literal["left", "right"] = "left",
) -> None:
    """Draw marks with names beneath each other, where direct labels do not fit.

    Args:
        axes: axes to draw on.
        theme: colours and fonts.
        entries: name and look of each.
        x: of the marks, as a share of the width.
        top: pixels from the top to the first.
        align: side of the marks that the names stand at.
    """
    height = size(axes)[1]
    shift = 9 if align == "left" else -9
    labels = []
    for row, (name, look) in enumerate(entries):
        y = 1 - (top + _KEY_ROW * row) / height
        style = {"transform": axes.transAxes, "clip_on": False, "zorder": 6}
        draw.dots(axes, look.colour, [x], [y], marker=look.marker, size=7, **style)
        labels.append(Label(x, y, name, look.ink, align=align, shift=(shift, 0)))
    halo = background(axes, theme)
    draw.labels(axes, theme, labels, transform=axes.transAxes, halo=halo)


def margin(axes: Axes, words: Sequence[str], most: float = 0.4) -> float:
    """Share of the width of ``axes`` that words at its right end need.

    Args:
        axes: that the words are on.
        words: a text for each line.
        most: largest share.
    """
    letters = max(map(len, words), default=0)
    return min((_LETTER * letters + 14) / size(axes)[0], most) if letters else 0.0


def end_labels(
    axes: Axes, ends: Sequence[tuple[float, float, str, str]], gap: float = 14.0
) -> list[Label]:
    """Words to the right of the ends of lines, moved apart where they would overlap.

    The limits of the axes must be set.

    Args:
        axes: axes with the lines.
        ends: x and y in data, words and colour of each.
        gap: least distance in pixels.
    """
    height = size(axes)[1]
    pixels = [axes.transData.transform((x, y))[1] for x, y, *_ in ends]
    scale = height / max(axes.bbox.height, 1.0)
    bottom = axes.bbox.y0
    wanted = np.array([(p - bottom) * scale for p in pixels])
    placed = apart(wanted, gap, height)
    return [
        Label(x, y, words, colour, align="left", shift=(9, float(new - old)), bold=False)
        for (x, y, words, colour), old, new in zip(ends, wanted, placed, strict=True)
    ]


def apart(places: np.ndarray, gap: float, height: float) -> np.ndarray:
    """Move places as little as need be (in least squares) so that they are ``gap`` apart.

    Args:
        places: shape (k,), wanted.
        gap: least distance.
        height: all are kept within 0 and this, where there is room.

    Returns:
        The new places, shape (k,), in the order of ``places``.
    """
    order = np.argsort(places, kind="stable")
    # Least squares under an order: groups that touch share the mean of what they would need.
    means: list[float] = []
    counts: list[int] = []
    for rank, place in enumerate(places[order].tolist()):
        mean, count = place - gap * rank, 1
        while means and means[-1] > mean:
            before, many = means.pop(), counts.pop()
            mean = (before * many + mean * count) / (many + count)
            count += many
        means.append(mean)
        counts.append(count)
    moved = np.repeat(means, counts) + gap * np.arange(order.size)
    if moved.size:
        moved += max(0.0, -moved[0])
        moved -= max(0.0, moved[-1] - height)
    found = np.empty(order.size)
    found[order] = moved
    return found


class Within(Locator):
    """The ticks of another locator up to a limit: the room for words beyond has none."""

    def __init__(self, inner: Locator, limit: float) -> None:
        self._inner = inner
        self._limit = limit

    def set_axis(self, axis: Any) -> None:
        super().set_axis(axis)
        self._inner.set_axis(axis)

    def __call__(self) -> Any:
        return self._kept(self._inner())

    def tick_values(self, vmin: float, vmax: float) -> Any:
        return self._kept(self._inner.tick_values(vmin, vmax))

    def _kept(self, ticks: Any) -> np.ndarray:
        found = np.asarray(ticks, dtype=float)
        return found[found <= self._limit * (1 + 1e-9)]


def steps(at: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a step function that holds each value until the next place.

    Args:
        at: k places, ascending; shape (k,).
        value: at each of them, shape (k,).

    Returns:
        x and y of the corners, both of shape (2 k - 1,).
    """
    return np.repeat(at, 2)[1:], np.repeat(value, 2)[:-1]


def band(at: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Corners of the region between two step functions, for `PolyCollection.set_verts`.

    Args:
        at: k places, ascending; shape (k,).
        low, high: values at each of them, shape (k,).

    Returns:
        Corners, shape (4 k - 2, 2).
    """
    x, lower = steps(at, low)
    upper = steps(at, high)[1]
    return np.column_stack([np.append(x, x[::-1]), np.append(lower, upper[::-1])])
