"""Distribution of the tuned weights of training rows, with the smallest marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.hypergradients import Tuning
from engine.plots import draw, hyper_step_axes, scores
from engine.plots.draw import Label
from engine.plots.hyper_step_axes import AS_IT_STANDS, groups_by
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, number, style_axes

BINS = 40


@dataclass(frozen=True)
class Prepared:
    """A histogram of weights, and the smallest of them.

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
    """Compute the distribution of the weights that are tuned for each training row."""
    groups = tuning.groups if tuning is not None else ()
    group = next((g for g in groups if g.layout == "rows" and g.parts), None)
    if tuning is None or group is None:
        return Prepared(np.array([0.0, 1.0]), np.empty(0), np.empty(0), None, "No weights yet.")
    weights = np.asarray(group.parts[0].values, dtype=float)
    weights = weights[hyper_step_axes.usable(weights)]
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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the histogram of weights, marking the start and the rows that count least."""
    style_axes(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.set_xlabel("weight of a training row")
    axes.set_ylabel("% of rows")
    across, some = axes.get_xaxis_transform(), prepared.shares.size > 0
    heights = 100 * prepared.shares
    left, width = prepared.edges[:-1][: heights.size], np.diff(prepared.edges)[: heights.size]
    columns = draw.rectangles(left, 0 * left, 0.9 * width, heights)
    draw.bars(axes, columns, facecolors=theme.border_strong, zorder=2)
    axes.set_xlim(float(prepared.edges[0]), float(prepared.edges[-1]))
    # Room above for the marks of the rows that count least.
    axes.set_ylim(0, 1.18 * max(float(heights.max(initial=0)), 1.0))
    labels = []
    if prepared.start is not None and some:
        start, dotted = prepared.start, {"linestyle": (0, (1, 2)), "zorder": 3}
        draw.line(axes, theme.muted, 1.5, [start] * 2, [0, 1], transform=across, **dotted)
        words = f"start {number(start, 2)}"
        labels.append(Label(start, 1, words, theme.muted, "left", "top", shift=(5, -14)))
    if prepared.suspects.size:
        edge = scores.at_edge(axes, markeredgewidth=2)
        at, y = prepared.suspects, np.full(prepared.suspects.size, 0.95)
        draw.dots(axes, theme.caution, at, y, marker="|", size=9, **edge)
        words, first = "rows that count least", float(at.min())
        labels.append(Label(first, 0.95, words, theme.caution, "left", "top", shift=(0, -7)))
    draw.labels(axes, theme, labels, transform=across, halo=background(axes, theme))
    draw.message(axes, theme, "" if some else prepared.summary)
    axes.xaxis.set_visible(some)
    axes.yaxis.set_visible(some)


PICTURE = Picture(
    id="example_weights",
    title="Weights of examples",
    says=AS_IT_STANDS,
    prepare=lambda search: prepare(search.answer("tuning")),
    paint=paint,
    pages=("tuning", "report"),
    asks="Hyperparameters",
    choices=lambda search: groups_by(search.answer("tuning"), "rows"),
    order=303,
)
