"""Several measures at once: every trial by two of them, and the front of those that none beats."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from engine.analysis.pareto_front import front
from engine.domain.trials import COSTS, Objective, Snapshot, TrialState
from engine.plots import draw, scores
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live, Picture, SearchSource
from engine.plots.ranges import ScoreRange, score_range
from engine.plots.style import LogNumbers, Numbers, Theme, background, points, score, style_axes

MOST = 10_000
"""Dots of beaten trials shown at most: the latest."""
_WIDE = 20.0
"""Times between the smallest and the largest cost from which its axis is logarithmic."""


@dataclass(frozen=True)
class Prepared:
    """Trials by two measures: across one of the further ones, upwards the tuned one.

    Attributes:
        dots: shape (k, 2), scores of complete trials that another beats.
        front: shape (f, 2), scores of those that none beats, from left to right.
        steps: shape (j, 2), corners of the line round what is beaten on these two measures.
        best: scores of the best trial by the tuned measure, or None.
        default: scores of the default configuration, or None.
        cut: trials with scores beyond an axis.
        log: whether the axis across is logarithmic.
        worse_low: whether the worse end of the tuned measure is at the bottom.
        xlim, ylim: limits of the axes.
        xlabel, ylabel, summary: words.
    """

    dots: np.ndarray
    front: np.ndarray
    steps: np.ndarray
    best: tuple[float, float] | None
    default: tuple[float, float] | None
    cut: int
    log: bool
    worse_low: bool
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xlabel: str
    ylabel: str
    summary: str


def prepare(snapshot: Snapshot, which: int = 0, most: int = MOST) -> Prepared:
    """Compute the front of the measures of ``snapshot``, which has at least one of `others`.

    Args:
        snapshot: the search.
        which: index among the others of the measure on the x axis.
        most: most dots of beaten trials.

    Returns:
        Beaten trials and front, as scores by the two measures.
    """
    other = snapshot.others[which]
    complete = snapshot.is_state(TrialState.COMPLETE)
    every = np.column_stack([snapshot.value, *(o.value for o in snapshot.others)])
    directions = (snapshot.maximise, *(o.maximise for o in snapshot.others))
    usable = complete & np.isfinite(every).all(axis=1)
    every[~usable] = np.nan
    best = front(every, directions)
    pairs = np.column_stack([other.value, snapshot.value])
    log = _is_log(other, usable)
    limits = [_limits(other, usable, log), score_range(every[:, 0], snapshot.maximise)]
    shown = usable & limits[0].shown(pairs[:, 0]) & limits[1].shown(pairs[:, 1])
    drawn = pairs[best & shown]
    return Prepared(
        dots=pairs[~best & shown][-most:],
        front=drawn[np.lexsort((drawn[:, 1], drawn[:, 0]))],
        steps=_steps(pairs[shown], limits, (other.maximise, snapshot.maximise)),
        best=_place(pairs, shown, snapshot.best),
        default=_place(pairs, shown, 0 if math.isfinite(snapshot.default) else None),
        cut=int((usable & ~shown).sum()),
        log=log,
        worse_low=snapshot.maximise,
        xlim=(limits[0].low, limits[0].high),
        ylim=(limits[1].low, limits[1].high),
        xlabel=_label(other.label, other.maximise, ", seconds" if other.id in COSTS else ""),
        ylabel=_label(snapshot.measure_label, snapshot.maximise),
        summary=_summary(snapshot, other, every, best),
    )


def _is_log(other: Objective, usable: np.ndarray) -> bool:
    """Costs are compared by how many times larger one is; a narrow range needs no such axis."""
    values = other.value[usable]
    if other.id not in COSTS or not values.size or values.min() <= 0:
        return False
    return bool(values.max() >= _WIDE * values.min())


def _limits(other: Objective, usable: np.ndarray, log: bool) -> ScoreRange:
    values = np.where(usable, other.value, np.nan)
    if not log:
        return score_range(values, other.maximise)
    found = score_range(np.log10(values), other.maximise)
    return ScoreRange(10.0**found.low, 10.0**found.high)


def _place(pairs: np.ndarray, shown: np.ndarray, row: int | None) -> tuple[float, float] | None:
    if row is None or not shown[row]:
        return None
    return float(pairs[row, 0]), float(pairs[row, 1])


def _steps(pairs: np.ndarray, limits: list[ScoreRange], maximise: tuple[bool, bool]) -> np.ndarray:
    """Corners of the line round what ``pairs`` beat on two measures, from edge to edge."""
    sign = np.where(maximise, 1.0, -1.0)
    # Turned so that larger is better: from left to right the front then falls.
    turned = np.unique(pairs[front(pairs, maximise)] * sign, axis=0)
    if not len(turned):
        return np.empty((0, 2))
    worst = [min(s * limit.low, s * limit.high) for s, limit in zip(sign, limits, strict=True)]
    x, y = turned.T
    corners = np.empty((2 * len(turned), 2))
    corners[::2] = turned
    corners[1::2] = np.column_stack([x, np.append(y[1:], worst[1])])
    return np.concatenate([[(worst[0], y[0])], corners]) * sign


def _label(label: str, maximise: bool, unit: str = "") -> str:
    return f"{label}{unit} ({'larger' if maximise else 'smaller'} is better)"


def _summary(snapshot: Snapshot, other: Objective, every: np.ndarray, best: np.ndarray) -> str:
    count, total = int(best.sum()), int(np.isfinite(every).all(axis=1).sum())
    if not total:
        return "No trial is complete yet."
    words = f"{count:,} of {total:,} trial{'s' * (total != 1)} {'is' if count == 1 else 'are'}"
    labels = (snapshot.measure_label, *(o.label for o in snapshot.others))
    directions = (snapshot.maximise, *(o.maximise for o in snapshot.others))
    ends = [
        f"best {label} {score(float(np.nanmax(column) if up else np.nanmin(column)))}"
        for label, up, column in zip(labels, directions, every.T, strict=True)
    ]
    shown = f"{snapshot.measure_label} against {other.label}"
    front_words = f"{shown}: {words} on the front, no other beats them on every measure."
    said = ", ".join(ends)
    return f"{front_words} {said[0].upper()}{said[1:]}."


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    dots: Line2D
    steps: Line2D
    front: Line2D
    best: Line2D
    default: Line2D
    labels: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme, grid="both")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    behind = background(axes, theme)
    return Artists(
        theme=theme,
        dots=draw.dots(axes, theme.muted, size=5.5, alpha=0.5, zorder=2),
        steps=draw.line(axes, theme.accent, 1.6, solid_joinstyle="miter", zorder=2.5),
        front=draw.dots(axes, theme.accent, size=8, zorder=3, clip_on=False),
        best=scores.best(axes, theme, clip_on=False),
        default=draw.dots(
            axes,
            theme.text,
            marker="D",
            size=8,
            zorder=4,
            markerfacecolor="none",
            markeredgewidth=points(1.6),
            clip_on=False,
        ),
        labels=Labels(axes, theme, halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show trials by two measures, the front, and the line around beaten scores."""
    _scale(axes, prepared)
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    left_out = f"; {prepared.cut:,} far off" if prepared.cut else ""
    axes.set_xlabel(f"{prepared.xlabel}{left_out}")
    axes.set_ylabel(prepared.ylabel)
    for line, pairs in (
        (artists.dots, prepared.dots),
        (artists.steps, prepared.steps),
        (artists.front, prepared.front),
    ):
        line.set_data(pairs[:, 0], pairs[:, 1])
    artists.dots.set_markersize(points(5.5 if len(prepared.dots) <= 500 else 3.5))
    scores.put(artists.best, prepared.best)
    scores.put(artists.default, prepared.default)
    artists.labels.show(_words(prepared, artists.theme))
    empty = not len(prepared.front)
    artists.notice.set_text("No trial is complete yet." if empty else "")
    axes.yaxis.set_visible(not empty)
    axes.xaxis.set_visible(not empty)


def _scale(axes: Axes, prepared: Prepared) -> None:
    if prepared.log != (axes.get_xscale() == "log"):
        axes.set_xscale("log" if prepared.log else "linear")
    axis = axes.xaxis
    if prepared.log:
        low, high = prepared.xlim
        wide = math.log10(high / low) >= 2.2
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=8))
        axis.set_major_formatter(LogNumbers(labelOnlyBase=wide, minor_thresholds=(math.inf, 1)))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(Numbers())


def _words(prepared: Prepared, theme: Theme) -> list[Label]:
    """``best 0.9123`` and ``default`` beside their marks; one may stand for both."""
    labels = []
    for place, words, colour in (
        (prepared.best, "best", theme.accent),
        (prepared.default, "default", theme.text),
    ):
        if place is None or (words == "default" and place == prepared.best):
            continue
        low, high = map(math.log10, prepared.xlim) if prepared.log else prepared.xlim
        across = math.log10(place[0]) if prepared.log else place[0]
        side = scores.inner_side(across, (low, high))
        # The best has its words on the better side, the default on the worse: they can be near.
        up = prepared.worse_low == (words == "best")
        labels.append(
            Label(
                *place,
                f"{words} {score(place[1])}",
                colour,
                align=side,
                vertical="bottom" if up else "top",
                shift=(10 if side == "left" else -10, 5 if up else -5),
                bold=words == "best",
            )
        )
    return labels


def _which(search: SearchSource) -> int:
    """Place of the further measure that is looked at."""
    ids = [other.id for other in search.snapshot.others]
    return ids.index(search.choice) if search.choice in ids else 0


def _of_search(search: SearchSource) -> Prepared | None:
    return prepare(search.snapshot, _which(search)) if search.snapshot.others else None


def _choices(search: SearchSource) -> list[tuple[str, str]]:
    return [(other.id, other.label) for other in search.snapshot.others]


PICTURE = Picture(
    id="pareto",
    title="Front of trade-offs",
    prepare=_of_search,
    live=Live(_create, _update),
    pages=("method at work", "cards", "report"),
    short="Front",
    choices=_choices,
    heading=lambda search: f"The front, by {search.snapshot.others[_which(search)].label}",
    order=24,
)
