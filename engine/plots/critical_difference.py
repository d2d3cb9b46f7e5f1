"""Critical difference diagram: average ranks over data sets, and groups that can't be told apart.

Source: Demsar 2006."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from engine.domain.comparison import Ranking
from engine.plots import draw, series
from engine.plots.draw import Label
from engine.plots.panels import size
from engine.plots.picture import ComparisonSource, Picture, rows_high
from engine.plots.style import Theme, background, style_axes

_TOP, _ROW, _BAR = 30.0, 22.0, 9.0
"""Pixels from the axis to the first name, between names, and between bars of groups."""
_LINE = 46
"""Letters in a line of the notice."""


@dataclass(frozen=True)
class Prepared:
    """The diagram.

    Attributes:
        names: of the k contenders, the best first.
        ranks: shape (k,), their average ranks.
        groups: first and last place of those that can't be told apart.
        critical: the critical difference; None without a verdict, or of two contenders.
        why_not: why there is no diagram, or nothing.
        xlabel, summary: words.
    """

    names: tuple[str, ...]
    ranks: np.ndarray
    groups: tuple[tuple[int, int], ...]
    critical: float | None
    why_not: str
    xlabel: str
    summary: str


def prepare(ranking: Ranking | None, labels: Mapping[str, str] | None = None) -> Prepared:
    """Compute the diagram: names by average rank, and groups that can't be told apart.

    Args:
        ranking: average ranks with their test; None before there is one.
        labels: contenders' labels by name; None: their names.

    Returns:
        Values for the diagram, or the reason why there is none.
    """
    if ranking is None:
        why_not = "No data set has a score of every method yet."
        return Prepared((), np.empty(0), (), None, why_not, "", why_not)
    said = [(labels or {}).get(name, name) for name in ranking.contenders]
    order = ", ".join(f"{n} {r:.2f}" for n, r in zip(said, ranking.ranks, strict=True))
    summary = f"Average ranks over {ranking.data_sets:,} data sets: {order}."
    if ranking.why_not:
        return Prepared((), np.empty(0), (), None, ranking.why_not, "", ranking.why_not)
    together = [f"{said[g[0]]} to {said[g[-1]]}" for g in ranking.groups]
    if together:
        summary += f" Not told apart: {'; '.join(together)}."
    return Prepared(
        names=series.names(said),
        ranks=np.array(ranking.ranks),
        groups=tuple((g[0], g[-1]) for g in ranking.groups),
        critical=ranking.critical,
        why_not="",
        xlabel=f"average rank over {ranking.data_sets:,} data sets (1 is best)",
        summary=summary,
    )


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the axis of ranks, a leader for each name, and bars that join equal contenders."""
    style_axes(axes, theme, grid="none")
    for side, shown in (("left", False), ("bottom", False), ("top", True)):
        axes.spines[side].set_visible(shown)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.yaxis.set_visible(False)
    k = len(prepared.names)
    wide, tall = size(axes)
    letters = max(map(len, prepared.names), default=0)
    # Names stand at both sides of the scale, and y counts pixels down from it.
    room = min((7.0 * letters + 52) / wide, 0.4)
    span = max(k - 1, 1)
    axes.set_xlim(1 - room * span / (1 - 2 * room), 1 + span + room * span / (1 - 2 * room))
    axes.set_ylim(tall, 0)
    axes.xaxis.set_major_locator(FixedLocator(list(range(1, k + 1))))
    axes.spines["top"].set_bounds(1, 1 + span)
    axes.set_xlabel(prepared.xlabel)
    levels = _levels(prepared.groups)
    first = _TOP + _BAR * (max(levels, default=-1) + 1)
    row = min(_ROW, max((tall - first - _TOP) / max((k + 1) // 2, 1), 11.0))
    leaders, labels = _leaders(prepared, theme, first, row, span)
    bars = [
        [(prepared.ranks[a] - 0.02 * span, y), (prepared.ranks[b] + 0.02 * span, y)]
        for (a, b), y in zip(prepared.groups, (16 + _BAR * level for level in levels), strict=True)
    ]
    below = first + row * ((k + 1) // 2) + 8
    bracket, words = _bracket(prepared, theme, min(below, tall - 10))
    draw.segments(axes, 1.2, leaders, colors=theme.muted, capstyle="round", zorder=2)
    draw.segments(axes, 5, bars, colors=theme.accent, capstyle="round", zorder=3)
    draw.segments(axes, 1.8, bracket, colors=theme.text, capstyle="round", zorder=3)
    draw.labels(axes, theme, [*labels, *words], halo=background(axes, theme))
    draw.message(axes, theme, textwrap.fill(prepared.why_not, _LINE))
    axes.xaxis.set_visible(k > 0)
    axes.spines["top"].set_visible(k > 0)


def _levels(groups: tuple[tuple[int, int], ...]) -> list[int]:
    """Heights of the bars: as few as keep those that overlap apart."""
    levels: list[int] = []
    for place, (a, b) in enumerate(groups):
        used = {levels[i] for i, (c, d) in enumerate(groups[:place]) if c <= b and a <= d}
        levels.append(next(level for level in range(place + 1) if level not in used))
    return levels


def _leaders(
    prepared: Prepared, theme: Theme, first: float, row: float, span: int
) -> tuple[list[list[tuple[float, float]]], list[Label]]:
    """Lines from the scale to the names: the better half to the left, the others to the right."""
    k = len(prepared.names)
    half = (k + 1) // 2
    leaders, labels = [], []
    for place, (name, rank) in enumerate(zip(prepared.names, prepared.ranks.tolist(), strict=True)):
        left = place < half
        down = first + row * (place if left else k - 1 - place)
        edge = 1 - 0.02 * span if left else 1 + span + 0.02 * span
        leaders.append([(rank, 0), (rank, down), (edge, down)])
        words = f"{name}  {rank:.2f}" if left else f"{rank:.2f}  {name}"
        side = "right" if left else "left"
        shift = (-5 if left else 5, 0)
        labels.append(Label(edge, down, words, theme.text, align=side, shift=shift))
    return leaders, labels


def _bracket(
    prepared: Prepared, theme: Theme, y: float
) -> tuple[list[list[tuple[float, float]]], list[Label]]:
    """The length of the critical difference, below the names."""
    if prepared.critical is None:
        return [], []
    end = 1 + prepared.critical
    line = [[(1, y), (end, y)], [(1, y - 5), (1, y + 5)], [(end, y - 5), (end, y + 5)]]
    words = f"critical difference {prepared.critical:.2f}"
    return line, [Label(end, y, words, theme.muted, align="left", shift=(8, 0))]


def _of_comparison(source: ComparisonSource) -> Prepared:
    labels = {one.name: one.label for one in source.comparison.contenders}
    return prepare(source.findings.ranking, labels)


def _has_data_sets(source: ComparisonSource) -> bool:
    """Whether there are several data sets to rank over."""
    return len({case.data for case in source.comparison.cases}) > 1


PICTURE = Picture(
    id="critical_difference",
    title="Critical difference",
    short="Over data sets",
    prepare=_of_comparison,
    paint=paint,
    pages=("compare", "comparison report, once"),
    applies=_has_data_sets,
    inches=lambda prepared: rows_high(len(prepared.names)),
    order=207,
)
