"""Effect of one hyperparameter: the forest's expected score averaged over all others, its
uncertainty, and single configurations."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.trials import Snapshot, TrialState
from engine.domain.understanding import Effect, ModelQuality
from engine.plots import draw, units
from engine.plots.colour import mix
from engine.plots.picture import Picture, SearchSource
from engine.plots.ranges import HUGE
from engine.plots.style import LINE, Theme, background, number, points, score, style_axes
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
    """The expected score along one hyperparameter; x from 0 to 1.

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
    """Compute the curves of ``effect``, with the trials of ``snapshot`` along the axis.

    Args:
        effect: expected scores along a hyperparameter; without one that the search knows there is
            nothing to show.
        snapshot: the search.
        quality: of the model that expects them, told below the axis.

    Returns:
        The curves by place on the hyperparameter's axis.
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
    short = draw.shorten(name, 30)
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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the mean line, its band and single configurations, and a tick for each trial."""
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(prepared.ylim)
    units.set_ticks(axes.xaxis, prepared.ticks)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    behind, x = background(axes, theme), prepared.x
    known = x.size > 0
    if prepared.cell:
        # Choices have no order: a level for each instead of a line through all.
        half = _BAR * prepared.cell / 2
        wide, tall = np.full(x.size, 2 * half), prepared.high - prepared.low
        band = draw.rectangles(x - half, prepared.low, wide, tall)
        mean = _levels(x, prepared.mean, half)
        curves = [level for y in prepared.curves for level in _levels(x, y, half)]
    else:
        there, back = np.column_stack([x, prepared.low]), np.column_stack([x, prepared.high])
        band = [np.concatenate([there, back[::-1]])] if known else []
        mean = [np.column_stack([x, prepared.mean])] if known else []
        curves = [np.column_stack([x, y]) for y in prepared.curves]
    faint, pale = mix(behind, theme.muted, 0.32), mix(behind, theme.accent, 0.3)
    draw.segments(axes, 0.7, curves, colors=faint, zorder=1.5)
    draw.bars(axes, band, facecolors=pale, alpha=0.8, zorder=2)
    draw.segments(axes, LINE + 0.5, mean, colors=theme.accent, zorder=3)
    draw.dots(
        axes,
        theme.muted,
        prepared.trials,
        np.full(prepared.trials.size, _RUG),
        marker="|",
        size=8,
        markeredgewidth=points(1),
        alpha=0.6,
        transform=axes.get_xaxis_transform(),
        zorder=2.5,
    )
    draw.message(axes, theme, "" if known else "There is no model of the scores yet.")
    axes.yaxis.set_visible(known)
    axes.xaxis.set_visible(known)


def _levels(x: np.ndarray, y: np.ndarray, half: float) -> list[np.ndarray]:
    """A short level line around each place."""
    return list(np.stack([np.column_stack([x - half, y]), np.column_stack([x + half, y])], axis=1))


SHOWN = 6
"""Effects shown at once: those along which the score changes most."""


def _of_search(search: SearchSource) -> list[Prepared]:
    moves = sorted(search.reply.effects, key=lambda e: -(max(e.mean) - min(e.mean)))
    made = [prepare(effect, search.snapshot) for effect in moves[:SHOWN]]
    # On one scale: an effect is large or small beside the others.
    ends = np.array([one.ylim for one in made]).reshape(-1, 2)
    shared = (float(ends[:, 0].min(initial=np.inf)), float(ends[:, 1].max(initial=-np.inf)))
    return [replace(one, ylim=shared) for one in made]


PICTURE = Picture(
    id="effect",
    title="Effects",
    says="How the expected score changes along one hyperparameter, over all others. The band is "
    "the doubt of the model; thin lines are single configurations.",
    prepare=_of_search,
    paint=paint,
    pages=("understand",),
    asks="Effects",
    doing="Working out the effects",
    columns=3,
    order=102,
)
