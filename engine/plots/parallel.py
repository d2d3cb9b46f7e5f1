"""Every configuration as a line across all hyperparameters, the best in colour; ranges can be
brushed, which selects the trials that pass through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, NullLocator

from engine.analysis.columns import unit_rows
from engine.domain.trials import Snapshot, TrialState
from engine.plots import marks, panels, units
from engine.plots.colour import merit, mix
from engine.plots.marks import Label, Labels
from engine.plots.places import Places
from engine.plots.ranges import score_range
from engine.plots.style import Theme, points, score, style_axes
from engine.plots.units import Ticks

SCORE = ""
"""Name of the last axis, that of the scores, in brushes."""
MOST_LINES = 300
"""Lines at most: the best quarter of them, and an even sample of the rest."""
MOST_AXES = 14
"""Hyperparameters at most: the first ones, or those that are asked for."""

OFF = -0.12
"""Where lines pass that have a hyperparameter inactive: below its axis."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns: an axis for each hyperparameter, the last for the score, 0 to 1.

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


def prepare(
    snapshot: Snapshot,
    brushes: Mapping[str, tuple[float, float]] | None = None,
    *,
    names: tuple[str, ...] = (),
    most: int = MOST_LINES,
) -> Prepared:
    """Columns of the picture.

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


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    faded: LineCollection
    lines: LineCollection
    poles: LineCollection
    brushes: PolyCollection
    best: Line2D
    words: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``. An axis stands at each whole number of x."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme, grid="none", frame=False)
    axes.tick_params(axis="both", length=0)
    axes.yaxis.set_major_locator(NullLocator())
    axes.set_ylim(OFF - 0.03, 1.03)
    behind = marks.ground(axes, theme)
    faded = LineCollection([], colors=mix(behind, theme.muted, 0.25), linewidths=points(0.7))
    colours = merit(behind, theme.muted, theme.accent)
    lines = LineCollection([], cmap=colours, linewidths=points(0.9), alpha=0.8)
    lines.set_clim(0, 1)
    poles = LineCollection([], colors=theme.border_strong, linewidths=points(1.2))
    for order, collection in enumerate((faded, lines, poles)):
        collection.set_in_layout(False)
        collection.set_zorder(1 + order * 0.5)
        axes.add_collection(collection, autolim=False)
    return Artists(
        theme=theme,
        faded=faded,
        lines=lines,
        poles=poles,
        brushes=marks.bars(
            axes,
            facecolors=mix(behind, theme.accent, 0.45),
            edgecolors=theme.accent,
            linewidths=points(1),
            alpha=0.7,
            zorder=2.5,
        ),
        best=marks.stroke(axes, theme.accent, 2.5, zorder=3),
        words=Labels(axes, theme, halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    count = len(prepared.names)
    x = np.arange(count, dtype=float)
    theme = artists.theme
    axes.set_xlim(-0.35, count - 0.65)
    axes.xaxis.set_major_locator(FixedLocator(x.tolist()))
    width = panels.size(axes)[0] / max(count, 1)
    most = max(int(width / 6.4), 6)
    empty = not len(prepared.lines)
    axes.set_xticklabels([] if empty else [marks.shorten(label, most) for label in prepared.labels])
    paths = np.stack([np.broadcast_to(x, prepared.lines.shape), prepared.lines], axis=2)
    brushed = bool(prepared.brushes)
    artists.faded.set_segments(list(paths[~prepared.chosen]) if brushed else [])
    shown = prepared.chosen if brushed else np.ones(len(paths), bool)
    artists.lines.set_segments(list(paths[shown]))
    artists.lines.set_array(prepared.rank[shown])
    artists.poles.set_segments([] if empty else [[(p, 0.0), (p, 1.0)] for p in x])
    bars = np.array(prepared.brushes, float).reshape(-1, 3)
    artists.brushes.set_verts(
        marks.rectangles(
            bars[:, 0] - 0.05, bars[:, 1], np.full(len(bars), 0.1), bars[:, 2] - bars[:, 1]
        )
    )
    artists.best.set_data(x if prepared.best.size else [], prepared.best)
    artists.words.show(
        Label(
            place,
            at,
            text,
            theme.muted,
            align="right" if place == count - 1 else "left",
            shift=(-4 if place == count - 1 else 4, 0),
            size=theme.size - 2,
        )
        for place, ticks in zip(x, prepared.ticks, strict=True)
        for at, text in ([] if empty else ticks)
    )
    hidden = prepared.total - len(prepared.lines)
    axes.set_xlabel(f"{len(prepared.lines):,} of {prepared.total:,} lines shown" if hidden else "")
    artists.notice.set_text("No trial is complete yet." if empty else "")
