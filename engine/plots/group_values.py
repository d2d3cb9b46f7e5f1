"""Values of a small tuned group, by layer or by column, and their start value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from engine.domain.hypergradients import TunedGroup, Tuning
from engine.plots import draw, hyper_step_axes, panels
from engine.plots.draw import Label
from engine.plots.hyper_step_axes import AS_IT_STANDS, group_label, groups_by
from engine.plots.picture import Picture
from engine.plots.style import LogNumbers, Numbers, Theme, background, number, style_rows

MOST = 40
"""Values shown at most: those that have moved farthest."""
ROW = 20.0
"""Pixels that a value needs."""

_LETTERS = 18


@dataclass(frozen=True)
class Prepared:
    """Values of a tuned group, the first at the top.

    Attributes:
        names: k words.
        values: shape (k,).
        start: where they began, or None.
        total: how many there are.
        xlim, log: limits and scale of the values.
        label: of their axis.
        summary: words.
    """

    names: tuple[str, ...]
    values: np.ndarray
    start: float | None
    total: int
    xlim: tuple[float, float]
    log: bool
    label: str
    summary: str


def prepare(tuning: Tuning | None, name: str) -> Prepared:
    """Compute the values of the group ``name``; of a long one, those that have moved farthest."""
    groups = tuning.groups if tuning is not None else ()
    group = next((g for g in groups if g.name == name and g.parts), None)
    if tuning is None or group is None:
        return Prepared((), np.empty(0), None, 0, (0, 1), False, "", "There are no values yet.")
    values = np.asarray(group.parts[0].values, dtype=float)
    names = group.names if len(group.names) == len(values) else ()
    names = names or tuple(f"{group.label} {n}" for n in range(1, len(values) + 1))
    if len(values) == 1:
        names = ("all layers",)
    log = group.scale == "log"
    usable = np.flatnonzero(hyper_step_axes.usable(values, log=log))
    if len(usable) > MOST:
        usable = np.sort(usable[np.argsort(-_moved(values[usable], group, log=log))[:MOST]])
    kept = values[usable]
    reached = np.append(kept, [] if group.start is None else [group.start])
    return Prepared(
        names=tuple(draw.shorten(names[n], _LETTERS) for n in usable),
        values=kept,
        start=group.start,
        total=group.size,
        xlim=hyper_step_axes.log_range(reached) if log else _range(reached),
        log=log,
        label=group.label.lower(),
        summary=_summary(group, tuning, dict(zip(names, values.tolist(), strict=True))),
    )


def _moved(values: np.ndarray, group: TunedGroup, *, log: bool) -> np.ndarray:
    if log:
        return np.abs(np.log(values / (group.start or float(np.median(values)))))
    return np.abs(values - (group.start or 0.0))


def _range(values: np.ndarray) -> tuple[float, float]:
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    room = 0.1 * (high - low) or 0.05 * abs(high) or 0.05
    return low - room, high + room


def _summary(group: TunedGroup, tuning: Tuning, values: dict[str, float]) -> str:
    low, _, middle, _, high = group.spread
    began = "" if group.start is None else f"; {number(group.start, 3)} at the start"
    if len(values) <= 8:
        words = ", ".join(f"{name} {number(value, 3)}" for name, value in values.items())
    else:
        ends = f"{number(low, 3)} to {number(high, 3)}"
        words = f"{group.size:,} values from {ends}, the median {number(middle, 3)}"
    return f"{group.label} at hyper-step {tuning.number:,}: {words}{began}."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a row for each value: a dot, and a line to it from where it began."""
    style_rows(axes, theme)
    _, height = panels.size(axes)
    room = max(int(height // ROW), 1)
    shown = min(len(prepared.values), room)
    values, names = prepared.values[:shown], prepared.names[:shown]
    y = np.arange(shown, dtype=float)
    # A few values stand together at the top, rather than far apart.
    draw.name_rows(axes, names, room=max(shown, min(room, 6)), above=0.5, below=0.5)
    _scale(axes, prepared)
    more = f" ({shown} of {prepared.total:,} shown)" if shown < prepared.total else ""
    axes.set_xlabel(f"{prepared.label}{more}")
    if prepared.start is not None and shown:
        across, start = axes.get_xaxis_transform(), prepared.start
        dotted = {"linestyle": (0, (1, 2)), "zorder": 1.5, "transform": across}
        draw.line(axes, theme.muted, 1.5, [start, start], [0, 1], **dotted)
        ways = draw.horizontals(np.full(shown, start), values, y)
        draw.segments(axes, 3, ways, colors=theme.border_strong, zorder=2)
        words, halo = [_start_label(start, prepared, theme)], background(axes, theme)
        draw.labels(axes, theme, words, transform=across, halo=halo)
    draw.dots(axes, theme.accent, values, y, size=9, zorder=3, clip_on=False)
    draw.message(axes, theme, "" if shown else prepared.summary)
    axes.xaxis.set_visible(shown > 0)
    axes.yaxis.set_visible(shown > 0)


def _start_label(start: float, prepared: Prepared, theme: Theme) -> Label:
    low, high = prepared.xlim
    place = math.log(start / low) / math.log(high / low) if prepared.log else 0.5
    if not prepared.log:
        place = (start - low) / (high - low)
    side = "left" if place < 0.5 else "right"
    shift = 5 if side == "left" else -5
    return Label(
        start, 0, f"start {number(start, 3)}", theme.muted, side, "bottom", shift=(shift, 4)
    )


def _scale(axes: Axes, prepared: Prepared) -> None:
    axis = axes.xaxis
    if prepared.log != (axes.get_xscale() == "log"):
        axes.set_xscale("log" if prepared.log else "linear")
    axes.set_xlim(prepared.xlim)
    if prepared.log:
        wide = math.log10(prepared.xlim[1] / prepared.xlim[0]) >= 3
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=8))
        axis.set_major_formatter(LogNumbers(labelOnlyBase=wide, minor_thresholds=(math.inf, 1)))
    else:
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(Numbers())
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


PICTURE = Picture(
    id="group_values",
    title="Values of a group",
    says=AS_IT_STANDS,
    prepare=lambda search: prepare(search.answer("tuning"), search.choice),
    paint=paint,
    pages=("tuning", "report"),
    heading=group_label,
    asks="Hyperparameters",
    choices=lambda search: groups_by(search.answer("tuning"), "one", "layers", "columns"),
    order=301,
)
