"""Parts of pictures of shares: an axis in per cent, intervals, and a number at each bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.plots import draw
from engine.plots.draw import Label
from engine.plots.ranges import round_step
from engine.plots.style import Theme, background, style_rows

THICK = 0.5
"""Of a bar, in rows."""
SLOTS = 5
"""Room for so many bars at least, so that one alone does not fill the picture."""


def limit(furthest: float, most: float) -> float:
    """End of the axis where bars and intervals reach to ``furthest``: on a round step and, as far
    as words leave room, at most at ``most``."""
    step = round_step(furthest / 5)
    return max(min(step * (np.ceil(furthest / step - 1e-9) + 0.5), most), 1.2 * furthest)


def bars(row: np.ndarray, share: np.ndarray) -> Sequence[np.ndarray]:
    """Corners of bars, for `draw.bars`.

    Args:
        row: shape (k,), place of each.
        share: shape (k,), length of each.

    Returns:
        Corners, each of shape (4, 2).
    """
    return draw.rectangles(np.zeros(row.size), row - THICK / 2, share, THICK)


class Shares(Protocol):
    """Names of k rows, their shares, and the bounds of these, (k,), NaN where there are none."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def share(self) -> np.ndarray: ...
    @property
    def low(self) -> np.ndarray: ...
    @property
    def high(self) -> np.ndarray: ...
    @property
    def limit(self) -> float: ...


def paint_rows(axes: Axes, theme: Theme, shown: Shares) -> None:
    """Style axes, name the rows, draw intervals, and write each share where its bar ends.

    Args:
        axes: to draw on.
        theme: colours and fonts.
        shown: rows with their shares.
    """
    style_rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0%}"))
    axes.set_xlim(0, shown.limit)
    row, known = np.arange(len(shown.names), dtype=float), np.isfinite(shown.low)
    intervals = draw.horizontals(shown.low[known], shown.high[known], row[known])
    draw.segments(axes, 1.5, intervals, colors=theme.text, zorder=3)
    draw.name_rows(axes, shown.names, room=max(row.size, SLOTS))
    labels = (
        Label(end, y, percent(one), theme.muted, align="left", shift=(6, 0))
        for end, y, one in zip(np.fmax(shown.share, shown.high), row, shown.share, strict=True)
    )
    draw.labels(axes, theme, labels, halo=background(axes, theme))
    draw.message(axes, theme, "" if row.size else "Too few trials to tell what mattered.")
    axes.xaxis.set_visible(bool(row.size))


def percent(share: float) -> str:
    """A share as a figure: ``<1%`` for one that would round to nothing."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"
