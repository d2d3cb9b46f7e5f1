"""Predictions against true values, as dots around the diagonal where they agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.results import Residuals
from engine.plots import draw
from engine.plots.draw import Label
from engine.plots.picture import Picture, SearchSource
from engine.plots.ranges import HUGE, stepped
from engine.plots.style import Theme, background, number, style_axes

SPREAD = 0.8
"""Share of the rows that the band around the line holds."""

_FAR = 3.0
"""How many times the range of the truth a prediction may be off before it stands at the edge."""


@dataclass(frozen=True)
class Prepared:
    """True and predicted values.

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
    """Pair true and predicted values; rows without a finite truth or a prediction are left out."""
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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw predictions against true values as dots, with the diagonal and a band around it."""
    style_axes(axes, theme, grid="both")
    axes.set_aspect("equal", adjustable="box")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.set_xlabel("true value")
    axes.set_ylabel("predicted value")
    low, high = prepared.limits
    some = bool(prepared.truth.size)
    margin = 0.03 * (high - low)
    ends = np.array([low - margin, high + margin])
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    if prepared.spread is not None:
        band = [_band(ends, prepared.spread)]
        draw.bars(axes, band, facecolors=theme.accent_wash, zorder=0.5)
    if some:
        draw.line(axes, theme.accent, 1.5, ends, ends, zorder=1.5)
    truth, predicted, beyond = prepared.truth, prepared.predicted, prepared.beyond
    size = 5 if truth.size <= 500 else 4
    draw.dots(axes, theme.muted, truth[~beyond], predicted[~beyond], size=size, alpha=0.5, zorder=2)
    far = {"marker": "D", "size": 5, "zorder": 3, "clip_on": False}
    draw.dots(axes, theme.bad, truth[beyond], predicted[beyond], **far)
    draw.labels(axes, theme, _words(prepared, theme), halo=background(axes, theme))
    draw.message(axes, theme, "" if some else "No predictions yet.")
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


def _of_search(search: SearchSource) -> Prepared | None:
    given = search.answer("residuals")
    return None if given is None else prepare(given)


PICTURE = Picture(
    id="residuals",
    title="Residuals",
    prepare=_of_search,
    paint=paint,
    pages=("predictions", "report"),
    asks="Results",
    heading=lambda search: f"True and predicted values of the {search.predicted_rows}",
    inches=lambda _: 4.2,
    order=61,
)
