"""Two measures at once: every trial, and the front of those that none beats on both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.plots import marks
from engine.plots.ranges import ScoreRange, score_range
from engine.plots.style import Theme, points, score, style_axes, styled

MOST = 10_000
"""Dots of beaten trials shown at most: the latest."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        dots: shape (k, 2), scores of trials that another beats.
        front: shape (f, 2), scores of those that none beats, by the first measure.
        steps: shape (j, 2), corners of the line round what the front beats.
        cut: trials with scores beyond an axis.
        xlim, ylim: limits of the axes.
        xlabel, ylabel, summary: words.
    """

    dots: np.ndarray
    front: np.ndarray
    steps: np.ndarray
    cut: int
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xlabel: str
    ylabel: str
    summary: str


def prepare(
    scores: np.ndarray, labels: tuple[str, str], maximise: tuple[bool, bool], most: int = MOST
) -> Prepared:
    """Columns of the picture.

    Args:
        scores: shape (n, 2), by trial; rows with a value that is not finite are left out.
        labels: of the two measures.
        maximise: whether larger is better, of each.
        most: dots of beaten trials shown at most.
    """
    usable = scores[np.isfinite(scores).all(axis=1)]
    sign = np.where(maximise, 1.0, -1.0)
    best = non_dominated(usable * sign)
    limits = [score_range(usable[:, i], maximise[i]) for i in (0, 1)]
    shown = limits[0].shown(usable[:, 0]) & limits[1].shown(usable[:, 1])
    front = usable[best & shown]
    front = front[np.lexsort((front[:, 1], front[:, 0]))]
    return Prepared(
        dots=usable[~best & shown][-most:],
        front=front,
        steps=_steps(np.unique(front * sign, axis=0), limits, sign),
        cut=int((~shown).sum()),
        xlim=(limits[0].low, limits[0].high),
        ylim=(limits[1].low, limits[1].high),
        xlabel=_label(labels[0], maximise[0]),
        ylabel=_label(labels[1], maximise[1]),
        summary=_summary(usable, best, labels, maximise),
    )


def non_dominated(scores: np.ndarray) -> np.ndarray:
    """Mask of the rows that no other row beats: as good in both, better in one; shape (n,).

    Args:
        scores: shape (n, 2), larger is better in both.
    """
    if not len(scores):
        return np.empty(0, bool)
    order = np.lexsort((-scores[:, 1], -scores[:, 0]))
    first, second = scores[order].T
    # From the best first score on: a row is beaten by one with a better first score and as good a
    # second, or with the same first score and a better second.
    starts = np.flatnonzero(np.diff(first, prepend=np.inf))
    group = np.cumsum(np.diff(first, prepend=np.inf) != 0) - 1
    top = second[starts]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(top)[:-1]])
    mask = np.empty(len(scores), bool)
    mask[order] = (second == top[group]) & (second > before[group])
    return mask


def _steps(front: np.ndarray, limits: list[ScoreRange], sign: np.ndarray) -> np.ndarray:
    """Corners of the line, from edge to edge; ``front`` is turned so that larger is better and
    rises in the first measure."""
    if not len(front):
        return np.empty((0, 2))
    worst = [min(sign[i] * limits[i].low, sign[i] * limits[i].high) for i in (0, 1)]
    x, y = front.T
    corners = np.empty((2 * len(front), 2))
    corners[::2] = np.column_stack([x, y])
    corners[1::2] = np.column_stack([x, np.append(y[1:], worst[1])])
    return np.concatenate([[(worst[0], y[0])], corners]) * sign


def _label(label: str, maximise: bool) -> str:
    return f"{label} ({'larger' if maximise else 'smaller'} is better)"


def _summary(
    usable: np.ndarray, best: np.ndarray, labels: tuple[str, str], maximise: tuple[bool, bool]
) -> str:
    count, total = int(best.sum()), len(usable)
    if not total:
        return "No trial has both scores yet."
    words = f"{count:,} of {total:,} trial{'s' * (total != 1)} {'is' if count == 1 else 'are'}"
    ends = [
        f"{labels[i]} {score(float(usable[:, i].max() if maximise[i] else usable[:, i].min()))}"
        for i in (0, 1)
    ]
    return f"{words} not beaten on both measures. Best {ends[0]}, best {ends[1]}."


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    dots: Line2D
    steps: Line2D
    front: Line2D
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    with styled(theme):
        if artists is None or artists.theme != theme:
            artists = _create(axes, theme)
        _update(axes, prepared, artists)
    return artists


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme, grid="both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    return Artists(
        theme=theme,
        dots=marks.dots(axes, theme.muted, size=5.5, alpha=0.5, zorder=2),
        steps=marks.stroke(axes, theme.accent, 1.6, solid_joinstyle="miter", zorder=2.5),
        front=marks.dots(axes, theme.accent, size=8, zorder=3),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    left_out = f"; {prepared.cut:,} far off" if prepared.cut else ""
    axes.set_xlabel(f"{prepared.xlabel}{left_out}")
    axes.set_ylabel(prepared.ylabel)
    for line, pairs in (
        (artists.dots, prepared.dots),
        (artists.steps, prepared.steps),
        (artists.front, prepared.front),
    ):
        line.set_data(pairs[:, 0], pairs[:, 1])
    artists.dots.set_markersize(points(5.5 if len(prepared.dots) <= 500 else 3.5))
    empty = not len(prepared.front)
    artists.notice.set_text("No trial has both scores yet." if empty else "")
    axes.yaxis.set_visible(not empty)
    axes.xaxis.set_visible(not empty)
