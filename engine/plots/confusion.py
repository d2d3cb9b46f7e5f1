"""Confusion matrix: counts by true and predicted class, shaded by share of the true class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from engine.domain.results import Confusion
from engine.plots import draw
from engine.plots.colour import mix, readable
from engine.plots.draw import Label
from engine.plots.picture import Picture, SearchSource
from engine.plots.style import Theme, background, points, style_axes

SHARES = 6
"""Classes up to which a cell shows its share below its count."""
COUNTS = 20
"""Classes up to which cells show their counts."""

INKS = ("#000000", "#ffffff")
"""Of the words in cells: one of the two can be read on any shade, which no softer pair can."""

_SHADES = 64
_FLOOR = 0.08
"""Shade of the smallest share that is not 0, so that rare confusions can be seen."""


@dataclass(frozen=True)
class Prepared:
    """Counts and shares of k classes, by true and predicted class.

    Attributes:
        labels: k words, shortened where long.
        counts: shape (k, k), by true (row) and predicted (column) class.
        shares: shape (k, k), of the true class's rows; 0 for a class without rows.
        note: the most frequent confusion in words, or empty.
        summary: words.
    """

    labels: tuple[str, ...]
    counts: np.ndarray
    shares: np.ndarray
    note: str
    summary: str


def prepare(confusion: Confusion) -> Prepared:
    """Arrange counts as a matrix, with their share of each true class's rows."""
    k = len(confusion.labels)
    counts = np.asarray(confusion.counts, dtype=int).reshape(k, k)
    rows = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(rows, 1)
    total, right = int(counts.sum()), int(np.trace(counts))
    note = _note(confusion.labels, counts)
    summary = (
        f"{right:,} of {total:,} rows are predicted right." if total else "No predictions yet."
    )
    return Prepared(
        labels=tuple(draw.shorten(label, 16 if k <= 8 else 10) for label in confusion.labels),
        counts=counts,
        shares=shares,
        note=note,
        summary=f"{summary} {note[:1].upper()}{note[1:]}.".rstrip(" .") + ".",
    )


def _note(labels: tuple[str, ...], counts: np.ndarray) -> str:
    wrong = counts - np.diag(np.diag(counts))
    if not wrong.any():
        return ""
    true, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    times = int(wrong[true, predicted])
    one, other = draw.shorten(labels[true], 16), draw.shorten(labels[predicted], 16)
    return f"most often {one} taken for {other}, {times:,} row{'s' * (times != 1)}"


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a matrix of counts by true and predicted class, shaded by share of the true class."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    axes.set_ylabel("true class")
    k = len(prepared.labels)
    size = max(k, 1)
    behind = background(axes, theme)
    shades = [mix(behind, theme.accent, i / (_SHADES - 1)) for i in range(_SHADES)]
    levels = np.rint(shade(prepared.shares) * (_SHADES - 1)).astype(int)
    palette = np.array([[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in shades], np.uint8)
    if k:
        draw.image(axes, palette[levels], (-0.5, k - 0.5, k - 0.5, -0.5))
    axes.set_xlim(-0.5, size - 0.5)
    axes.set_ylim(size - 0.5, -0.5)
    name_classes(axes, prepared.labels)
    axes.set_xlabel(
        f"predicted class\n{prepared.note}" if prepared.note else "predicted class",
        linespacing=1.6,
    )
    if k <= COUNTS:
        draw.labels(axes, theme, _cells(prepared, levels, shades, theme))
    draw.message(axes, theme, "" if k else "No predictions yet.")
    axes.yaxis.set_visible(k > 0)
    axes.xaxis.set_visible(k > 0)


def shade(shares: np.ndarray) -> np.ndarray:
    """How much accent a share gets, 0 to 1: none for none, then a step and a square root."""
    return np.where(shares > 0, _FLOOR + (1 - _FLOOR) * np.sqrt(shares.clip(0, 1)), 0.02)


def name_classes(axes: Axes, labels: Sequence[str]) -> None:
    """Words of the classes along both axes; of many, every second, fifth, ..."""
    k = len(labels)
    every = next(step for step in (1, 2, 5, 10, max(k, 1)) if k / step <= 20)
    places = list(range(0, k, every))
    words = [labels[i] for i in places]
    turned = sum(map(len, words)) > 40 or max(map(len, words), default=0) * len(words) > 48
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(places))
        axis.set_ticklabels(words)
    axes.tick_params(labelsize=points(min(12, max(9, 200 / max(len(words), 1)))))
    axes.tick_params(axis="x", labelrotation=90 if turned else 0)


def _cells(
    prepared: Prepared, levels: np.ndarray, shades: Sequence[str], theme: Theme
) -> list[Label]:
    """The words in the cells, in an ink that can be read on each cell's shade."""
    k = len(prepared.labels)
    size = min(13 if k <= SHARES else 12.0, max(7.0, 150 / max(k, 1)))
    cells = []
    for (row, column), count in np.ndenumerate(prepared.counts):
        if count == 0 and k > SHARES:
            continue
        share = float(prepared.shares[row, column])
        words = f"{count:,}" if k > SHARES or not count else f"{count:,}\n{_percent(share)}"
        ink = readable(shades[int(levels[row, column])], *INKS)
        cells.append(
            Label(column, row, words, ink if count else theme.muted, bold=row == column, size=size)
        )
    return cells


def _percent(share: float) -> str:
    whole = math.floor(share * 100 + 0.5)
    return "<1%" if whole == 0 else ">99%" if whole == 100 and share < 1 else f"{whole}%"


def _of_search(search: SearchSource) -> Prepared | None:
    given = search.answer("confusion")
    return None if given is None else prepare(given)


PICTURE = Picture(
    id="confusion",
    title="Confusion matrix",
    prepare=_of_search,
    paint=paint,
    pages=("predictions", "report"),
    asks="Results",
    heading=lambda search: f"True and predicted classes of the {search.predicted_rows}",
    inches=lambda _: 4.2,
    order=60,
)
