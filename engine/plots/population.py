"""Scores by generation: every member's, their middle half, and the best so far."""

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
from engine.plots import draw, scores
from engine.plots.colour import mix
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live, Picture
from engine.plots.ranges import count_limit, score_range
from engine.plots.scores import DefaultLine
from engine.plots.style import Theme, background, points, score, style_axes

MOST = 5_000
"""Dots shown at most: the latest."""

_JITTER, _BOX = 0.5, 0.64
"""Widths over which a generation's dots are spread, and of its box."""
_LEAST = 4
"""Scores that a generation needs for a box."""


@dataclass(frozen=True)
class Prepared:
    """Scores, quartiles and the best so far by generation.

    Attributes:
        dots: shape (k, 2), generation (from 1; spread around it) and score of complete trials.
        lost: places of failed trials, which have no score.
        cut: places of trials with scores beyond the axis, at its worse end.
        boxes: shape (g, 4), generation, lower quartile, median, upper quartile.
        line: shape (j, 2), corners of the best-so-far step line.
        best: (generation, score), or None.
        default: score of the default configuration, or None.
        xlim, ylim: limits of the axes.
        worse_low: whether the worse end is at the bottom.
        ylabel, summary: words.
    """

    dots: np.ndarray
    lost: np.ndarray
    cut: np.ndarray
    boxes: np.ndarray
    line: np.ndarray
    best: tuple[float, float] | None
    default: float | None
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    worse_low: bool
    ylabel: str
    summary: str


def prepare(snapshot: Snapshot, most: int = MOST) -> Prepared:
    """Compute scores and quartiles by the generations in the notes of ``snapshot``.

    Trials of no generation, such as the default configuration, count for the best so far only.
    """
    generation = _generations(snapshot)
    member = np.isfinite(generation)
    complete = snapshot.is_state(TrialState.COMPLETE) & ~np.isnan(snapshot.value)
    failed = snapshot.is_state(TrialState.FAILED)
    limits = score_range(
        np.where(complete, snapshot.value, np.nan), snapshot.maximise, snapshot.default
    )
    # The golden ratio spreads consecutive trials evenly, and alike every time.
    place = generation + (snapshot.number * 0.6180339887498949 % 1 - 0.5) * _JITTER
    scored = member & complete
    dots = np.flatnonzero(scored & limits.shown(snapshot.value))[-most:]
    line = _step_line(snapshot, generation, complete)
    last = int(np.nanmax(generation, initial=0.0)) if member.any() else 0
    right = _right(last)
    return Prepared(
        dots=np.column_stack([place[dots], snapshot.value[dots]]),
        lost=place[member & failed][-most:],
        cut=place[scored & limits.is_cut(snapshot.value)][-most:],
        boxes=_boxes(generation[scored], snapshot.value[scored]),
        line=line,
        best=_best(snapshot, generation) if line.size else None,
        default=snapshot.default if math.isfinite(snapshot.default) else None,
        xlim=(0.35, right + 0.65),
        ylim=(limits.low, limits.high),
        worse_low=snapshot.maximise,
        ylabel=snapshot.measure_label,
        summary=_summary(snapshot, generation, scored),
    )


def _generations(snapshot: Snapshot) -> np.ndarray:
    """Generation of each trial, counted from 1, NaN without one, shape (n,)."""
    note = snapshot.notes.get("generation")
    if note is None:
        return np.full(snapshot.number.size, math.nan)
    said = [math.nan if v is None or isinstance(v, str) else float(v) for v in note]
    numbers = np.array(said, dtype=float)
    least = np.nanmin(numbers) if np.isfinite(numbers).any() else 0.0
    # Methods count from 0 or from 1; a search that goes on later does not begin anew.
    return numbers + (1.0 if least == 0 else 0.0)


def _right(last: int) -> int:
    """How many generations the axis reaches: in steps, at least 8."""
    return (
        max(last, 8)
        if last <= 10
        else 12
        if last <= 12
        else 16
        if last <= 16
        else (count_limit(last))
    )


def _boxes(generation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Quartiles of each generation with enough finite scores, see `Prepared.boxes`."""
    finite = np.isfinite(value)
    order = np.lexsort((value[finite], generation[finite]))
    generation, value = generation[finite][order], value[finite][order]
    names, starts, counts = np.unique(generation, return_index=True, return_counts=True)
    rows = [
        (name, *np.quantile(value[start : start + count], (0.25, 0.5, 0.75)))
        for name, start, count in zip(names, starts, counts, strict=True)
        if count >= _LEAST
    ]
    return np.array(rows, dtype=float).reshape(-1, 4)


def _step_line(snapshot: Snapshot, generation: np.ndarray, complete: np.ndarray) -> np.ndarray:
    """Corners of the best-so-far line, one step a generation at most, shape (j, 2)."""
    usable = complete & np.isfinite(snapshot.value)
    member = usable & np.isfinite(generation)
    if not member.any():
        return np.empty((0, 2))
    worst = -np.inf if snapshot.maximise else np.inf
    better = np.maximum if snapshot.maximise else np.minimum
    names, place = np.unique(generation[member], return_inverse=True)
    best = np.full(names.size, worst)
    better.at(best, place, snapshot.value[member])
    # What was there before: the default, or what a person proposed.
    others = snapshot.value[usable & ~np.isfinite(generation)]
    first = better.reduce(others, initial=worst)
    best = better.accumulate(better(best, first))
    x = np.append(np.repeat(names - 0.5, 2)[1:], names[-1] + 0.5)
    return np.column_stack([x, np.repeat(best, 2)])


def _best(snapshot: Snapshot, generation: np.ndarray) -> tuple[float, float] | None:
    """Where the best trial stands; before the first generation if it is of none."""
    if snapshot.best is None:
        return None
    place = generation[snapshot.best]
    return float(place) if math.isfinite(place) else 0.5, float(snapshot.value[snapshot.best])


def _summary(snapshot: Snapshot, generation: np.ndarray, scored: np.ndarray) -> str:
    member = np.isfinite(generation)
    if not member.any():
        return "No generation yet."
    count, total = np.unique(generation[member]).size, int(member.sum())
    words = f"{count:,} generation{'s' * (count != 1)}, {total:,} trial{'s' * (total != 1)}"
    failed = int((snapshot.is_state(TrialState.FAILED) & member).sum())
    words += f", {failed:,} failed" * (failed > 0)
    names = np.unique(generation[scored])
    if names.size:
        first, last = (
            float(np.median(snapshot.value[scored & (generation == name)]))
            for name in (names[0], names[-1])
        )
        words += f"; median of the first {score(first)}, of the last {score(last)}"
    best = scores.best_words(snapshot)
    if best is None:
        return f"{words}; no score yet." if not names.size else f"{words}."
    return f"{words}. {best}."


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    boxes: PolyCollection
    medians: LineCollection
    dots: Line2D
    lost: Line2D
    cut: Line2D
    line: Line2D
    default: DefaultLine
    best: Line2D
    labels: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme)
    axes.set_xlabel("generation")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 2.5, 5, 10]))
    behind = background(axes, theme)
    return Artists(
        theme=theme,
        boxes=draw.bars(axes, facecolors=mix(behind, theme.muted, 0.22), zorder=1.8),
        medians=draw.segments(axes, 1.6, colors=theme.text, zorder=2.4),
        dots=draw.dots(axes, theme.muted, size=5, alpha=0.6, zorder=2.2),
        lost=scores.lost(axes, theme),
        cut=scores.cut(axes, theme),
        line=draw.line(axes, theme.accent, 2.5, solid_joinstyle="miter", zorder=3),
        default=scores.DefaultLine(axes, theme),
        best=scores.best(axes, theme, clip_on=False),
        labels=Labels(axes, theme, halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show scores by generation, boxes of their quartiles, and the best so far."""
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    axes.set_ylabel(prepared.ylabel)
    name, low, median, high = prepared.boxes.T
    left, width = name - _BOX / 2, np.full(name.size, _BOX)
    artists.boxes.set_verts(draw.rectangles(left, low, width, high - low))
    artists.medians.set_segments(draw.horizontals(left, left + width, median))
    artists.dots.set_data(prepared.dots[:, 0], prepared.dots[:, 1])
    size = 5.0 if len(prepared.dots) <= 400 else 3.5 if len(prepared.dots) <= 2_000 else 2.2
    artists.dots.set_markersize(points(size))
    artists.line.set_data(prepared.line[:, 0], prepared.line[:, 1])
    edge = ((artists.lost, prepared.lost), (artists.cut, prepared.cut))
    scores.show_edge(edge, worse_low=prepared.worse_low)
    scores.put(artists.best, prepared.best)
    artists.default.show(prepared.default, worse_low=prepared.worse_low)
    artists.labels.show(_best_label(prepared, artists.theme))
    empty = not len(prepared.dots)
    artists.notice.set_text("No generation has a score yet." if empty else "")
    axes.yaxis.set_visible(not empty)


def _best_label(prepared: Prepared, theme: Theme) -> list[Label]:
    """The best score's words: beyond the line, away from the nearer end of the axis."""
    if prepared.best is None:
        return []
    words = f"best {score(prepared.best[1])}"
    side = scores.inner_side(prepared.best[0], prepared.xlim)
    return [scores.best_label(prepared.best, words, theme, worse_low=prepared.worse_low, side=side)]


PICTURE = Picture(
    id="population",
    title="Generations",
    prepare=lambda search: prepare(search.snapshot),
    live=Live(_create, _update),
    pages=("method at work",),
    order=23,
)
