"""What pictures of shares have in common: an axis in per cent, intervals, a figure at each bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.plots import marks
from engine.plots.marks import Label, Labels
from engine.plots.ranges import round_step
from engine.plots.style import Theme

THICK = 0.5
"""Of a bar, in rows."""
SLOTS = 5
"""Room for so many bars at least, so that one alone does not fill the picture."""


def limit(furthest: float, most: float) -> float:
    """End of the axis where bars and intervals reach to ``furthest``: on a round step and, as far
    as words leave room, at most at ``most``."""
    step = round_step(furthest / 5)
    return max(min(step * (np.ceil(furthest / step - 1e-9) + 0.5), most), 1.2 * furthest)


def dress(axes: Axes, theme: Theme) -> LineCollection:
    """Dress ``axes``, and return the empty intervals."""
    marks.rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0%}"))
    return marks.segments(axes, 1.5, colors=theme.text, zorder=3)


def bars(row: np.ndarray, share: np.ndarray) -> Sequence[np.ndarray]:
    """Corners of bars of the length ``share`` in the rows ``row``, both (k,)."""
    return marks.rectangles(np.zeros(row.size), row - THICK / 2, share, THICK)


def show(
    axes: Axes,
    names: Sequence[str],
    share: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    intervals: LineCollection,
    labels: Labels,
    colour: str,
) -> None:
    """Name the rows, draw the intervals that are known (not NaN), and write each share in
    ``colour`` where its bar and interval end; all (k,)."""
    row, known = np.arange(len(names), dtype=float), np.isfinite(low)
    intervals.set_segments(marks.across(low[known], high[known], row[known]))
    marks.name_rows(axes, names, room=max(len(names), SLOTS))
    labels.show(
        Label(end, y, percent(one), colour, align="left", shift=(6, 0))
        for end, y, one in zip(np.fmax(share, high), row, share, strict=True)
    )


def percent(share: float) -> str:
    """A share as a figure: ``<1%`` for one that would round to nothing."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"
