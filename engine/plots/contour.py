"""Expected score of the forest over two hyperparameters, paler where it is less sure, with the
trials."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes

from engine.domain.trials import Snapshot, TrialState
from engine.domain.understanding import ModelQuality, Plane
from engine.plots import draw, units
from engine.plots.draw import Label
from engine.plots.effect import labelled
from engine.plots.picture import Picture
from engine.plots.ranges import HUGE, round_step
from engine.plots.slices import order_colours
from engine.plots.style import Theme, background, points, score, style_axes
from engine.plots.units import Ticks
from engine.space import Categorical, Parameter

MOST_TRIALS = 1_500
"""Dots at most: the latest."""

_PALEST = 0.25
"""Opacity where the doubt is as large as all that the picture tells apart."""
_LINES = 6


@dataclass(frozen=True)
class Prepared:
    """Cells of the expected score, its contours and the trials; both axes from 0 to 1.

    Attributes:
        mean: shape (rows, columns), evenly spaced cells, NaN where there is nothing.
        sure: shape (rows, columns), opacity.
        smooth: whether both are numbers.
        lines: contours, each of shape (j, 2).
        words: (x, y, words) on them, or in the cells of choices.
        trials: shape (t, 2).
        best: place of the best trial, or None.
        limits: scores that the colours span, the worse end first.
        xticks, yticks: of the axes.
        xlabel, ylabel, summary: words.
    """

    mean: np.ndarray
    sure: np.ndarray
    smooth: bool
    lines: tuple[np.ndarray, ...]
    words: tuple[tuple[float, float, str], ...]
    trials: np.ndarray
    best: tuple[float, float] | None
    limits: tuple[float, float]
    xticks: Ticks
    yticks: Ticks
    xlabel: str
    ylabel: str
    summary: str


def prepare(plane: Plane, snapshot: Snapshot, quality: ModelQuality | None = None) -> Prepared:
    """Compute the expected score over two hyperparameters, its contours, and the trials' places.

    Args:
        plane: expected scores over two hyperparameters; without two that the search knows there is
            nothing to show.
        snapshot: the search.
        quality: of the model that expects them, told below the axis.

    Returns:
        Cells, contours and places, both axes from 0 to 1.
    """
    names = snapshot.space.names
    across = snapshot.space[plane.one] if plane.one in names else None
    upwards = snapshot.space[plane.other] if plane.other in names else None
    mean = np.array(plane.mean, float).reshape(len(plane.y), -1)
    mean = np.where(np.abs(mean) < HUGE, mean, math.nan)
    if across is None or upwards is None or not np.isfinite(mean).any():
        return _nothing(plane)
    doubt = np.array(plane.doubt, float).reshape(mean.shape)
    low, high = float(np.nanmin(mean)), float(np.nanmax(mean))
    width = high - low or 1.0
    sure = np.nan_to_num(np.clip(1 - doubt / width, _PALEST, 1.0), nan=0.0)
    x = np.array([units.place(across, v) for v in plane.x])
    y = np.array([units.place(upwards, v) for v in plane.y])
    smooth = not isinstance(across, Categorical) and not isinstance(upwards, Categorical)
    mean, sure = _even(mean, x, y, across, upwards), _even(sure, x, y, across, upwards)
    lines, words = _contours(mean, low, high) if smooth else ((), ())
    best = snapshot.best
    spots = _spots(snapshot, plane)
    return Prepared(
        mean=mean,
        sure=sure,
        smooth=smooth,
        lines=lines,
        words=words,
        trials=_shown(snapshot, spots),
        best=None if best is None or np.isnan(spots[best]).any() else tuple(spots[best].tolist()),
        limits=(low, high) if snapshot.maximise else (high, low),
        xticks=units.ticks(across, 5, 12),
        yticks=units.ticks(upwards, 5, 12),
        xlabel=labelled(plane.one, quality),
        ylabel=draw.shorten(plane.other, 40),
        summary=_summary(plane, snapshot),
    )


def _nothing(plane: Plane) -> Prepared:
    return Prepared(
        mean=np.full((1, 1), math.nan),
        sure=np.zeros((1, 1)),
        smooth=False,
        lines=(),
        words=(),
        trials=np.empty((0, 2)),
        best=None,
        limits=(0.0, 1.0),
        xticks=(),
        yticks=(),
        xlabel=draw.shorten(plane.one, 40),
        ylabel=draw.shorten(plane.other, 40),
        summary=f"Nothing is known of {plane.one} and {plane.other} together.",
    )


def _even(
    table: np.ndarray, x: np.ndarray, y: np.ndarray, across: Parameter, upwards: Parameter
) -> np.ndarray:
    """``table`` on evenly spaced cells: that of the nearest value, since whole numbers on a log
    scale are not evenly spaced."""

    def nearest(places: np.ndarray, parameter: Parameter) -> np.ndarray:
        count = len(parameter.choices) if isinstance(parameter, Categorical) else 25
        middles = (np.arange(count) + 0.5) / count
        return np.abs(middles[:, None] - places).argmin(axis=1)

    return table[np.ix_(nearest(y, upwards), nearest(x, across))]


def _contours(
    mean: np.ndarray, low: float, high: float
) -> tuple[tuple[np.ndarray, ...], tuple[tuple[float, float, str], ...]]:
    """Lines of equal score at round values, and a word on the longest of each value."""
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-300):
        return (), ()
    rows, columns = mean.shape
    x, y = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    found = contour_generator(x, y, np.ma.masked_invalid(mean))
    step = round_step((high - low) / _LINES)
    lines, words = [], []
    for level in np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step:
        parts = [np.asarray(part) for part in found.lines(float(level)) if len(part) > 4]
        lines += parts
        if parts:
            longest = max(parts, key=len)
            at = longest[len(longest) // 2]
            words.append((float(at[0]), float(at[1]), f"{level:.6g}".replace("-", "−")))
    return tuple(lines), tuple(words)


def _spots(snapshot: Snapshot, plane: Plane) -> np.ndarray:
    """Where the trials lie, shape (n, 2), NaN where not active; choices are spread a little."""
    columns = []
    for turn, name in enumerate((plane.one, plane.other)):
        parameter = snapshot.space[name]
        values = snapshot.configurations.get(name, np.full(snapshot.number.size, None, object))
        place = np.array([units.place(parameter, v) for v in values], float)
        if isinstance(parameter, Categorical):
            golden = (0.6180339887498949, 0.7548776662466927)[turn]
            place += (snapshot.number * golden % 1 - 0.5) * 0.6 / len(parameter.choices)
        columns.append(place)
    return np.column_stack(columns).reshape(-1, 2)


def _shown(snapshot: Snapshot, spots: np.ndarray) -> np.ndarray:
    complete = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(spots).all(axis=1)
    return spots[np.flatnonzero(complete)[-MOST_TRIALS:]]


def _summary(plane: Plane, snapshot: Snapshot) -> str:
    mean = np.array(plane.mean, float)
    at = np.nanargmax(mean) if snapshot.maximise else np.nanargmin(mean)
    row, column = np.unravel_index(at, mean.shape)
    return (
        f"Expected {snapshot.measure_label} over {plane.one} and {plane.other}: best at "
        f"{plane.one} {units.word(plane.x[column])}, {plane.other} {units.word(plane.y[row])} "
        f"({score(float(mean[row, column]))})."
    )


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the expected score as colours with contours over two axes, and trials as dots."""
    style_axes(axes, theme, grid="none")
    behind = background(axes, theme)
    worse, better = prepared.limits
    sign = 1.0 if better >= worse else -1.0
    axes.imshow(
        np.ma.masked_invalid(sign * prepared.mean),
        extent=(0, 1, 0, 1),
        origin="lower",
        aspect="auto",
        cmap=order_colours(theme),
        vmin=sign * worse,
        vmax=sign * better,
        alpha=prepared.sure,
        interpolation="bilinear" if prepared.smooth else "nearest",
        zorder=1,
    ).set_in_layout(False)
    draw.segments(axes, 0.8, prepared.lines, colors=theme.text, alpha=0.55, zorder=2)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    units.set_ticks(axes.xaxis, prepared.xticks)
    units.set_ticks(axes.yaxis, prepared.yticks)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    draw.dots(
        axes,
        theme.text,
        *prepared.trials.T,
        size=4 if len(prepared.trials) <= 300 else 2.5,
        alpha=0.7,
        markeredgewidth=points(0.6),
        markeredgecolor=behind,
        zorder=3,
    )
    if prepared.best is not None:
        rim = {"markeredgecolor": behind, "markeredgewidth": points(2)}
        x, y = prepared.best
        draw.dots(axes, theme.accent, [x], [y], size=12, zorder=4, clip_on=False, **rim)
    small = theme.size - 2
    words = (Label(x, y, text, theme.text, size=small) for x, y, text in prepared.words)
    draw.labels(axes, theme, words, halo=behind)
    empty = not np.isfinite(prepared.mean).any()
    draw.message(axes, theme, prepared.summary if empty else "")
    axes.yaxis.set_visible(not empty)
    axes.xaxis.set_visible(not empty)


PICTURE = Picture(
    id="contour",
    title="Two together",
    says="The expected score over two hyperparameters at once.",
    prepare=lambda search: prepare(search.reply.plane, search.snapshot),
    paint=paint,
    pages=("understand",),
    asks="Contour",
    doing="Working out the plane",
    hyperparameters=("one", "other"),
    order=103,
)
