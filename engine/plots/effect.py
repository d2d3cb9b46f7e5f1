"""The effect of one hyperparameter over all others: what the forest expects on average, how sure it
is, and single configurations beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.trials import Snapshot, TrialState
from engine.domain.understanding import Effect, ModelQuality
from engine.plots import marks, units
from engine.plots.colour import mix
from engine.plots.ranges import HUGE
from engine.plots.style import LINE, Theme, number, points, score, style_axes
from engine.plots.units import Ticks
from engine.space import Categorical

MOST_TRIALS = 2_000
"""Trials at most that are marked along the axis: the latest."""

_BAR = 0.6
"""Width of a choice's bar, in shares of its cell."""
_RUG = 0.03
"""Height of the marks of trials, as a share of the axes'."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns; x from 0 to 1.

    Attributes:
        x, mean, low, high: shape (k,), by x.
        curves: shape (c, k), single configurations.
        trials: shape (j,), where complete trials lie.
        cell: width of a choice's cell; 0 for numbers.
        ticks: of x.
        ylim: limits of the scores.
        worse_low: whether the worse end is at the bottom.
        xlabel, ylabel, summary: words.
    """

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    curves: np.ndarray
    trials: np.ndarray
    cell: float
    ticks: Ticks
    ylim: tuple[float, float]
    worse_low: bool
    xlabel: str
    ylabel: str
    summary: str


def prepare(effect: Effect, snapshot: Snapshot, quality: ModelQuality | None = None) -> Prepared:
    """Columns of the picture of ``effect``, with the trials of ``snapshot`` along the axis.

    For a hyperparameter that the search does not know there is nothing to show.
    """
    known = effect.name in snapshot.space.names
    parameter = snapshot.space[effect.name] if known else None
    x = np.array([units.place(parameter, v) if parameter else math.nan for v in effect.x], float)
    columns = np.array([x, effect.mean, effect.low, effect.high], float).reshape(4, -1)
    usable = np.isfinite(columns).all(axis=0) & (np.abs(columns) < HUGE).all(axis=0)
    order = np.argsort(x[usable], kind="stable")
    x, mean, low, high = columns[:, usable][:, order]
    curves = np.array(effect.curves, float).reshape(len(effect.curves), columns.shape[1])
    curves = curves[:, usable][:, order]
    within = np.percentile(curves, [5, 95]) if curves.size else np.empty(0)
    chosen = isinstance(parameter, Categorical)
    return Prepared(
        x=x,
        mean=mean,
        low=low,
        high=high,
        curves=curves,
        trials=_trials(snapshot, effect.name),
        cell=1 / len(parameter.choices) if isinstance(parameter, Categorical) else 0.0,
        ticks=units.ticks(parameter, 6, 12 if chosen else 8) if parameter is not None else (),
        ylim=units.fitted(np.concatenate([low, high, within]), 0.1),
        worse_low=snapshot.maximise,
        xlabel=labelled(effect.name, quality),
        ylabel=f"expected {snapshot.measure_label}",
        summary=_summary(effect, snapshot, mean, x),
    )


def labelled(name: str, quality: ModelQuality | None) -> str:
    """The words below an axis, with how good the model is."""
    short = marks.shorten(name, 30)
    if quality is None:
        return short
    return f"{short}   (model of {quality.trials:,} trials, R² {quality.r2:.2f})"


def _trials(snapshot: Snapshot, name: str) -> np.ndarray:
    column = snapshot.configurations.get(name)
    if column is None or name not in snapshot.space.names:
        return np.empty(0)
    parameter = snapshot.space[name]
    chosen = np.flatnonzero(snapshot.is_state(TrialState.COMPLETE))[-MOST_TRIALS:]
    found = np.array([units.place(parameter, column[i]) for i in chosen.tolist()], float)
    if isinstance(parameter, Categorical):
        spread = (snapshot.number[chosen] * 0.6180339887498949 % 1 - 0.5) * _BAR
        found = found + spread / len(parameter.choices)
    return found[np.isfinite(found)]


def _summary(effect: Effect, snapshot: Snapshot, mean: np.ndarray, x: np.ndarray) -> str:
    if not x.size:
        return f"Nothing is known of {effect.name}."
    best = int(np.argmax(mean) if snapshot.maximise else np.argmin(mean))
    parameter = snapshot.space[effect.name]
    value = parameter.from_unit(float(x[best]))
    said = number(value, 3) if isinstance(value, float) else str(value)
    return (
        f"Expected {snapshot.measure_label} along {effect.name}, over all others: best at {said} "
        f"({score(float(mean[best]))}), it changes by {score(float(np.ptp(mean)))} in all."
    )


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    curves: LineCollection
    band: PolyCollection
    mean: LineCollection
    trials: Line2D
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlim(-0.02, 1.02)
    behind = marks.ground(axes, theme)
    curves = LineCollection([], colors=mix(behind, theme.muted, 0.32), linewidths=points(0.7))
    mean = LineCollection([], colors=theme.accent, linewidths=points(LINE + 0.5), zorder=3)
    for collection, order in ((curves, 1.5), (mean, 3)):
        collection.set_in_layout(False)
        collection.set_zorder(order)
        axes.add_collection(collection, autolim=False)
    return Artists(
        theme=theme,
        curves=curves,
        band=marks.bars(axes, facecolors=mix(behind, theme.accent, 0.3), alpha=0.8, zorder=2),
        mean=mean,
        trials=marks.dots(
            axes,
            theme.muted,
            marker="|",
            size=8,
            markeredgewidth=points(1),
            alpha=0.6,
            transform=axes.get_xaxis_transform(),
            zorder=2.5,
        ),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    axes.set_ylim(prepared.ylim)
    units.dress(axes.xaxis, prepared.ticks)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    half = _BAR * prepared.cell / 2
    line = np.column_stack([prepared.x, prepared.mean])
    if prepared.cell:
        # Choices have no order: a level for each instead of a line through all.
        lower = prepared.low
        wide = np.full(prepared.x.size, 2 * half)
        artists.band.set_verts(
            marks.rectangles(prepared.x - half, lower, wide, prepared.high - lower)
        )
        artists.mean.set_segments(_levels(prepared.x, prepared.mean, half))
        artists.curves.set_segments(
            [s for curve in prepared.curves for s in _levels(prepared.x, curve, half)]
        )
    else:
        there = np.column_stack([prepared.x, prepared.low])
        back = np.column_stack([prepared.x, prepared.high])[::-1]
        artists.band.set_verts([np.concatenate([there, back])] if line.size else [])
        artists.mean.set_segments([line] if line.size else [])
        artists.curves.set_segments([np.column_stack([prepared.x, c]) for c in prepared.curves])
    artists.trials.set_data(prepared.trials, np.full(prepared.trials.size, _RUG))
    artists.notice.set_text("" if line.size else "There is no model of the scores yet.")
    axes.yaxis.set_visible(bool(line.size))
    axes.xaxis.set_visible(bool(line.size))


def _levels(x: np.ndarray, y: np.ndarray, half: float) -> list[np.ndarray]:
    """A short level line around each place."""
    return list(np.stack([np.column_stack([x - half, y]), np.column_stack([x + half, y])], axis=1))
