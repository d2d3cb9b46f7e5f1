"""Every configuration as a line across all hyperparameters, the best in colour; ranges can be
brushed, which selects the trials that pass through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from engine.analysis.unit_rows import unit_rows
from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw, panels, units
from engine.plots.colour import merit, mix
from engine.plots.draw import Label
from engine.plots.picture import Picture
from engine.plots.places import Places
from engine.plots.ranges import score_range
from engine.plots.style import Theme, background, points, score, style_axes
from engine.plots.units import Ticks

SCORE = ""
"""Name of the last axis, that of the scores, in brushes."""
MOST_LINES = 300
"""Lines at most: the best quarter of them, and an even sample of the rest."""
MOST_AXES = 14
"""Hyperparameters at most: the first ones, or those that are asked for."""

NEAR = 0.25
"""How far from an axis a range may be marked; axes stand 1 apart."""
OFF = -0.12
"""Where lines pass that have a hyperparameter inactive: below its axis."""


@dataclass(frozen=True)
class Prepared:
    """Trials as lines across an axis for each hyperparameter, the last for the score, 0 to 1.

    Attributes:
        names: k names of the axes, `SCORE` last.
        lines: shape (m, k), trials drawn, the best last; places, `OFF` where inactive.
        number: shape (m,), of these trials.
        rank: shape (m,), 0 for the worst to 1 for the best of all complete trials.
        chosen: shape (m,), bool: passes through every brush.
        best: shape (k,) of the best trial, or of length 0.
        selected: numbers of all trials, drawn or not, that pass through every brush.
        brushes: (axis, low, high) of each brush.
        ticks: of each axis.
        labels: words above each axis.
        total: complete trials.
        summary: words.
    """

    names: tuple[str, ...]
    lines: np.ndarray
    number: np.ndarray
    rank: np.ndarray
    chosen: np.ndarray
    best: np.ndarray
    selected: np.ndarray
    brushes: tuple[tuple[int, float, float], ...]
    ticks: tuple[Ticks, ...]
    labels: tuple[str, ...]
    total: int
    summary: str

    @property
    def places(self) -> Places:
        """Lines are pointed at on the axis of the scores."""
        last = np.full(len(self.lines), len(self.names) - 1.0)
        heights = self.lines[:, -1] if len(self.lines) else np.empty(0)
        return Places(self.number, np.column_stack([last, heights]))

    def axis_at(self, x: float) -> str | None:
        """The axis at ``x``, by name, for ranges marked on it; None between axes."""
        at = round(x)
        return self.names[at] if 0 <= at < len(self.names) and abs(x - at) < NEAR else None


def prepare(
    snapshot: Snapshot,
    brushes: Mapping[str, tuple[float, float]] | None = None,
    *,
    names: tuple[str, ...] = (),
    most: int = MOST_LINES,
) -> Prepared:
    """Place each configuration on the axes of its hyperparameters, and tell which are selected.

    Args:
        snapshot: complete trials in the space are shown.
        brushes: by hyperparameter (or `SCORE`) the range on its axis, in places from `OFF` to 1,
            that a trial must pass through to be selected.
        names: hyperparameters that get an axis, in this order; all if left out.
        most: lines at most.
    """
    space = snapshot.space
    shown = [n for n in names or space.names if n in space.names][:MOST_AXES]
    rows, inside = unit_rows(space, snapshot.configurations, snapshot.number.size)
    usable = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(snapshot.value) & inside
    index = np.flatnonzero(usable)
    limits = score_range(snapshot.value[index], snapshot.maximise)
    ends = snapshot.value[index[limits.shown(snapshot.value[index])]]
    low, high = (float(ends.min()), float(ends.max())) if ends.size else (0.0, 1.0)
    if not snapshot.maximise:
        low, high = high, low
    width = high - low or 1.0
    height = np.clip((snapshot.value[index] - low) / width, 0, 1)
    places = [space.names.index(n) for n in shown]
    table = np.column_stack([rows[index][:, places], height]).reshape(index.size, len(shown) + 1)
    table = np.where(np.isnan(table), OFF, table)
    axes_names = (*shown, SCORE)
    ranges = tuple(
        (axes_names.index(name), min(span), max(span))
        for name, span in (brushes or {}).items()
        if name in axes_names
    )
    passes = np.ones(index.size, bool)
    for axis, start, end in ranges:
        passes &= (table[:, axis] >= start) & (table[:, axis] <= end)
    rank = np.empty(index.size)
    rank[np.argsort(height, kind="stable")] = np.linspace(0, 1, index.size)
    drawn = _thinned(rank, passes if ranges else None, most)
    best = int(np.argmax(rank)) if index.size else None
    return Prepared(
        names=axes_names,
        lines=table[drawn],
        number=snapshot.number[index[drawn]],
        rank=rank[drawn],
        chosen=passes[drawn],
        best=table[best] if best is not None else np.empty(0),
        selected=snapshot.number[index[passes]],
        brushes=ranges,
        ticks=(
            *(units.ticks(space[n], 3, 8) for n in shown),
            ((0.0, score(low)), (1.0, score(high))) if index.size else (),
        ),
        labels=(*shown, snapshot.measure),
        total=index.size,
        summary=_summary(snapshot, index.size, int(passes.sum()), bool(ranges)),
    )


def _thinned(rank: np.ndarray, passes: np.ndarray | None, most: int) -> np.ndarray:
    """Which of the trials are drawn, from the worst to the best; those selected first."""
    order = np.argsort(rank, kind="stable")
    if order.size <= most:
        return order
    first = order if passes is None else order[passes[order]]
    others = order[:0] if passes is None else order[~passes[order]]
    if first.size >= most:
        top = first[-most // 4 :]
        rest = first[: -(most // 4)]
        kept = np.append(rest[np.linspace(0, rest.size - 1, most - top.size).astype(int)], top)
    else:
        some = np.linspace(0, others.size - 1, most - first.size).astype(int)
        kept = np.append(first, others[some])
    kept = np.unique(kept)
    return kept[np.argsort(rank[kept], kind="stable")]


def _summary(snapshot: Snapshot, total: int, selected: int, brushed: bool) -> str:
    if not total:
        return "No trial is complete yet."
    words = f"{total:,} configurations across {len(snapshot.space)} hyperparameters"
    return f"{words}; {selected:,} selected." if brushed else f"{words}."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw trials as lines across the hyperparameters' axes, at whole numbers of x, and brushes."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.tick_params(axis="both", length=0)
    axes.yaxis.set_major_locator(NullLocator())
    axes.set_ylim(OFF - 0.03, 1.03)
    count, empty = len(prepared.names), not len(prepared.lines)
    x = np.arange(count, dtype=float)
    axes.set_xlim(-0.35, count - 0.65)
    axes.xaxis.set_major_locator(FixedLocator(x.tolist()))
    most = max(int(panels.size(axes)[0] / max(count, 1) / 6.4), 6)
    axes.set_xticklabels([] if empty else [draw.shorten(label, most) for label in prepared.labels])
    hidden = prepared.total - len(prepared.lines)
    axes.set_xlabel(f"{len(prepared.lines):,} of {prepared.total:,} lines shown" if hidden else "")
    if not empty:
        _draw_lines(axes, prepared, theme, x)
    _draw_ranges(axes, prepared, theme)
    draw.message(axes, theme, "No trial is complete yet." if empty else "")


def _draw_lines(axes: Axes, prepared: Prepared, theme: Theme, x: np.ndarray) -> None:
    behind = background(axes, theme)
    paths = np.stack([np.broadcast_to(x, prepared.lines.shape), prepared.lines], axis=2)
    shown = prepared.chosen if prepared.brushes else np.ones(len(paths), bool)
    faint = mix(behind, theme.muted, 0.25)
    draw.segments(axes, 0.7, list(paths[~shown]), colors=faint, zorder=1)
    colours = merit(behind, theme.muted, theme.accent)
    ranked = {"cmap": colours, "array": prepared.rank[shown], "clim": (0, 1)}
    draw.segments(axes, 0.9, list(paths[shown]), alpha=0.8, zorder=1.5, **ranked)
    poles = [[(place, 0.0), (place, 1.0)] for place in x]
    draw.segments(axes, 1.2, poles, colors=theme.border_strong, zorder=2)
    draw.line(axes, theme.accent, 2.5, x, prepared.best, zorder=3)
    draw.labels(axes, theme, _tick_labels(prepared, theme), halo=behind)


def _draw_ranges(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """The ranges that are marked on axes."""
    spans = np.array(prepared.brushes, float).reshape(-1, 3)
    wide, tall = np.full(len(spans), 0.1), spans[:, 2] - spans[:, 1]
    draw.bars(
        axes,
        draw.rectangles(spans[:, 0] - 0.05, spans[:, 1], wide, tall),
        facecolors=mix(background(axes, theme), theme.accent, 0.45),
        edgecolors=theme.accent,
        linewidths=points(1),
        alpha=0.7,
        zorder=2.5,
    )


def _tick_labels(prepared: Prepared, theme: Theme) -> Iterable[Label]:
    last = len(prepared.names) - 1
    for place, ticks in enumerate(prepared.ticks):
        align, shift = ("right", -4) if place == last else ("left", 4)
        for y, words in ticks:
            yield Label(
                place, y, words, theme.muted, align=align, shift=(shift, 0), size=theme.size - 2
            )


PICTURE = Picture(
    id="parallel",
    title="All at once",
    says="Every configuration as a line. Draw the mouse along an axis to choose a range: the table "
    "shows the trials that pass through it. A click on the axis takes it back.",
    prepare=lambda search: prepare(search.snapshot, search.ranges),
    paint=paint,
    pages=("understand",),
    order=105,
)
