"""A picture: how good trials are against the time of their fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from engine.plots import draw
from engine.plots.picture import Picture, SearchSource
from engine.plots.style import Theme, style_axes


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        seconds: shape (n,), of all fits of a trial.
        scores: shape (n,).
        ylabel, summary: words.
    """

    seconds: np.ndarray
    scores: np.ndarray
    ylabel: str
    summary: str


def prepare(search: SearchSource) -> Prepared:
    """The trials that have a score."""
    snapshot = search.snapshot
    scored = np.isfinite(snapshot.value)
    words = f"Score against time of {scored.sum()} trials." if scored.any() else "No score yet."
    return Prepared(snapshot.seconds[scored], snapshot.value[scored], snapshot.measure_label, words)


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the picture on empty ``axes``."""
    style_axes(axes, theme)
    if not prepared.seconds.size:
        draw.message(axes, theme, prepared.summary)
        return
    draw.dots(axes, theme.accent, prepared.seconds, prepared.scores)
    axes.relim()
    axes.autoscale()
    axes.set_xlabel("seconds of fits")
    axes.set_ylabel(prepared.ylabel)


PICTURE = Picture(
    id="score_and_time",
    title="Score against time",
    says="Each trial's score against the time that its fits took.",
    prepare=prepare,
    paint=paint,
    pages=("understand",),
    help_text=Path(__file__).with_name("score_and_time.md").read_text("utf-8"),
)
