"""Racing: trials by folds, each cell shaded by the trial's rank on that fold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw, scores
from engine.plots.colour import mix
from engine.plots.draw import Label, Labels
from engine.plots.panels import size
from engine.plots.picture import Live, Picture
from engine.plots.style import Theme, background, points, score, style_axes

MOST = 60
"""Trials shown at most: those of the latest races that are not dropped, then the latest."""

_WORST, _BEST = 0.16, 1.0
"""How much of the accent the worst and the best cell of a fold have."""
_MOST_TICKS = 20
_BLOCK, _LINE = 34.0, 15.0
"""Height in pixels from which on a race's words have two lines, and that of one line."""
_MARGIN = 102.0
"""Width in pixels kept at the right for the best trial's words."""


@dataclass(frozen=True)
class Prepared:
    """Ranks of trials on folds: rows from the top, 0, races apart; folds in the order of doing.

    Attributes:
        row: shape (r,), the trials' heights.
        trial: shape (r,), their numbers.
        elite: shape (r,), whether a trial has all folds.
        cell_row, cell_fold, cell_rank: shape (c,), height, place of the fold, and how the trial did
            there among all trials: 0 the worst, 1 the best.
        lost: shape (j, 2), place of the fold and height of fits that failed.
        dropped: shape (k, 2), place after the last fold, and height, of dropped trials.
        best: (height, mean score) of the best complete trial, or None.
        blocks: first and last height, name and further words of each race; one of all trials where
            there are no races.
        folds: words for the folds.
        limit: the height of all rows.
        ylabel, summary: words.
    """

    row: np.ndarray
    trial: np.ndarray
    elite: np.ndarray
    cell_row: np.ndarray
    cell_fold: np.ndarray
    cell_rank: np.ndarray
    lost: np.ndarray
    dropped: np.ndarray
    best: tuple[float, float] | None
    blocks: tuple[tuple[float, float, str, str], ...]
    folds: tuple[str, ...]
    limit: float
    ylabel: str
    summary: str


def prepare(snapshot: Snapshot, most: int = MOST) -> Prepared:
    """Compute ranks by fold from the full fits of ``snapshot``, and races from its notes.

    Args:
        snapshot: of a method that drops trials fold by fold.
        most: trials shown at most.
    """
    trial, fold, value, order = _full_fits(snapshot)
    race = _races(snapshot)
    done = np.bincount(trial, minlength=snapshot.number.size)
    chosen = _chosen(snapshot, race, done, most)
    # A row is left free between races.
    row = np.arange(chosen.size) + np.cumsum(np.diff(race[chosen], prepend=race[chosen[:1]]) != 0)
    height = np.full(snapshot.number.size, math.nan)
    height[chosen] = row
    rank = _ranks(fold, value if snapshot.maximise else -value)
    cell = np.isfinite(height[trial])
    lost = cell & np.isnan(value)
    cell &= ~lost
    pruned = chosen[snapshot.is_state(TrialState.PRUNED)[chosen]]
    complete = snapshot.is_state(TrialState.COMPLETE)
    best = snapshot.best
    left_out = int((done > 0).sum()) - chosen.size
    return Prepared(
        row=row,
        trial=snapshot.number[chosen],
        elite=complete[chosen],
        cell_row=height[trial[cell]],
        cell_fold=fold[cell],
        cell_rank=rank[cell],
        lost=np.column_stack([fold[lost], height[trial[lost]]]),
        dropped=np.column_stack([done[pruned], height[pruned]]),
        best=None
        if best is None or math.isnan(height[best])
        else (float(height[best]), float(snapshot.value[best])),
        blocks=_blocks(snapshot.number[chosen], race[chosen], row),
        folds=tuple(str(place + 1) for place in order.tolist()),
        limit=float(row.max(initial=0.0)) + 1,
        ylabel=f"trial ({chosen.size:,} of {int((done > 0).sum()):,})" if left_out else "trial",
        summary=_summary(snapshot, race, done),
    )


def _full_fits(
    snapshot: Snapshot,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The folds done at full fidelity.

    Returns:
        Place of the trial in the snapshot, place of the fold in the order of the race, score (NaN
        when it failed), each of shape (k,); and the folds in that order: those that most trials
        have first, and among equals those that were done first.
    """
    folds = snapshot.folds
    if "score" not in folds or not folds["trial"].size:
        nothing = np.empty(0, int)
        return nothing, nothing, np.empty(0), nothing
    keep = np.flatnonzero((folds["fidelity"] == 1) & np.isin(folds["trial"], snapshot.number))
    keep = keep[np.argsort(folds["started"][keep], kind="stable")]
    trial = np.searchsorted(snapshot.number, folds["trial"][keep])
    names, fold, count = np.unique(folds["fold"][keep], return_inverse=True, return_counts=True)
    # Which fold of its trial each was, by time.
    by_trial = np.argsort(trial, kind="stable")
    starts = np.searchsorted(trial[by_trial], trial[by_trial])
    turn = np.empty(trial.size)
    turn[by_trial] = np.arange(trial.size) - starts
    order = np.lexsort((np.bincount(fold, turn, names.size) / np.maximum(count, 1), -count))
    place = np.empty(names.size, int)
    place[order] = np.arange(names.size)
    value = np.where(folds["ok"][keep], folds["score"][keep], np.nan).astype(float)
    return trial, place[fold], value, names[order]


def _races(snapshot: Snapshot) -> np.ndarray:
    """The race in which each trial came in, 0 for those without one, shape (n,)."""
    note = snapshot.notes.get("race")
    if note is None:
        return np.zeros(snapshot.number.size, int)
    return np.array([race if isinstance(race, int) else 0 for race in note], int)


def _chosen(snapshot: Snapshot, race: np.ndarray, done: np.ndarray, most: int) -> np.ndarray:
    """The trials shown, by race, then number: half for those still there, the rest the latest."""
    begun = np.flatnonzero(done > 0)
    latest = begun[np.argsort(race[begun], kind="stable")]
    there = ~(snapshot.is_state(TrialState.PRUNED) | snapshot.is_state(TrialState.FAILED))
    kept = latest[there[latest]][-max(most // 2, 1) :] if begun.size > most else latest
    best = snapshot.best
    if best is not None and best not in kept and done[best]:
        kept = np.append(kept[1:], best)
    rest = latest[~np.isin(latest, kept)]
    chosen = np.concatenate([kept, rest[rest.size - (min(most, begun.size) - kept.size) :]])
    return chosen[np.lexsort((chosen, race[chosen]))].astype(int)


def _blocks(
    trial: np.ndarray, race: np.ndarray, row: np.ndarray
) -> tuple[tuple[float, float, str, str], ...]:
    """See `Prepared.blocks`; what came before the first race is called by its one trial."""
    if not race.any():
        return ()
    first = np.flatnonzero(np.diff(race, prepend=-1))
    last = np.append(first[1:], race.size) - 1
    blocks = []
    for start, end in zip(first.tolist(), last.tolist(), strict=True):
        low, high = int(trial[start]), int(trial[end])
        span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        name, more = (f"race {race[start]}", span) if race[start] else (f"trial {span}", "")
        blocks.append((float(row[start]), float(row[end]), name, more))
    return tuple(blocks)


def _ranks(fold: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Rank of each score among those of its fold, 0 the worst to 1 the best (larger is better); a
    half where there is no other."""
    rank = np.full(value.size, 0.5)
    for at in range(int(fold.max(initial=-1)) + 1):
        here = np.flatnonzero((fold == at) & np.isfinite(value))
        if here.size > 1:
            ordered = np.sort(value[here])
            low = np.searchsorted(ordered, value[here], side="left")
            high = np.searchsorted(ordered, value[here], side="right") - 1
            rank[here] = (low + high) / 2 / (here.size - 1)
    return rank


def _summary(snapshot: Snapshot, race: np.ndarray, done: np.ndarray) -> str:
    begun = done > 0
    if not begun.any():
        return "No fold has ended yet."
    trials = int(begun.sum())
    last = int(race[begun].max())
    words = f"{trials:,} trial{'s' * (trials != 1)}"
    if last:
        alive = " to ".join(f"{count:,}" for count in _survivors(done[begun & (race == last)]))
        words += f" in {last} race{'s' * (last != 1)}; trials by fold in the last one: {alive}"
    counts = scores.tally(
        snapshot,
        (
            (TrialState.COMPLETE, "with all folds"),
            (TrialState.PRUNED, "dropped"),
            (TrialState.FAILED, "failed"),
            (TrialState.RUNNING, "still in it"),
        ),
        begun,
    )
    words = f"{words}; {', '.join(counts)}."
    best = scores.best_words(snapshot)
    return words if best is None else f"{words} {best}."


def _survivors(done: np.ndarray) -> list[int]:
    """How many trials came to each number of folds, without repetitions; five of them at most."""
    counts = [int((done >= folds).sum()) for folds in range(1, int(done.max(initial=0)) + 1)]
    changes = list(dict.fromkeys(counts))
    picked = np.linspace(0, len(changes) - 1, min(len(changes), 5)).round().astype(int)
    return [changes[i] for i in picked]


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    cells: PolyCollection
    lost: Line2D
    dropped: Line2D
    elites: Line2D
    best: Line2D
    labels: Labels
    notice: Text


def shades(axes: Axes, theme: Theme) -> Colormap:
    """From a breath of the accent, for the worst, to the accent itself."""
    behind = background(axes, theme)
    ends = [mix(behind, theme.accent, share) for share in (_WORST, _BEST)]
    return LinearSegmentedColormap.from_list("rank", ends)


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme, grid="none")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("fold, in the order of the race; stronger colour is better")
    behind = background(axes, theme)
    cells = draw.bars(axes, cmap=shades(axes, theme), edgecolors=behind, zorder=2)
    cells.set_clim(0, 1)
    return Artists(
        theme=theme,
        cells=cells,
        lost=draw.dots(axes, theme.bad, marker="x", markeredgewidth=points(1.8), zorder=3),
        dropped=draw.dots(axes, theme.caution, marker="<", zorder=3),
        elites=draw.dots(axes, theme.accent, zorder=3),
        best=scores.best(axes, theme, zorder=4),
        labels=Labels(axes, theme, halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show a cell for each trial and fold, shaded by rank, and the end of dropped trials."""
    width, height = size(axes)
    thick = height / max(prepared.limit, 12.0)
    folds = max(len(prepared.folds), 3)
    empty = not prepared.row.size
    axes.set_xlim(-0.5, -0.5 + folds * width / max(width - _MARGIN, 0.5 * width))
    axes.set_ylim(max(prepared.limit, 12.0) - 0.5, -0.75)
    every = -(-len(prepared.folds) // _MOST_TICKS) or 1
    axes.xaxis.set_major_locator(FixedLocator(list(range(0, len(prepared.folds), every))))
    axes.set_xticklabels(prepared.folds[::every])
    axes.spines["bottom"].set_bounds(-0.5, folds - 0.5)
    ticks = _ticks(prepared, thick)
    axes.yaxis.set_major_locator(FixedLocator([place for place, _ in ticks]))
    axes.set_yticklabels([words for _, words in ticks])
    axes.set_ylabel(prepared.ylabel)
    # Cells touch each other where there is no room for a rim.
    rim = 1.0 if thick >= 5 else 0.0
    left, top = prepared.cell_fold - 0.5, prepared.cell_row - 0.5
    artists.cells.set_verts(draw.rectangles(left, top, np.ones(left.size), 1.0))
    artists.cells.set_array(prepared.cell_rank)
    artists.cells.set_linewidth(points(rim))
    mark = min(max(0.7 * thick, 3.5), 8.0)
    beyond = np.full(int(prepared.elite.sum()), folds - 0.5)
    shift = 0.9 * mark * folds / max(width - _MARGIN, 1.0)
    for line, x, y in (
        (artists.lost, prepared.lost[:, 0], prepared.lost[:, 1]),
        (artists.dropped, prepared.dropped[:, 0] - 0.5 + shift, prepared.dropped[:, 1]),
        (artists.elites, beyond + shift, prepared.row[prepared.elite]),
    ):
        line.set_data(x, y)
        line.set_markersize(points(mark))
    best = [] if prepared.best is None else [prepared.best]
    artists.best.set_data([folds - 0.5 + shift for _ in best], [row for row, _ in best])
    artists.labels.show(
        Label(
            folds - 0.5 + shift,
            row,
            f"best {score(value)}",
            artists.theme.accent,
            align="left",
            shift=(9, 0),
            bold=True,
        )
        for row, value in best
    )
    artists.notice.set_text("No fold has ended yet." if empty else "")
    axes.yaxis.set_visible(not empty)
    axes.xaxis.set_visible(not empty)


def _ticks(prepared: Prepared, thick: float) -> list[tuple[float, str]]:
    """Words at the rows, which are ``thick`` pixels high: the races', or some trials' numbers."""
    if not prepared.blocks:
        every = math.ceil(_LINE / thick)
        pairs = zip(prepared.row.tolist(), prepared.trial.tolist(), strict=True)
        return [(row, f"{number:,}") for row, number in list(pairs)[::every]]
    ticks: list[tuple[float, str]] = []
    free = -math.inf
    for low, high, name, more in prepared.blocks:
        middle, room = (low + high) / 2 * thick, (high - low + 1) * thick
        words = f"{name}\n{more}" if more and room >= _BLOCK else name
        half = _LINE * (1 + ("\n" in words)) / 2
        if middle - half >= free:
            ticks.append(((low + high) / 2, words))
            free = middle + half
    return ticks


PICTURE = Picture(
    id="race",
    title="Race",
    prepare=lambda search: prepare(search.snapshot),
    live=Live(_create, _update),
    pages=("method at work",),
    order=22,
)
