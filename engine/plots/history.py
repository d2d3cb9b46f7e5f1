"""Optimisation history: every trial's score, and the best so far as a line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.analysis.incumbent import anytime
from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw, scores
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live, Picture
from engine.plots.places import Places
from engine.plots.ranges import count_limit, score_range
from engine.plots.scores import DefaultLine
from engine.plots.style import LINE, Theme, background, points, score, style_axes

MOST = 20_000
"""Dots shown at most."""

_COLUMNS = 1_000


@dataclass(frozen=True)
class Prepared:
    """Scores by trial, apart by the state of the trials.

    Attributes:
        done, pruned, running: shape (k, 2), trial number and score.
        lost: trial numbers of failed trials, which have no score.
        waiting: trial numbers of running trials without a score yet.
        cut: trial numbers whose scores lie beyond the axis, at its worse end.
        line: shape (j, 2), corners of the best-so-far step line.
        best, default: (trial number, score), or None.
        xlim, ylim: limits of the axes.
        worse_low: whether the worse end is at the bottom.
        xlabel, ylabel, summary: words.
    """

    done: np.ndarray
    pruned: np.ndarray
    running: np.ndarray
    lost: np.ndarray
    waiting: np.ndarray
    cut: np.ndarray
    line: np.ndarray
    best: tuple[int, float] | None
    default: float | None
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    worse_low: bool
    xlabel: str
    ylabel: str
    summary: str

    @property
    def places(self) -> Places:
        """Trials with a score that is shown."""
        shown = np.concatenate([self.done, self.pruned, self.running])
        return Places(shown[:, 0].astype(int), shown)


def prepare(snapshot: Snapshot, most: int = MOST) -> Prepared:
    """Compute the scores by trial, at most ``most`` of them, and the line of the best so far."""
    complete, pruned = snapshot.is_state(TrialState.COMPLETE), snapshot.is_state(TrialState.PRUNED)
    running, failed = snapshot.is_state(TrialState.RUNNING), snapshot.is_state(TrialState.FAILED)
    scored = ~failed & ~np.isnan(snapshot.value)
    limits = score_range(
        np.where(scored, snapshot.value, np.nan), snapshot.maximise, snapshot.default
    )
    shown = scored & limits.shown(snapshot.value)
    last = int(snapshot.number.max()) if snapshot.number.size else 0
    right = count_limit(last + 1, snapshot.planned)
    keep = _decimate(snapshot.number, snapshot.value, complete & shown, most)
    left_out = int((complete & shown).sum()) - keep.size
    total = snapshot.number.size
    return Prepared(
        done=_pairs(snapshot, keep),
        pruned=_pairs(snapshot, pruned & shown),
        running=_pairs(snapshot, running & shown),
        lost=snapshot.number[failed | (complete & ~scored)],
        waiting=snapshot.number[running & ~scored],
        cut=snapshot.number[scored & limits.is_cut(snapshot.value)],
        line=_step_line(snapshot),
        best=_best(snapshot),
        default=snapshot.default if math.isfinite(snapshot.default) else None,
        xlim=(-0.015 * right, 1.015 * right),
        ylim=(limits.low, limits.high),
        worse_low=snapshot.maximise,
        xlabel=f"trial ({total - left_out:,} of {total:,} shown)" if left_out else "trial",
        ylabel=snapshot.measure_label,
        summary=_summary(snapshot),
    )


def _pairs(snapshot: Snapshot, where: np.ndarray) -> np.ndarray:
    """Number and score of some trials, shape (k, 2); ``where`` is a mask or indices."""
    return np.column_stack([snapshot.number[where], snapshot.value[where]]).astype(float)


def _best(snapshot: Snapshot) -> tuple[int, float] | None:
    best = snapshot.best
    return None if best is None else (int(snapshot.number[best]), float(snapshot.value[best]))


def _step_line(snapshot: Snapshot) -> np.ndarray:
    """Corners of the best-so-far line, up to the last trial that is final, shape (j, 2)."""
    steps = anytime(snapshot)
    if not steps.number.size:
        return np.empty((0, 2))
    final = snapshot.number[~snapshot.is_state(TrialState.RUNNING)]
    return draw.step_corners(steps.number, steps.value, final.max())


def _decimate(number: np.ndarray, value: np.ndarray, mask: np.ndarray, most: int) -> np.ndarray:
    """Indices of at most ``most`` trials of ``mask`` that make the same cloud.

    Every column of the picture keeps its lowest and highest score; the rest is thinned evenly.
    """
    index = np.flatnonzero(mask)
    if index.size <= most:
        return index
    columns = max(min(_COLUMNS, most // 4), 1)
    column = (number[index] * columns // (number[index].max() + 1)).astype(int)
    by_height = index[np.lexsort((value[index], column))]
    starts = np.flatnonzero(np.diff(np.sort(column), prepend=-1))
    extremes = np.concatenate([by_height[starts], by_height[np.append(starts[1:], index.size) - 1]])
    thinned = index[np.linspace(0, index.size - 1, most - extremes.size).astype(int)]
    return np.union1d(extremes, thinned)


def _summary(snapshot: Snapshot) -> str:
    """The picture in a sentence or two."""
    counts = scores.tally(
        snapshot,
        (
            (TrialState.COMPLETE, "complete"),
            (TrialState.FAILED, "failed"),
            (TrialState.PRUNED, "pruned"),
            (TrialState.RUNNING, "undecided"),
        ),
    )
    tally = ", ".join(counts) if counts else "no trials yet"
    words = scores.best_words(snapshot)
    if words is None:
        return f"No score yet; {tally}."
    if math.isfinite(snapshot.default):
        words += f", default {score(snapshot.default)}"
    return f"{words}; {tally}."


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    done: Line2D
    pruned: Line2D
    running: Line2D
    lost: Line2D
    waiting: Line2D
    cut: Line2D
    line: Line2D
    default: DefaultLine
    best: Line2D
    labels: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 2.5, 5, 10]))
    behind = background(axes, theme)
    hollow = {"markerfacecolor": behind, "markeredgewidth": points(1.5), "zorder": 4}
    return Artists(
        theme=theme,
        done=draw.dots(axes, theme.muted, size=5.5, alpha=0.5, zorder=2),
        pruned=draw.dots(axes, theme.caution, marker="^", size=7, zorder=2.5),
        running=draw.dots(axes, theme.accent, size=6.5, **hollow),
        lost=scores.lost(axes, theme, size=7, width=LINE),
        waiting=draw.dots(axes, theme.accent, size=6.5, **(hollow | scores.at_edge(axes))),
        cut=scores.cut(axes, theme),
        line=draw.line(axes, theme.accent, 2.5, solid_joinstyle="miter", zorder=3),
        default=scores.DefaultLine(axes, theme),
        best=scores.best(axes, theme, clip_on=False),
        labels=Labels(axes, theme, halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show scores by trial and the line of the best so far."""
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    draw.set_places(
        (
            (artists.done, prepared.done),
            (artists.pruned, prepared.pruned),
            (artists.running, prepared.running),
            (artists.line, prepared.line),
        )
    )
    size, alpha = _dot(len(prepared.done))
    artists.done.set(markersize=points(size), alpha=alpha)
    artists.pruned.set_markersize(points(1.25 * size))
    edge = (
        (artists.lost, prepared.lost),
        (artists.waiting, prepared.waiting),
        (artists.cut, prepared.cut),
    )
    scores.show_edge(edge, worse_low=prepared.worse_low)
    artists.default.show(prepared.default, worse_low=prepared.worse_low)
    scores.put(artists.best, prepared.best)
    artists.labels.show(_best_label(prepared, artists.theme))
    empty = prepared.best is None and not len(prepared.pruned) and not len(prepared.running)
    artists.notice.set_text("No trial has a score yet." if empty else "")
    axes.yaxis.set_visible(not empty)


def _dot(count: int) -> tuple[float, float]:
    """Diameter in pixels and opacity of ``count`` dots: less of both the more there are."""
    return (5.5, 0.5) if count <= 500 else (4.5, 0.45) if count <= 2_000 else (3.0, 0.35)


def _best_label(prepared: Prepared, theme: Theme) -> list[Label]:
    """The best score's words: beyond the line, away from the nearer end of the axis."""
    if prepared.best is None:
        return []
    number, value = prepared.best
    words = f"best {score(value)}, trial {number:,}"
    side = scores.inner_side(number, prepared.xlim)
    return [scores.best_label(prepared.best, words, theme, worse_low=prepared.worse_low, side=side)]


PICTURE = Picture(
    id="history",
    title="The way there",
    prepare=lambda search: prepare(search.snapshot),
    live=Live(_create, _update),
    pages=("run", "results", "report"),
    short="Best so far",
    order=10,
)
