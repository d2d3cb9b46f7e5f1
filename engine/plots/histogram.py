"""A column of the table as a tiny histogram: the shape of its values and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.plots import draw
from engine.plots.picture import Picture
from engine.plots.style import Theme

_GAP = 0.15
_LEAST = 0.03
"""Height of a column that is not empty, so that it can be seen beside a tall one."""


@dataclass(frozen=True)
class Prepared:
    """Heights as shares of the tallest, shape (k,); whether to stress the columns; words."""

    heights: np.ndarray
    stress: bool
    summary: str


def prepare(counts: Sequence[int], stress: bool = False) -> Prepared:
    """Scale ``counts`` to heights; ``stress`` paints them in the accent, as for the target."""
    count = np.nan_to_num(np.asarray(counts, dtype=float), nan=0, posinf=0, neginf=0).clip(0)
    tallest = count.max(initial=0)
    heights = count / tallest if tallest else count
    heights = np.where(count > 0, heights.clip(_LEAST), 0)
    total = f"{int(count.sum()):,} values in {count.size} bins" if tallest else "no values"
    return Prepared(heights, stress, f"Histogram of {total}.")


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the picture on empty ``axes``."""
    axes.set_axis_off()
    axes.set_ylim(0, 1)
    places = np.arange(prepared.heights.size, dtype=float)
    width = np.full_like(places, 1 - _GAP)
    corners = draw.rectangles(places, np.zeros_like(places), width, prepared.heights)
    colour = theme.accent if prepared.stress else theme.border_strong
    draw.bars(axes, corners, facecolors=colour)
    axes.set_xlim(-_GAP, max(places.size, 1))


PICTURE = Picture(
    id="histogram",
    title="Histogram",
    help="data",
    prepare=prepare,
    paint=paint,
    pages=("forms",),
    order=400,
)
