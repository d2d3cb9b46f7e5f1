"""Final scores of all searches by method, with their quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.comparison import Comparison, Judge
from engine.plots import draw, series
from engine.plots.draw import Label
from engine.plots.picture import Picture, rows_high
from engine.plots.ranges import ScoreRange, score_range
from engine.plots.style import Theme, background, score, style_rows

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
    """A row of scores for each contender, in their order.

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
    """Compute each method's final scores on ``case``, with their quartiles.

    Args:
        comparison: its ended searches are shown.
        case: name of the table and model.
        judge: rows that the scores are of; None for the comparison's own.
    """
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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a row for each contender: its scores as marks over a box of their quartiles."""
    style_rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    known = any(row.score.size for row in prepared.rows)
    looks, rim = series.looks(prepared.references, axes, theme), background(axes, theme)
    axes.set_xlim(prepared.xlim)
    axes.set_xlabel(prepared.xlabel)
    names = prepared.names
    draw.name_rows(axes, names, room=max(len(names), _SLOTS), below=0.45)
    _draw_boxes(axes, prepared, looks)
    style = {"size": 6.5, "zorder": 3, "markeredgewidth": 0.7, "markeredgecolor": rim}
    for place, (row, look) in enumerate(zip(prepared.rows, looks, strict=True)):
        y = place + row.shift
        draw.dots(axes, look.colour, row.score, y, marker=look.marker, **style)
    draw.labels(axes, theme, _cut_labels(prepared, theme), halo=rim)
    draw.message(axes, theme, "" if known else "No search has ended yet.")
    axes.yaxis.set_visible(known)
    axes.xaxis.set_visible(known)


def _draw_boxes(axes: Axes, prepared: Prepared, looks: Sequence[series.Look]) -> None:
    """The middle half of each method's scores, and the median as a line across."""
    boxed = [i for i, row in enumerate(prepared.rows) if row.score.size >= _BOX_LEAST]
    place = np.array(boxed, dtype=float)
    low, _, high = np.array([prepared.rows[i].quartiles for i in boxed]).reshape(-1, 3).T
    boxes = draw.rectangles(low, place - _BOX, high - low, 2 * _BOX)
    colours = [looks[i].colour for i in boxed]
    draw.bars(axes, boxes, facecolors=colours, alpha=0.22, zorder=2)
    crossed = [i for i, row in enumerate(prepared.rows) if row.score.size]
    medians = [
        [(prepared.rows[i].quartiles[1], i - _BOX), (prepared.rows[i].quartiles[1], i + _BOX)]
        for i in crossed
    ]
    colours = [looks[i].colour for i in crossed]
    draw.segments(axes, 3, medians, colors=colours, capstyle="butt", zorder=4)


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


PICTURE = Picture(
    id="final_scores",
    title="Final scores",
    prepare=lambda source: prepare(source.comparison, source.case),
    paint=paint,
    pages=("compare", "nested", "comparison report"),
    inches=lambda prepared: max(rows_high(len(prepared.names)), 2.4),
    order=202,
)
