"""Timeline of workers: a bar for each fold, a row for each worker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, MaxNLocator

from engine.domain.trials import Snapshot
from engine.plots import draw
from engine.plots.colour import mix
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live, Picture
from engine.plots.ranges import stepped
from engine.plots.style import Theme, background, points, style_axes

MOST = 2_000
"""Bars up to which each fold has its own; of more, neighbours that touch are joined."""

_PAUSE = 60.0
"""Seconds of rest from which on it may be a pause, cut out of the axis ..."""
_PAUSE_SHARE = 0.2
"""... if it is also longer than this share of the time worked."""
_PIXELS = 1_500
_MOST_NAMES = 8
"""Workers up to which each has its number on the axis."""
_THICK, _THICK_FAILED = 0.62, 0.8
_LEAST_FAILED = 0.003
"""Width of a failed fold's bar at least, as a share of the axis, so that it can be seen."""
_CROSSES = 200
"""Failed folds up to which each gets a cross as well."""
_UNITS = ((3600.0 * 2, 3600.0, "h"), (60.0 * 2, 60.0, "min"), (0.0, 1.0, "s"))


@dataclass(frozen=True)
class Prepared:
    """Bars of folds by worker, times in ``unit`` since the first fold, pauses cut out.

    Attributes:
        left, width, worker: shape (k,), bars of folds with a score.
        failed_left, failed_width, failed_worker: shape (j,), bars of failed folds.
        pauses: (time, words) of pauses that were cut out.
        workers: rows of the picture.
        limit: end of the time axis.
        unit: ``s``, ``min`` or ``h``.
        xlabel, summary: words.
    """

    left: np.ndarray
    width: np.ndarray
    worker: np.ndarray
    failed_left: np.ndarray
    failed_width: np.ndarray
    failed_worker: np.ndarray
    pauses: tuple[tuple[float, str], ...]
    workers: int
    limit: float
    unit: str
    xlabel: str
    summary: str


def prepare(snapshot: Snapshot, most: int = MOST) -> Prepared:
    """Compute a bar for each fold of ``snapshot``; of more than ``most``, neighbours are joined."""
    start, seconds, worker, ok = _folds(snapshot)
    failed = int((~ok).sum())
    start, pauses = _cut_pauses(start, seconds)
    ends = start + seconds
    span = float(ends.max(initial=0.0))
    size, unit = next((size, unit) for least, size, unit in _UNITS if span >= least)
    good = (start[ok], seconds[ok], worker[ok])
    bad = (start[~ok], seconds[~ok], worker[~ok])
    if start.size > most:
        good, bad = _join(*good, span / _PIXELS), _join(*bad, span / _PIXELS)
    workers = int(worker.max()) + 1 if worker.size else 0
    folds = f"{start.size:,} folds on {workers} worker{'s' * (workers != 1)}"
    return Prepared(
        left=good[0] / size,
        width=good[1] / size,
        worker=good[2],
        failed_left=bad[0] / size,
        failed_width=bad[1] / size,
        failed_worker=bad[2],
        pauses=tuple((place / size, words) for place, words in pauses),
        workers=workers,
        limit=stepped(0.0, span / size)[1] if span else 1.0,
        unit=unit,
        xlabel=f"time since the start{', without pauses' * bool(pauses)}, {unit}",
        summary=f"{folds} in {_duration(span)}; {failed:,} failed." if workers else "No folds yet.",
    )


def _folds(snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Start (from the first), seconds, worker and success of the folds, by start."""
    columns = snapshot.folds
    if not columns:
        nothing = np.empty(0)
        return nothing, nothing, np.empty(0, int), np.empty(0, bool)
    start = np.asarray(columns["started"], dtype=float)
    seconds = np.asarray(columns["seconds"], dtype=float)
    usable = np.isfinite(start) & np.isfinite(seconds) & (seconds >= 0)
    index = np.flatnonzero(usable)[np.argsort(start[usable], kind="stable")]
    first = start[index[0]] if index.size else 0.0
    worker = np.asarray(columns["worker"])[index].astype(int)
    ok = np.asarray(columns["ok"])[index].astype(bool)
    return start[index] - first, seconds[index], worker, ok


def _cut_pauses(
    start: np.ndarray, seconds: np.ndarray
) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Starts with long rests taken out, and where they were; ``start`` is sorted."""
    if start.size < 2:
        return start, []
    busy_until = np.maximum.accumulate(start + seconds)
    rest = np.concatenate([[0.0], (start[1:] - busy_until[:-1]).clip(0)])
    worked = busy_until[-1] - rest.sum()
    is_pause = rest > max(_PAUSE, _PAUSE_SHARE * worked)
    cut = start - np.cumsum(np.where(is_pause, rest, 0.0))
    words = [f"paused {_duration(length)}" for length in rest[is_pause]]
    return cut, list(zip(cut[is_pause].tolist(), words, strict=True))


def _join(
    left: np.ndarray, width: np.ndarray, worker: np.ndarray, gap: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bars of the same worker that are less than ``gap`` apart, as one."""
    if not left.size:
        return left, width, worker
    order = np.lexsort((left, worker))
    left, right, worker = left[order], (left + width)[order], worker[order]
    apart = (left[1:] - right[:-1] > gap) | (worker[1:] != worker[:-1])
    first = np.flatnonzero(np.concatenate([[True], apart]))
    last = np.append(first[1:], left.size) - 1
    return left[first], right[last] - left[first], worker[first]


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    bars: PolyCollection
    failed: PolyCollection
    crosses: Line2D
    pauses: LineCollection
    labels: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme, grid="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.set_ylabel("worker")
    behind = background(axes, theme)
    dashes = {"linestyles": [(0, (2, 3))], "transform": axes.get_xaxis_transform()}
    rim = {"edgecolors": behind, "zorder": 2}
    return Artists(
        theme=theme,
        bars=draw.bars(axes, facecolors=mix(behind, theme.accent, 0.6), **rim),
        failed=draw.bars(axes, facecolors=theme.bad, **rim),
        crosses=draw.dots(
            axes, theme.bad, marker="x", size=6, markeredgewidth=points(1.5), clip_on=False
        ),
        pauses=draw.segments(axes, 1, colors=theme.muted, **dashes),
        labels=Labels(axes, theme, transform=axes.get_xaxis_transform(), halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show a bar for each fold in its worker's row, failed ones apart, and pauses."""
    bars, failed = artists.bars, artists.failed
    bars.set_verts(
        draw.rectangles(prepared.left, prepared.worker - _THICK / 2, prepared.width, _THICK)
    )
    middle = prepared.failed_left + prepared.failed_width / 2
    width = prepared.failed_width.clip(_LEAST_FAILED * prepared.limit)
    failed.set_verts(
        draw.rectangles(
            middle - width / 2, prepared.failed_worker - _THICK_FAILED / 2, width, _THICK_FAILED
        )
    )
    # A rim parts neighbours where bars are wide enough to spare it.
    rim = points(1) if prepared.left.size <= 60 * max(prepared.workers, 1) else 0.0
    bars.set_linewidth(rim)
    failed.set_linewidth(rim)
    few = middle.size if middle.size <= _CROSSES else 0
    artists.crosses.set_data(middle[:few], prepared.failed_worker[:few] - _THICK_FAILED / 2 - 0.1)
    artists.pauses.set_segments([[(place, 0), (place, 1)] for place, _ in prepared.pauses])
    artists.labels.show(
        Label(place, 1, words, artists.theme.muted, align="left", vertical="top", shift=(4, 0))
        for place, words in prepared.pauses[-3:]
    )
    every = -(-prepared.workers // _MOST_NAMES)
    axes.yaxis.set_major_locator(FixedLocator(list(range(0, prepared.workers, max(every, 1)))))
    axes.set_xlim(0, prepared.limit)
    axes.set_ylim(max(prepared.workers, 2) - 0.5, -1.1 if prepared.pauses else -0.7)
    axes.set_xlabel(prepared.xlabel)
    artists.notice.set_text("" if prepared.workers else "No fold has ended yet.")
    axes.yaxis.set_visible(bool(prepared.workers))


PICTURE = Picture(
    id="timeline",
    title="Workers",
    prepare=lambda search: prepare(search.snapshot),
    live=Live(_create, _update),
    pages=("tuning", "cards"),
    order=308,
)
