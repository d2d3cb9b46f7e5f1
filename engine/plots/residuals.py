"""How far predictions lie from the truth: a cloud around the line where they would agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.results import Residuals
from engine.plots import marks
from engine.plots.marks import Label, Labels
from engine.plots.ranges import HUGE, stepped
from engine.plots.style import Theme, number, points, style_axes

SPREAD = 0.8
"""Share of the rows that the band around the line holds."""

_FAR = 3.0
"""How many times the range of the truth a prediction may be off before it stands at the edge."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        truth, predicted: shape (k,), predictions beyond the axis put at its edge.
        beyond: shape (k,), whether the prediction was put at the edge.
        spread: `SPREAD` of the rows are off by at most this; None with fewer than 5 rows.
        limits: ends of both axes.
        summary: words.
    """

    truth: np.ndarray
    predicted: np.ndarray
    beyond: np.ndarray
    spread: float | None
    limits: tuple[float, float]
    summary: str


def prepare(residuals: Residuals) -> Prepared:
    """Columns of the picture; rows without a finite truth or a prediction are left out."""
    truth = np.asarray(residuals.truth, dtype=float)
    predicted = np.asarray(residuals.predicted, dtype=float)
    usable = (np.abs(truth) < HUGE) & ~np.isnan(predicted)
    truth, predicted = truth[usable], predicted[usable]
    if not truth.size:
        nothing = np.empty(0)
        return Prepared(nothing, nothing, nothing > 0, None, (0.0, 1.0), "No predictions yet.")
    low, high = float(truth.min()), float(truth.max())
    reach = _FAR * (high - low) or math.inf
    inside = (np.abs(predicted) < HUGE) & (predicted >= low - reach) & (predicted <= high + reach)
    kept = np.concatenate([truth, predicted[inside]])
    limits = float(kept.min()), float(kept.max())
    if limits[0] == limits[1]:
        limits = stepped(*limits)
    spread = float(np.quantile(np.abs(predicted - truth), SPREAD)) if truth.size >= 5 else None
    if spread is not None and not spread < HUGE:
        spread = None
    words = f"Predicted against true value for {truth.size:,} rows"
    if spread is not None:
        words += f"; {SPREAD:.0%} are off by at most {number(spread, 3)}"
    return Prepared(
        truth=truth,
        predicted=predicted.clip(*limits),
        beyond=~inside,
        spread=spread,
        limits=limits,
        summary=f"{words}.",
    )


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    band: PolyCollection
    identity: Line2D
    dots: Line2D
    beyond: Line2D
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme, grid="both")
    axes.set_aspect("equal", adjustable="box")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.set_xlabel("true value")
    axes.set_ylabel("predicted value")
    return Artists(
        theme=theme,
        band=marks.bars(axes, facecolors=theme.accent_wash, zorder=0.5),
        identity=marks.stroke(axes, theme.accent, 1.5, zorder=1.5),
        dots=marks.dots(axes, theme.muted, size=5, alpha=0.5, zorder=2),
        beyond=marks.dots(axes, theme.bad, marker="D", size=5, zorder=3, clip_on=False),
        labels=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    low, high = prepared.limits
    some = bool(prepared.truth.size)
    margin = 0.03 * (high - low)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(low - margin, high + margin)
    ends = np.array([low - margin, high + margin])
    artists.identity.set_data(ends, ends) if some else artists.identity.set_data([], [])
    spread = prepared.spread
    corners = [] if spread is None else [_band(ends, spread)]
    artists.band.set_verts(corners)
    for line, mask in ((artists.dots, ~prepared.beyond), (artists.beyond, prepared.beyond)):
        line.set_data(prepared.truth[mask], prepared.predicted[mask])
    artists.dots.set_markersize(points(5 if prepared.truth.size <= 500 else 4))
    artists.labels.show(_words(prepared, artists.theme))
    artists.notice.set_text("" if some else "No predictions yet.")
    axes.xaxis.set_visible(some)
    axes.yaxis.set_visible(some)


def _band(ends: np.ndarray, spread: float) -> np.ndarray:
    """Corners of the band of ``spread`` above and below the identity line, shape (4, 2)."""
    low, high = ends
    return np.array(
        [(low, low - spread), (high, high - spread), (high, high + spread), (low, low + spread)]
    )


def _words(prepared: Prepared, theme: Theme) -> list[Label]:
    if prepared.spread is None:
        return []
    low, high = prepared.limits
    words = f"band: {SPREAD:.0%} of rows within ±{number(prepared.spread, 3)}"
    return [Label(low, high, words, theme.muted, align="left", vertical="top")]
