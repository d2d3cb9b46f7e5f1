"""A column of the table as a tiny histogram: the shape of its values and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from engine.plots import marks
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
    """Columns for ``counts``; ``stress`` paints them in the accent, as for the target."""
    count = np.nan_to_num(np.asarray(counts, dtype=float), nan=0, posinf=0, neginf=0).clip(0)
    tallest = count.max(initial=0)
    heights = count / tallest if tallest else count
    heights = np.where(count > 0, heights.clip(_LEAST), 0)
    total = f"{int(count.sum()):,} values in {count.size} bins" if tallest else "no values"
    return Prepared(heights, stress, f"Histogram of {total}.")


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    columns: PolyCollection


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    axes.set_axis_off()
    axes.set_ylim(0, 1)
    return Artists(theme, marks.bars(axes))


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme = artists.theme
    places = np.arange(prepared.heights.size, dtype=float)
    zero, width = np.zeros_like(places), np.full_like(places, 1 - _GAP)
    artists.columns.set_verts(marks.rectangles(places, zero, width, prepared.heights))
    artists.columns.set_facecolor(theme.accent if prepared.stress else theme.border_strong)
    axes.set_xlim(-_GAP, max(places.size, 1))
