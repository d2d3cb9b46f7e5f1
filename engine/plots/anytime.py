"""Who is ahead when: each method's best score so far over the budget, its median and interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from engine.analysis.curves import Steps, aligned, grid, middle
from engine.domain.comparison import DEFAULT, Comparison, Member
from engine.plots import marks, series
from engine.plots.marks import Labels
from engine.plots.ranges import ScoreRange, score_range, stepped
from engine.plots.scores import short
from engine.plots.series import Pool, Within
from engine.plots.style import LogNumbers, Numbers, Theme, points, score, style_axes

Over = Literal["evaluations", "seconds"]

_WIDE = {"evaluations": 150.0, "seconds": 50.0}
"""How many times farther the end lies than the first score from which the axis is logarithmic."""
_MARKS = 5
"""Markers on a line, about."""
_BANDS = 3
"""Methods whose intervals are drawn as bands; of more, as whiskers at the markers."""


@dataclass(frozen=True)
class Line:
    """A method's median as a step function with its interval; all of shape (g,)."""

    at: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        names: of the k methods, and which are references.
        lines: one for each method; empty arrays without a score.
        default: the default configuration's median score, or None.
        limit: end of the budget.
        start: beginning of the axis.
        log: whether it is logarithmic.
        ylim: limits of the scores.
        xlabel, ylabel, summary: words.
    """

    names: tuple[str, ...]
    references: tuple[bool, ...]
    lines: tuple[Line, ...]
    default: float | None
    limit: float
    start: float
    log: bool
    ylim: tuple[float, float]
    xlabel: str
    ylabel: str
    summary: str


def drawn_members(comparison: Comparison, case: str, contender: str, over: Over) -> list[Member]:
    """The members whose curves are drawn: those that have ended, or while none has, those begun."""
    found = [m for m in comparison.members if m.case == case and m.contender == contender]
    begun = [m for m in found if curve(m, over).at.size]
    return [m for m in begun if m.state == "finished"] or begun


def curve(member: Member, over: Over) -> Steps:
    """The member's best score so far over evaluations or seconds."""
    at = np.array(member.curve.evaluations if over == "evaluations" else member.curve.seconds)
    value = np.array(member.curve.score, dtype=float)
    if not at.size and member.contender == DEFAULT and member.validation is not None:
        # No search is behind it: its score stands from the beginning.
        at, value = np.zeros(1), np.array([member.validation])
    usable = np.isfinite(at) & np.isfinite(value)
    until = math.inf if member.state == "finished" else float(at.max(initial=0.0))
    return Steps(at[usable], value[usable], until)


def prepare(
    comparison: Comparison,
    case: str,
    over: Over = "evaluations",
    *,
    gain: bool = False,
    log: bool | None = None,
) -> Prepared:
    """Columns of the picture for ``case``.

    Args:
        over: what the budget is counted in.
        gain: show how much better than the default configuration in the same repetition; what
            differs between draws of the rows, which harms all alike, drops out.
        log: whether the budget's axis is logarithmic; None decides by how far it reaches.
    """
    methods = [c for c in comparison.contenders if c.name != DEFAULT]
    drawn = [_curves(comparison, case, c.name, over, gain) for c in methods]
    limit = max((float(c.at.max(initial=0.0)) for group in drawn for c in group), default=0.0)
    if over == "evaluations":
        limit = max(limit, float(comparison.budget.evaluations or 0))
    first = min((float(c.at.min()) for group in drawn for c in group), default=1.0)
    if log is None:
        log = limit > _WIDE[over] * max(first, 1e-9)
    log = log and first > 0
    lines = tuple(_line(group, limit) for group in drawn)
    default = 0.0 if gain else _default(comparison, case)
    limits = _ylim(comparison.maximise or gain, lines, default)
    measure = series.measure(comparison.measure_label)
    return Prepared(
        names=series.names([c.short for c in methods]),
        references=tuple(c.reference for c in methods),
        lines=lines,
        default=default,
        limit=limit or 1.0,
        start=first if log else 0.0,
        log=log,
        ylim=(limits.low, limits.high),
        xlabel="full evaluations" if over == "evaluations" else "time in the search, seconds",
        ylabel=f"gain in {measure} over the default" if gain else f"best validation {measure}",
        summary=_summary(comparison, [c.short for c in methods], lines, over, gain),
    )


def _curves(
    comparison: Comparison, case: str, contender: str, over: Over, gain: bool
) -> list[Steps]:
    found = []
    defaults = {
        m.repetition: m.validation
        for m in comparison.members
        if m.case == case and m.contender == DEFAULT
    }
    for member in drawn_members(comparison, case, contender, over):
        steps = curve(member, over)
        if gain:
            default = defaults.get(member.repetition)
            if default is None or not math.isfinite(default):
                continue
            sign = 1 if comparison.maximise else -1
            steps = Steps(steps.at, sign * (steps.score - default), steps.until)
        found.append(steps)
    return found


def _line(group: Sequence[Steps], limit: float) -> Line:
    at = grid(group)
    if at.size and at[-1] < limit and all(math.isinf(c.until) for c in group):
        at = np.append(at, limit)
    found = middle(aligned(group, at))
    known = np.isfinite(found.median)
    return Line(at[known], found.median[known], found.low[known], found.high[known])


def _default(comparison: Comparison, case: str) -> float | None:
    scores = [
        m.validation
        for m in comparison.members
        if m.case == case and m.contender == DEFAULT and m.validation is not None
    ]
    finite = [s for s in scores if math.isfinite(s)]
    return float(np.median(finite)) if finite else None


def _ylim(maximise: bool, lines: Sequence[Line], default: float | None) -> ScoreRange:
    values = np.concatenate([np.empty(0), *(c for line in lines for c in (line.low, line.high))])
    return score_range(values, maximise, math.nan if default is None else default)


def _summary(
    comparison: Comparison, labels: Sequence[str], lines: Sequence[Line], over: Over, gain: bool
) -> str:
    ends = {
        n: float(line.median[-1]) for n, line in zip(labels, lines, strict=True) if line.at.size
    }
    if not ends:
        return "No search has a score yet."
    larger = comparison.maximise or gain
    ranked = sorted(ends, key=lambda name: -ends[name] if larger else ends[name])
    said = ", ".join(f"{name} {score(ends[name])}" for name in ranked)
    measure = series.measure(comparison.measure_label)
    what = f"gain in {measure} over the default" if gain else f"best validation {measure}"
    return f"Median {what} over {'evaluations' if over == 'evaluations' else 'time'}, last: {said}."


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    bands: Pool[PolyCollection]
    whiskers: Pool[LineCollection]
    lines: Pool[Line2D]
    default: Line2D
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    axes.set_xscale("linear")
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    return Artists(
        theme=theme,
        bands=Pool(lambda: marks.bars(axes, zorder=2), lambda made: made.set_verts([])),
        whiskers=Pool(lambda: _whiskers(axes), lambda made: made.set_segments([])),
        lines=Pool(
            lambda: marks.stroke(axes, theme.text, 2, zorder=3, markersize=points(7)),
            lambda made: made.set_data([], []),
        ),
        default=marks.stroke(axes, theme.muted, 1, linestyle=(0, (4, 3)), zorder=1.5),
        labels=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _bounds(line: Line) -> np.ndarray:
    """The interval at every corner of the line, as segments of shape (2 g - 1, 2, 2)."""
    x, low = series.steps(line.at, line.low)
    high = series.steps(line.at, line.high)[1]
    return np.stack([np.column_stack([x, low]), np.column_stack([x, high])], axis=1)


def _whiskers(axes: Axes) -> LineCollection:
    made = LineCollection([], linewidths=points(1.2), zorder=2.5)
    made.set_in_layout(False)
    axes.add_collection(made, autolim=False)
    return made


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    room = series.margin(axes, prepared.names)
    set_budget_axis(axes, prepared.start, prepared.limit, log=prepared.log, room=room)
    axes.set_ylim(prepared.ylim)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    looks = series.looks(prepared.references, axes, artists.theme)
    bands = artists.bands.take(len(prepared.lines))
    lines = artists.lines.take(len(prepared.lines))
    whiskers = artists.whiskers.take(len(prepared.lines))
    few = sum(line.at.size > 0 for line in prepared.lines) <= _BANDS
    ends = []
    for place, (line, look) in enumerate(zip(prepared.lines, looks, strict=True)):
        known = line.at.size > 0
        area = [series.band(line.at, line.low, line.high)] if known and few else []
        bands[place].set_verts(area)
        bands[place].set(facecolor=look.colour, alpha=0.14)
        lines[place].set_data(*(series.steps(line.at, line.median) if known else ([], [])))
        marked = show_line(lines[place], look, place)
        whiskers[place].set_segments(list(_bounds(line)[marked]) if known and not few else [])
        whiskers[place].set_color(look.colour)
        if known:
            ends.append((line.at[-1], line.median[-1], prepared.names[place], look.ink))
    known = bool(ends)
    default = prepared.default if known else None
    artists.default.set_data([], [])
    if default is not None:
        start, end = axes.get_xlim()[0], prepared.limit
        artists.default.set_data([start, end], [default, default])
        ends.append((end, default, f"default {short(default)}", artists.theme.muted))
    artists.labels.show(series.end_labels(axes, ends))
    artists.notice.set_text("" if known else "No search has a score yet.")
    axes.yaxis.set_visible(known)


def show_line(line: Line2D, look: series.Look, place: int) -> np.ndarray:
    """Dress a method's line: colour, dashes, and a few markers, apart from other methods'.

    Returns:
        Places of the markers among the line's corners.
    """
    line.set(color=look.colour, linestyle=look.dashes, marker=look.marker)
    corners = np.atleast_1d(line.get_xdata()).size
    every = max(2 * (corners // (2 * _MARKS)), 2)
    marked = np.arange(2 * (place % (every // 2)), corners, every)
    line.set_markevery(marked.tolist())
    return marked


def set_budget_axis(axes: Axes, start: float, limit: float, *, log: bool, room: float) -> None:
    """Give the axis of the budget its scale, with a share ``room`` at the right for words."""
    if log != (axes.get_xscale() == "log"):
        axes.set_xscale("log" if log else "linear")
    axis = axes.xaxis
    if log:
        reach = max(limit / start, 1.5)
        axes.set_xlim(start / reach**0.02, start * reach ** (1 / (1 - room)))
        wide = math.log10(reach) >= 2.2
        inner = LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=8)
        axis.set_major_locator(Within(inner, limit))
        axis.set_major_formatter(LogNumbers(labelOnlyBase=wide, minor_thresholds=(math.inf, 1)))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
        return
    limit = stepped(0.0, limit)[1] if limit > 0 else 1.0
    axes.set_xlim(-0.01 * limit, limit / (1 - room))
    inner = MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=limit >= 5)
    axis.set_major_locator(Within(inner, limit))
    axis.set_major_formatter(Numbers())
