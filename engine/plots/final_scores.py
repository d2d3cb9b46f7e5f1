"""How good each method ended, and how reliably: the final score of every single search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.comparison import Comparison, Judge
from engine.plots import marks, series
from engine.plots.marks import Label, Labels
from engine.plots.ranges import ScoreRange, score_range
from engine.plots.series import Pool
from engine.plots.style import Theme, score

_BOX = 0.34
"""Height of the box of the middle half."""
_SPREAD = 0.5
"""Height over which the dots of a method are spread."""
_BOX_LEAST = 4
"""Searches below which there is no box: the dots say all."""
_SLOTS = 4


@dataclass(frozen=True)
class Row:
    """A contender's scores.

    Attributes:
        score, shift: shape (r,), those on the axis, and how far off the row's middle they stand.
        cut: searches with a score beyond the axis.
        quartiles: first, median, third; NaN without scores.
    """

    score: np.ndarray
    shift: np.ndarray
    cut: int
    quartiles: tuple[float, float, float]


@dataclass(frozen=True)
class Prepared:
    """The picture as columns: a row for each contender, in their order.

    Attributes:
        names: of the k contenders, and which are references.
        rows: their scores.
        xlim: limits of the axis.
        worse_left: whether the worse end is at the left.
        xlabel, summary: words.
    """

    names: tuple[str, ...]
    references: tuple[bool, ...]
    rows: tuple[Row, ...]
    xlim: tuple[float, float]
    worse_left: bool
    xlabel: str
    summary: str


def prepare(comparison: Comparison, case: str, judge: Judge | None = None) -> Prepared:
    """Columns of the picture for ``case``; ``judge`` None means the comparison's own."""
    which = judge or comparison.judge
    place = next((i for i, one in enumerate(comparison.cases) if one.name == case), None)
    empty = np.full((len(comparison.contenders), 0), np.nan)
    scores = empty if place is None else comparison.scores(which)[place]
    limits = score_range(scores.ravel(), comparison.maximise)
    measure = series.measure(comparison.measure_label)
    rows = "outer test rows" if which == "test" else "the validation rows, of the best trial"
    better = "larger" if comparison.maximise else "smaller"
    return Prepared(
        names=series.names([c.short for c in comparison.contenders]),
        references=tuple(c.reference for c in comparison.contenders),
        rows=tuple(_row(of, limits) for of in scores),
        xlim=(limits.low, limits.high),
        worse_left=comparison.maximise,
        xlabel=f"{measure} on {rows} ({better} is better)",
        summary=_summary(comparison, measure, scores),
    )


def _row(scores: np.ndarray, limits: ScoreRange) -> Row:
    known = scores[np.isfinite(scores)]
    shown = limits.shown(scores)
    # The golden ratio spreads a method's searches evenly, and a repetition alike for all methods.
    shift = (np.arange(scores.size) * 0.6180339887498949 % 1 - 0.5) * _SPREAD
    quartiles = np.percentile(known, [25, 50, 75]) if known.size else np.full(3, np.nan)
    first, median, third = quartiles.tolist()
    cut = int((~np.isnan(scores) & ~shown).sum())
    return Row(scores[shown], shift[shown], cut, (first, median, third))


def _summary(comparison: Comparison, measure: str, scores: np.ndarray) -> str:
    medians = {
        c.short: float(np.median(row[np.isfinite(row)]))
        for c, row in zip(comparison.contenders, scores, strict=True)
        if np.isfinite(row).any()
    }
    if not medians:
        return "No search has ended yet."
    sign = -1 if comparison.maximise else 1
    ranked = sorted(medians, key=lambda name: sign * medians[name])
    return f"Median {measure}: {', '.join(f'{n} {score(medians[n])}' for n in ranked)}."


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    boxes: PolyCollection
    medians: LineCollection
    dots: Pool[Line2D]
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    marks.rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    rim = marks.ground(axes, theme)
    return Artists(
        theme=theme,
        boxes=marks.bars(axes, zorder=2, alpha=0.22),
        medians=marks.segments(axes, 3, zorder=4, capstyle="butt"),
        dots=Pool(
            lambda: marks.dots(
                axes, theme.text, size=6.5, zorder=3, markeredgewidth=0.7, markeredgecolor=rim
            ),
            lambda made: made.set_data([], []),
        ),
        labels=Labels(axes, theme, halo=rim),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    k = len(prepared.names)
    any_ = any(row.score.size for row in prepared.rows)
    looks = series.looks(prepared.references, axes, artists.theme)
    axes.set_xlim(prepared.xlim)
    axes.set_xlabel(prepared.xlabel)
    marks.name_rows(axes, prepared.names, room=max(k, _SLOTS), below=0.45)
    for line, row, look, place in zip(
        artists.dots.take(k), prepared.rows, looks, range(k), strict=True
    ):
        line.set_data(row.score, place + row.shift)
        line.set(color=look.colour, marker=look.marker, markerfacecolor=look.colour)
    _show_boxes(prepared, looks, artists)
    artists.labels.show(_cut_labels(prepared, artists.theme))
    artists.notice.set_text("" if any_ else "No search has ended yet.")
    axes.yaxis.set_visible(any_)
    axes.xaxis.set_visible(any_)


def _show_boxes(prepared: Prepared, looks: Sequence[series.Look], artists: Artists) -> None:
    """The middle half of each method's scores, and the median as a line across."""
    boxed = [i for i, row in enumerate(prepared.rows) if row.score.size >= _BOX_LEAST]
    place = np.array(boxed, dtype=float)
    low, _, high = np.array([prepared.rows[i].quartiles for i in boxed]).reshape(-1, 3).T
    artists.boxes.set_verts(marks.rectangles(low, place - _BOX, high - low, 2 * _BOX))
    artists.boxes.set_facecolor([looks[i].colour for i in boxed])
    crossed = [i for i, row in enumerate(prepared.rows) if row.score.size]
    artists.medians.set_segments(
        [
            [(prepared.rows[i].quartiles[1], i - _BOX), (prepared.rows[i].quartiles[1], i + _BOX)]
            for i in crossed
        ]
    )
    artists.medians.set_color([looks[i].colour for i in crossed])


def _cut_labels(prepared: Prepared, theme: Theme) -> list[Label]:
    """How many searches lie beyond the worse end."""
    end = prepared.xlim[0] if prepared.worse_left else prepared.xlim[1]
    return [
        Label(
            end,
            place,
            f"{'← ' * prepared.worse_left}{row.cut:,} far off{' →' * (not prepared.worse_left)}",
            theme.muted,
            align="left" if prepared.worse_left else "right",
            shift=(4 if prepared.worse_left else -4, 0),
        )
        for place, row in enumerate(prepared.rows)
        if row.cut
    ]
