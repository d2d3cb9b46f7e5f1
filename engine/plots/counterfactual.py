"""Best so far of random search, estimated with its band, and that of the search itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.comparison import Counterfactual
from engine.plots import draw, series
from engine.plots.anytime import set_budget_axis
from engine.plots.colour import mix
from engine.plots.picture import Picture, SearchSource
from engine.plots.ranges import score_range
from engine.plots.style import Theme, background, score, style_axes

_WIDE = 150.0
"""Evaluations from which their axis is logarithmic, as in the picture of who is ahead when."""


@dataclass(frozen=True)
class Prepared:
    """Random search's band and the search's own line.

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
    """Compute the band of random search's best so far, and the line of the search's own.

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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw random search's mean and band over evaluations, and the search's own line."""
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlabel("full evaluations")
    behind = background(axes, theme)
    own, at, mean = prepared.search, prepared.at, prepared.mean
    words = [f"this search {score(own[-1, 1])}"] if len(own) else []
    if at.size:
        words.append(f"random {score(mean[-1])}")
    room = series.margin(axes, words)
    set_budget_axis(axes, 1.0, prepared.limit, log=prepared.log, room=room)
    axes.set_ylim(prepared.ylim)
    axes.set_ylabel(prepared.ylabel)
    ends = []
    if len(own):
        draw.line(axes, theme.accent, 2.5, *own.T, solid_joinstyle="miter", zorder=3)
        ends.append((own[-1, 0], own[-1, 1], words[0], theme.accent))
    if at.size:
        band, colour = series.band(at, prepared.low, prepared.high), mix(behind, theme.muted, 0.22)
        draw.bars(axes, [band], facecolors=colour, zorder=1.6)
        x, y = series.steps(at, mean)
        draw.line(axes, theme.muted, 2, x, y, solid_joinstyle="miter", zorder=2.5)
        ends.append((at[-1], mean[-1], words[-1], theme.muted))
    draw.labels(axes, theme, series.end_labels(axes, ends), halo=behind)
    draw.message(axes, theme, "" if ends else "No trial has a score yet.")
    axes.xaxis.set_visible(bool(ends))
    axes.yaxis.set_visible(bool(ends))


def _of_search(search: SearchSource) -> Prepared | None:
    found, snapshot = search.answer("counterfactual"), search.snapshot
    return None if found is None else prepare(found, snapshot.measure_label, snapshot.maximise)


PICTURE = Picture(
    id="counterfactual",
    title="What random search would have given",
    prepare=_of_search,
    paint=paint,
    pages=("cards",),
    asks="AskCounterfactual",
    order=65,
)
