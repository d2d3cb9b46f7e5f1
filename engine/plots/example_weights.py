"""How much each training row counts: the distribution, with the rows that count least marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.hypergradients import Tuning
from engine.plots import hyper_steps, marks, scores
from engine.plots.marks import Label, Labels
from engine.plots.style import Theme, number, style_axes

BINS = 40


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        edges, shares: shape (k + 1,) and (k,), of the rows with weights in each bin.
        suspects: weights of the rows that count least, shape (j,).
        start: weight that all rows began with, or None.
        summary: words.
    """

    edges: np.ndarray
    shares: np.ndarray
    suspects: np.ndarray
    start: float | None
    summary: str


def prepare(tuning: Tuning | None) -> Prepared:
    """The picture of the weights of examples."""
    groups = tuning.groups if tuning is not None else ()
    group = next((g for g in groups if g.layout == "rows" and g.parts), None)
    if tuning is None or group is None:
        return Prepared(np.array([0.0, 1.0]), np.empty(0), np.empty(0), None, "No weights yet.")
    weights = np.asarray(group.parts[0].values, dtype=float)
    weights = weights[hyper_steps.usable(weights)]
    low, high = min(0.0, weights.min(initial=0)), max(2.0, weights.max(initial=0))
    counts, edges = np.histogram(weights, BINS, (low, high))
    shares = counts / max(len(weights), 1)
    suspects = np.array([row.weight for row in tuning.suspects], dtype=float)
    least, _, middle, _, most = group.spread
    words = (
        f"Weights of {group.size:,} training rows at hyper-step {tuning.number:,}: from "
        f"{number(least, 2)} to {number(most, 2)}, the median {number(middle, 2)}"
    )
    if suspects.size:
        first = tuning.suspects[0]
        words += f"; row {first.row:,} counts least"
    return Prepared(edges, shares, suspects, group.start, f"{words}.")


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    columns: PolyCollection
    suspects: Line2D
    start: Line2D
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.set_xlabel("weight of a training row")
    axes.set_ylabel("% of rows")
    across = axes.get_xaxis_transform()
    dots = {"linestyle": (0, (1, 2)), "zorder": 3, "transform": across}
    edge = scores.at_edge(axes, markeredgewidth=2)
    return Artists(
        theme=theme,
        columns=marks.bars(axes, facecolors=theme.border_strong, zorder=2),
        suspects=marks.dots(axes, theme.caution, marker="|", size=9, **edge),
        start=marks.stroke(axes, theme.muted, 1.5, **dots),
        labels=Labels(axes, theme, transform=across, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme, some = artists.theme, prepared.shares.size > 0
    heights = 100 * prepared.shares
    left, width = prepared.edges[:-1][: heights.size], np.diff(prepared.edges)[: heights.size]
    artists.columns.set_verts(marks.rectangles(left, 0 * left, 0.9 * width, heights))
    axes.set_xlim(float(prepared.edges[0]), float(prepared.edges[-1]))
    # Room above for the marks of the rows that count least.
    axes.set_ylim(0, 1.18 * max(float(heights.max(initial=0)), 1.0))
    artists.suspects.set_data(prepared.suspects, np.full(prepared.suspects.size, 0.95))
    start = prepared.start
    artists.start.set_data(*(([start] * 2, [0, 1]) if start is not None and some else ([], [])))
    labels = []
    if start is not None and some:
        words = f"start {number(start, 2)}"
        labels.append(Label(start, 1, words, theme.muted, "left", "top", shift=(5, -14)))
    if prepared.suspects.size:
        words, at = "rows that count least", float(prepared.suspects.min())
        labels.append(Label(at, 0.95, words, theme.caution, "left", "top", shift=(0, -7)))
    artists.labels.show(labels)
    artists.notice.set_text("" if some else prepared.summary)
    axes.xaxis.set_visible(some)
    axes.yaxis.set_visible(some)
