"""A picture: how long trials took."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from engine.domain.trials import Snapshot
from engine.plots import draw
from engine.plots.colour_tokens import Theme
from engine.plots.picture import Picture
from engine.plots.style import style_axes

_BINS = 20


@dataclass(frozen=True)
class Prepared:
    """Bars of the histogram.

    Attributes:
        edges, counts: shape (k + 1,) and (k,), seconds and trials.
        summary: words.
    """

    edges: np.ndarray
    counts: np.ndarray
    summary: str


def prepare(snapshot: Snapshot) -> Prepared:
    """Count trials by the seconds that their fits took."""
    seconds = snapshot.seconds[np.isfinite(snapshot.seconds)]
    if not seconds.size:
        return Prepared(np.array([0.0, 1.0]), np.empty(0), "No trial has ended yet.")
    counts, edges = np.histogram(seconds, _BINS)
    words = f"Half of {seconds.size:,} trials took at most {np.median(seconds):.3g} seconds."
    return Prepared(edges, counts, words)


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the picture on empty ``axes``."""
    style_axes(axes, theme)
    axes.set_xlabel("seconds of fits")
    axes.set_ylabel("trials")
    some = prepared.counts.size > 0
    if some:
        left, zero = prepared.edges[:-1], np.zeros(prepared.counts.size)
        corners = draw.rectangles(left, zero, np.diff(prepared.edges), prepared.counts)
        draw.bars(axes, corners, facecolors=theme.accent)
    axes.set_xlim(prepared.edges[0], prepared.edges[-1])
    axes.set_ylim(0, 1.1 * prepared.counts.max(initial=1))
    draw.message(axes, theme, "" if some else prepared.summary)
    axes.yaxis.set_visible(some)


PICTURE = Picture(
    id="trial_times",
    title="How long trials took",
    says="How many trials took how long, all their folds together.",
    help_text=Path(__file__).with_name("trial_times.md").read_text("utf-8"),
    prepare=lambda search: prepare(search.snapshot),
    paint=paint,
    pages=("understand", "report"),
)
