"""Scores by fidelity, with a line for every promoted trial."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, MaxNLocator

from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw, scores
from engine.plots.colour import mix
from engine.plots.draw import Label, Labels
from engine.plots.panels import size
from engine.plots.picture import Live, Picture
from engine.plots.ranges import score_range
from engine.plots.style import Theme, background, points, score, style_axes

MOST_LINES = 3_000
"""Lines shown at most: of the trials that came farthest, the latest."""

_JITTER = 0.26
"""Width over which the trials of one rung are spread, in steps between rungs."""
_ROW = 17.0
"""Height of a row of counts, in pixels."""
_HEAD = 0.34
"""Share of the height that rows of counts may take; of more there is only their sum."""
_MOST_TICKS = 8


@dataclass(frozen=True)
class Prepared:
    """Scores by fidelity; x counts fidelities from the lowest, 0, spread around each.

    Attributes:
        went_on, dropped, waiting, complete: shape (k, 2), a trial's x and mean score at a fidelity:
            where it was promoted from; where it was dropped; where nothing is decided; in full.
        lost: x of trials that failed there.
        cut: x of scores beyond the axis, at its worse end.
        paths: shape (j, 3), x and score from trial to trial, and whether the trial is complete;
            rows of NaN between trials.
        best: (x, score) of the best complete trial, or None.
        counts: shape (b, f), trials by bracket (the deepest first) and fidelity.
        ticks: words for the fidelities.
        ylim: limits of the scores.
        worse_low: whether the worse end of the scores is at the bottom.
        xlabel, ylabel, summary: words.
    """

    went_on: np.ndarray
    dropped: np.ndarray
    waiting: np.ndarray
    complete: np.ndarray
    lost: np.ndarray
    cut: np.ndarray
    paths: np.ndarray
    best: tuple[float, float] | None
    counts: np.ndarray
    ticks: tuple[str, ...]
    ylim: tuple[float, float]
    worse_low: bool
    xlabel: str
    ylabel: str
    summary: str


def prepare(snapshot: Snapshot, most_lines: int = MOST_LINES) -> Prepared:
    """Compute scores by fidelity from the folds of ``snapshot``, and trials by bracket from its
    notes; at most ``most_lines`` trials have a line."""
    trial, level, mean, levels = by_fidelity(snapshot)
    folds = max(rung_folds(snapshot), default=0)
    # The golden ratio spreads consecutive trials evenly, and alike every time.
    jitter = (snapshot.number[trial] * 0.6180339887498949 % 1 - 0.5) * _JITTER
    x = level + jitter
    last = np.append(trial[1:] != trial[:-1], True)[: trial.size]
    state = {s: snapshot.is_state(s)[trial] for s in TrialState}
    failed = np.isnan(mean)
    limits = score_range(mean, snapshot.maximise, snapshot.default)
    shown = limits.shown(mean)
    ended = {s: state[s] & last & shown for s in TrialState}
    pairs = np.column_stack([x, mean])
    return Prepared(
        went_on=pairs[shown & ~last],
        dropped=pairs[ended[TrialState.PRUNED]],
        waiting=pairs[ended[TrialState.RUNNING]],
        complete=pairs[ended[TrialState.COMPLETE]],
        lost=x[failed],
        cut=x[limits.is_cut(mean)],
        paths=_paths(trial, pairs, shown, state[TrialState.COMPLETE], most_lines),
        best=_best(snapshot, trial, pairs, ended[TrialState.COMPLETE]),
        counts=_counts(snapshot, trial, level, len(levels)),
        ticks=tuple(_share(fidelity, folds) for fidelity in levels.tolist()),
        xlabel="folds" if folds else "share of a full fit",
        ylim=(limits.low, limits.high),
        worse_low=snapshot.maximise,
        ylabel=snapshot.measure_label,
        summary=_summary(snapshot, trial, level, levels, folds),
    )


def by_fidelity(snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every trial at every fidelity it has folds at, by trial, then fidelity.

    Returns:
        Place of the trial in the snapshot, place of the fidelity in the last array, mean score over
        folds (NaN when one failed), each of shape (k,); and the fidelities, rising.
    """
    folds = snapshot.folds
    if "score" not in folds or not folds["trial"].size:
        nothing = np.empty(0)
        return nothing.astype(int), nothing.astype(int), nothing, nothing
    row = np.searchsorted(snapshot.number, folds["trial"])
    known = (row < snapshot.number.size) & np.isin(folds["trial"], snapshot.number)
    # Rounded, since 1/3 has been computed in more than one way.
    fidelity = np.round(folds["fidelity"].astype(float), 9)[known]
    row = row[known]
    value = np.where(folds["ok"][known], folds["score"][known], np.nan)
    if rungs := rung_folds(snapshot):
        climbs = np.array([note is not None for note in snapshot.notes["rung_folds"]])
        row, fidelity, value = _by_folds(row, value, folds["started"][known], rungs, climbs)
    levels, level = np.unique(fidelity, return_inverse=True)
    key, place, count = np.unique(
        row * max(levels.size, 1) + level, return_inverse=True, return_counts=True
    )
    with np.errstate(invalid="ignore"):
        mean = np.bincount(place, weights=value, minlength=key.size) / count
    return key // max(levels.size, 1), key % max(levels.size, 1), mean, levels


def rung_folds(snapshot: Snapshot) -> tuple[int, ...]:
    """Folds of each rung where rungs are numbers of folds; else empty."""
    notes = snapshot.notes.get("rung_folds", np.empty(0))
    said = next((str(note) for note in notes if note), "")
    return tuple(int(count) for count in said.split(",") if count)


def _by_folds(
    row: np.ndarray,
    value: np.ndarray,
    started: np.ndarray,
    rungs: tuple[int, ...],
    climbs: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Folds by trial, share of all folds, and score; once for each rung that the fold counts on.

    A trial is on a rung when it has all its folds. It began them before those of the next rung, so
    they are its first. A failed fold counts on the rung that it ended the trial on. Trials that do
    not climb, such as the default configuration, are on the last rung only.
    """
    order = np.lexsort((started, row))
    row, value = row[order], value[order]
    _, first, total = np.unique(row, return_index=True, return_counts=True)
    rank = np.arange(row.size) - np.repeat(first, total)
    have = np.repeat(total, total)
    failed = np.repeat(np.logical_or.reduceat(np.isnan(value), first), total)
    found = []
    before = 0
    for count in rungs:
        counts = (rank < count) & ((have >= count) | (failed & (have > before)))
        counts &= climbs[row] | (count == rungs[-1])
        share = np.full(int(counts.sum()), round(count / rungs[-1], 9))
        found.append((row[counts], share, value[counts]))
        before = count
    rows, shares, values = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(shares), np.concatenate(values)


def _paths(
    trial: np.ndarray, pairs: np.ndarray, shown: np.ndarray, complete: np.ndarray, most: int
) -> np.ndarray:
    """The lines of the trials with two places or more, see `Prepared.paths`."""
    trial, pairs, complete = trial[shown], pairs[shown], complete[shown]
    _, place, count = np.unique(trial, return_inverse=True, return_counts=True)
    long = np.flatnonzero(count >= 2)
    chosen = np.zeros(count.size, bool)
    chosen[long[np.argsort(count[long], kind="stable")][-most:]] = True
    keep = chosen[place] if trial.size else np.empty(0, bool)
    rows = np.column_stack([pairs, complete])[keep]
    breaks = np.flatnonzero(np.diff(trial[keep])) + 1
    return np.insert(rows, breaks, np.nan, axis=0)


def _best(
    snapshot: Snapshot, trial: np.ndarray, pairs: np.ndarray, complete: np.ndarray
) -> tuple[float, float] | None:
    if snapshot.best is None:
        return None
    place = np.flatnonzero(complete & (trial == snapshot.best))
    return (float(pairs[place[0], 0]), float(pairs[place[0], 1])) if place.size else None


def _counts(snapshot: Snapshot, trial: np.ndarray, level: np.ndarray, levels: int) -> np.ndarray:
    """Trials by bracket and fidelity, shape (b, levels); without brackets all make one row."""
    note = snapshot.notes.get("bracket")
    said = [None] * snapshot.number.size if note is None else note.tolist()
    begun = sorted({bracket for bracket in said if bracket is not None}, reverse=True)
    place = {bracket: i for i, bracket in enumerate(begun)}
    counts = np.zeros((max(len(begun), 1), levels), int)
    # The default configuration is of no bracket, and a person's own are not either.
    rows = np.array([place.get(bracket, -1 if begun else 0) for bracket in said], int)[trial]
    np.add.at(counts, (rows[rows >= 0], level[rows >= 0]), 1)
    return counts[counts.any(axis=1)]


def _share(fidelity: float, folds: int = 0) -> str:
    """A fidelity in words: ``1/9``, ``full``, ``40%``; with ``folds`` of a full evaluation, their
    number."""
    if folds:
        return f"{fidelity * folds:.0f}"
    if fidelity == 1:
        return "full"
    parts = 1 / fidelity
    return f"1/{parts:,.0f}" if abs(parts - round(parts)) < 1e-3 * parts else f"{fidelity:.0%}"


def _summary(
    snapshot: Snapshot, trial: np.ndarray, level: np.ndarray, levels: np.ndarray, folds: int
) -> str:
    if not trial.size:
        return "No fold has ended yet."
    rungs = np.bincount(level, minlength=levels.size).tolist()
    words = ", ".join(
        f"{count:,} {_words(fidelity, folds)}"
        for count, fidelity in zip(rungs, levels.tolist(), strict=True)
    )
    tally = scores.tally(
        snapshot,
        (
            (TrialState.PRUNED, "dropped"),
            (TrialState.RUNNING, "undecided"),
            (TrialState.FAILED, "failed"),
        ),
    )
    total = np.unique(trial).size
    counted = f"{total:,} trial{'s' * (total != 1)}: {words}; {', '.join(tally) or 'none dropped'}."
    return f"{counted} {scores.best_words(snapshot) or 'None is complete'}."


def _words(fidelity: float, folds: int) -> str:
    if folds:
        return f"on {_share(fidelity, folds)} of {folds} folds"
    return "in full" if fidelity == 1 else f"at {_share(fidelity)} of a fit"


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    promoted: LineCollection
    finished: LineCollection
    went_on: Line2D
    dropped: Line2D
    waiting: Line2D
    complete: Line2D
    lost: Line2D
    cut: Line2D
    best: Line2D
    counts: Labels
    labels: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme)
    behind = background(axes, theme)
    pale = mix(behind, theme.accent, 0.5)
    return Artists(
        theme=theme,
        promoted=draw.segments(axes, 1.0, colors=pale, zorder=1.8),
        finished=draw.segments(axes, 1.4, colors=theme.accent, zorder=2.2),
        went_on=draw.dots(axes, theme.accent, size=4, zorder=2.4),
        dropped=draw.dots(axes, theme.muted, size=4, alpha=0.5, zorder=2),
        waiting=draw.dots(
            axes,
            theme.muted,
            size=5,
            markerfacecolor=behind,
            markeredgewidth=points(1.2),
            zorder=2.1,
        ),
        complete=draw.dots(axes, theme.accent, size=6.5, zorder=3),
        lost=scores.lost(axes, theme, zorder=5),
        cut=scores.cut(axes, theme, zorder=5),
        best=scores.best(axes, theme, clip_on=False),
        counts=Labels(axes, theme, transform=axes.get_xaxis_transform()),
        labels=Labels(axes, theme, halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show scores by fidelity, a line for each promoted trial, and counts by bracket."""
    empty = not prepared.ticks
    _frame(axes, prepared)
    for line, pairs in (
        (artists.went_on, prepared.went_on),
        (artists.dropped, prepared.dropped),
        (artists.waiting, prepared.waiting),
        (artists.complete, prepared.complete),
    ):
        line.set_data(pairs[:, 0], pairs[:, 1])
    many = len(prepared.dropped) + len(prepared.waiting) + len(prepared.went_on) > 600
    for line, width in ((artists.went_on, 4), (artists.dropped, 4), (artists.waiting, 5)):
        line.set_markersize(points(width - 1.5 * many))
    artists.complete.set_markersize(points(6.5 if len(prepared.complete) <= 60 else 4.5))
    starts = np.isnan(prepared.paths[:, 0])
    runs = np.split(prepared.paths, np.flatnonzero(starts))
    runs = [run[~np.isnan(run[:, 0])] for run in runs if len(run)]
    for lines, which in ((artists.promoted, 0), (artists.finished, 1)):
        lines.set_segments([run[:, :2] for run in runs if len(run) and run[0, 2] == which])
    artists.promoted.set_linewidth(points(1.0 if len(runs) <= 300 else 0.5))
    artists.finished.set_linewidth(points(1.4 if len(runs) <= 300 else 0.7))
    edge = ((artists.lost, prepared.lost), (artists.cut, prepared.cut))
    scores.show_edge(edge, worse_low=prepared.worse_low, head=_head(axes, prepared))
    scores.put(artists.best, prepared.best)
    artists.counts.show(_count_labels(axes, prepared, artists.theme))
    artists.labels.show(_best_label(prepared, artists.theme))
    artists.notice.set_text("No fold has ended yet." if empty else "")
    axes.yaxis.set_visible(not empty)


def _head(axes: Axes, prepared: Prepared) -> float:
    """Share of the height that the rows of counts take."""
    return len(_rows(axes, prepared)) * _ROW / size(axes)[1]


def _rows(axes: Axes, prepared: Prepared) -> np.ndarray:
    """The rows of counts, as far as there is room: one a bracket, or their sum."""
    fit = len(prepared.counts) * _ROW <= _HEAD * size(axes)[1]
    return prepared.counts if fit else prepared.counts.sum(axis=0, keepdims=True)


def _frame(axes: Axes, prepared: Prepared) -> None:
    """Axes with fidelities below and the rows of counts above the scores, within the frame."""
    every = -(-len(prepared.ticks) // _MOST_TICKS) or 1
    # The full fit always has its word.
    named = list(range(len(prepared.ticks) - 1, -1, -every))[::-1]
    axes.xaxis.set_major_locator(FixedLocator(named))
    axes.set_xticklabels([prepared.ticks[i] for i in named])
    axes.set_xlim(-0.45, max(len(prepared.ticks), 2) - 0.55)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    low, high = prepared.ylim
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    axes.yaxis.set_major_locator(FixedLocator([t for t in ticks if low <= t <= high]))
    top = low + (high - low) / (1 - _head(axes, prepared))
    axes.set_ylim(low, top)
    axes.spines["left"].set_bounds(low, high)


def _count_labels(axes: Axes, prepared: Prepared, theme: Theme) -> list[Label]:
    """How many came to each rung, each bracket in a row, and an arrow from rung to rung."""
    rows, height = _rows(axes, prepared), size(axes)[1]
    labels = []
    if rows.size:
        axis = axes.get_xlim()[0]
        y = 1 - 0.5 * _ROW / height
        labels.append(Label(axis, y, "trials", theme.muted, align="right", shift=(-8, 0)))
    for row, counts in enumerate(rows.tolist()):
        y = 1 - (row + 0.5) * _ROW / height
        rungs = [i for i, count in enumerate(counts) if count]
        labels += [Label(i, y, f"{counts[i]:,}", theme.text) for i in rungs]
        labels += [Label((i + j) / 2, y, "→", theme.muted) for i, j in pairwise(rungs)]
    return labels


def _best_label(prepared: Prepared, theme: Theme) -> list[Label]:
    if prepared.best is None:
        return []
    words, worse_low = f"best {score(prepared.best[1])}", prepared.worse_low
    return [scores.best_label(prepared.best, words, theme, worse_low=worse_low, side="center")]


PICTURE = Picture(
    id="rungs",
    title="Rungs",
    prepare=lambda search: prepare(search.snapshot),
    live=Live(_create, _update),
    pages=("method at work",),
    order=21,
)
