"""Anytime performance: median and interval of each method's best score so far over the budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from engine.analysis.curves import Steps, aligned, grid, middle
from engine.domain.comparison import DEFAULT, Comparison, Member
from engine.plots import draw, series
from engine.plots.picture import Picture
from engine.plots.ranges import ScoreRange, score_range, stepped
from engine.plots.scores import short
from engine.plots.series import Within
from engine.plots.style import LogNumbers, Numbers, Theme, background, points, score, style_axes

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
    """Each method's line over the budget.

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
    """Members whose curves are drawn: those that have ended, or while none has, those begun.

    Args:
        comparison: with its members.
        case: of the members.
        contender: of the members.
        over: what the budget is counted in.
    """
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
    """Compute the median of each method's best score so far on ``case``, with its interval.

    Args:
        comparison: searches of several methods.
        case: name of the table and model.
        over: unit of the budget: evaluations or seconds.
        gain: show the gain over the default configuration in the same repetition, from which
            differences between draws of the rows cancel.
        log: whether the budget's axis is logarithmic; None: by how far it reaches.

    Returns:
        A line for each method.
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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw each method's median of the best score over the budget, with its interval."""
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    room = series.margin(axes, prepared.names)
    set_budget_axis(axes, prepared.start, prepared.limit, log=prepared.log, room=room)
    axes.set_ylim(prepared.ylim)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    looks = series.looks(prepared.references, axes, theme)
    few = sum(line.at.size > 0 for line in prepared.lines) <= _BANDS
    ends = []
    for place, (line, look) in enumerate(zip(prepared.lines, looks, strict=True)):
        if not line.at.size:
            continue
        if few:
            area = series.band(line.at, line.low, line.high)
            draw.bars(axes, [area], facecolor=look.colour, alpha=0.14, zorder=2)
        x, y = series.steps(line.at, line.median)
        marked = draw_line(axes, theme, x, y, look, place)
        if not few:
            whiskers = list(_bounds(line)[marked])
            draw.segments(axes, 1.2, whiskers, colors=look.colour, zorder=2.5)
        ends.append((line.at[-1], line.median[-1], prepared.names[place], look.ink))
    known = bool(ends)
    if known and prepared.default is not None:
        start, end, level = axes.get_xlim()[0], prepared.limit, prepared.default
        dashes = (0, (4, 3))
        draw.line(axes, theme.muted, 1, [start, end], [level] * 2, linestyle=dashes, zorder=1.5)
        ends.append((end, level, f"default {short(level)}", theme.muted))
    draw.labels(axes, theme, series.end_labels(axes, ends), halo=background(axes, theme))
    draw.message(axes, theme, "" if known else "No search has a score yet.")
    axes.yaxis.set_visible(known)


def _bounds(line: Line) -> np.ndarray:
    """The interval at every corner of the line, as segments of shape (2 g - 1, 2, 2)."""
    x, low = series.steps(line.at, line.low)
    high = series.steps(line.at, line.high)[1]
    return np.stack([np.column_stack([x, low]), np.column_stack([x, high])], axis=1)


def draw_line(
    axes: Axes, theme: Theme, x: np.ndarray, y: np.ndarray, look: series.Look, place: int
) -> np.ndarray:
    """Draw the line of the method number ``place`` with a few markers, apart from other methods'.

    Args:
        axes: axes to draw on.
        theme: colours and fonts.
        x: corners, shape (k,), in data coordinates.
        y: corners, shape (k,), in data coordinates.
        look: colour, marker and dashes of the method.
        place: number of the method, from 0.

    Returns:
        Places of the markers among the corners.
    """
    style = {"linestyle": look.dashes, "marker": look.marker, "markersize": points(7)}
    line = draw.line(axes, look.colour, 2, x, y, zorder=3, **style)
    every = max(2 * (x.size // (2 * _MARKS)), 2)
    marked = np.arange(2 * (place % (every // 2)), x.size, every)
    line.set_markevery(marked.tolist())
    return marked


def set_budget_axis(axes: Axes, start: float, limit: float, *, log: bool, room: float) -> None:
    """Give the axis of the budget its scale and ticks.

    Args:
        axes: whose x axis it is.
        start: left end of a logarithmic axis.
        limit: the whole budget.
        log: whether the axis is logarithmic.
        room: share of the width at the right for words.
    """
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


PICTURE = Picture(
    id="anytime",
    title="Who is ahead when",
    short="Best so far",
    prepare=lambda source: prepare(source.comparison, source.case),
    paint=paint,
    pages=("compare", "nested", "comparison report"),
    order=200,
)
BY_TIME = Picture(
    id="anytime_seconds",
    title="Who is ahead when, by time",
    short="By time",
    help="anytime",
    prepare=lambda source: prepare(source.comparison, source.case, "seconds"),
    paint=paint,
    pages=("compare", "comparison report"),
    order=201,
)
