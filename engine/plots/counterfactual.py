"""What random search would have given: the band of its best so far, and the search beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.comparison import Counterfactual
from engine.plots import marks, series
from engine.plots.anytime import set_budget_axis
from engine.plots.colour import mix
from engine.plots.marks import Labels
from engine.plots.ranges import score_range
from engine.plots.style import Theme, score, style_axes

_WIDE = 150.0
"""Evaluations from which their axis is logarithmic, as in the picture of who is ahead when."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        at, mean, low, high: shape (k,), random search's best of so many evaluations: what it is on
            average, and where it lies in 95 of 100 searches.
        search: shape (j, 2), corners of the search's own best so far.
        limit: end of the axis of evaluations.
        log: whether it is logarithmic.
        ylim: limits of the scores.
        ylabel, summary: words.
    """

    at: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    search: np.ndarray
    limit: float
    log: bool
    ylim: tuple[float, float]
    ylabel: str
    summary: str


def prepare(found: Counterfactual, measure: str, maximise: bool) -> Prepared:
    """Columns of the picture.

    Args:
        found: what random search would have given.
        measure: label of the measure.
        maximise: whether larger is better.
    """
    at = np.array(found.n, dtype=float)
    mean, low, high = (np.array(c, dtype=float) for c in (found.mean, found.low, found.high))
    usable = np.isfinite(mean) & np.isfinite(low) & np.isfinite(high)
    at, mean, low, high = at[usable], mean[usable], low[usable], high[usable]
    own = np.array([found.search.evaluations, found.search.score], dtype=float).reshape(2, -1)
    own = own[:, np.isfinite(own).all(axis=0)]
    x, y = series.steps(own[0], own[1]) if own.shape[1] else (np.empty(0), np.empty(0))
    limits = score_range(np.concatenate([low, high, y]), maximise)
    limit = float(max(at.max(initial=1.0), x.max(initial=1.0)))
    return Prepared(
        at=at,
        mean=mean,
        low=low,
        high=high,
        search=np.column_stack([x, y]),
        limit=limit,
        log=limit > _WIDE,
        ylim=(limits.low, limits.high),
        ylabel=f"best validation {series.measure(measure)}",
        summary=found.sentence,
    )


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    band: PolyCollection
    mean: Line2D
    search: Line2D
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    axes.set_xscale("linear")
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlabel("full evaluations")
    behind = marks.ground(axes, theme)
    miter = {"solid_joinstyle": "miter"}
    return Artists(
        theme=theme,
        band=marks.bars(axes, facecolors=mix(behind, theme.muted, 0.22), zorder=1.6),
        mean=marks.stroke(axes, theme.muted, 2, zorder=2.5, **miter),
        search=marks.stroke(axes, theme.accent, 2.5, zorder=3, **miter),
        labels=Labels(axes, theme, halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme = artists.theme
    own = prepared.search
    words = [f"this search {score(own[-1, 1])}"] if len(own) else []
    if prepared.at.size:
        words.append(f"random {score(prepared.mean[-1])}")
    room = series.margin(axes, words)
    set_budget_axis(axes, 1.0, prepared.limit, log=prepared.log, room=room)
    axes.set_ylim(prepared.ylim)
    axes.set_ylabel(prepared.ylabel)
    line = [series.band(prepared.at, prepared.low, prepared.high)] if prepared.at.size else []
    artists.band.set_verts(line)
    at, mean = prepared.at, prepared.mean
    artists.mean.set_data(*(series.steps(at, mean) if at.size else ([], [])))
    artists.search.set_data(own[:, 0], own[:, 1])
    ends = []
    if len(own):
        ends.append((own[-1, 0], own[-1, 1], words[0], theme.accent))
    if at.size:
        ends.append((at[-1], mean[-1], words[-1], theme.muted))
    artists.labels.show(series.end_labels(axes, ends))
    empty = not ends
    artists.notice.set_text("No trial has a score yet." if empty else "")
    axes.xaxis.set_visible(not empty)
    axes.yaxis.set_visible(not empty)
