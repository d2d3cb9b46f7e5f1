"""Average rank of each method over the budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.analysis.curves import Steps, aligned, grid, rank_over_time
from engine.domain.comparison import Comparison
from engine.plots import draw, series
from engine.plots.anytime import Over, curve, draw_line, set_budget_axis
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, style_axes


@dataclass(frozen=True)
class Prepared:
    """Each contender's average rank over the budget.

    Attributes:
        names: of the k contenders, and which are references.
        at: shape (g,), places on the axis of the budget.
        ranks: shape (k, g), average ranks from 1, the best.
        limit: end of the budget.
        start: beginning of the axis.
        log: whether it is logarithmic.
        xlabel, ylabel, summary: words.
    """

    names: tuple[str, ...]
    references: tuple[bool, ...]
    at: np.ndarray
    ranks: np.ndarray
    limit: float
    start: float
    log: bool
    xlabel: str
    ylabel: str
    summary: str


def prepare(
    comparison: Comparison,
    case: str | None = None,
    over: Over = "evaluations",
    *,
    log: bool = False,
) -> Prepared:
    """Compute each method's average rank over the budget, on ``case`` or over all cases.

    Only repetitions in which all contenders have ended count, or while there are none, those that
    all have begun.

    Args:
        comparison: searches of several methods.
        case: name of the table and model; None: all.
        over: unit of the budget: evaluations or seconds.
        log: whether the budget's axis is logarithmic.

    Returns:
        Ranks from 1, the best, at places of the budget.
    """
    rows = _rows(comparison, case, over)
    at = grid([steps for row in rows for steps in row])
    at = at[at > 0]
    k = len(comparison.contenders)
    scores = np.array([aligned(row, at) for row in rows]).reshape(len(rows), k, at.size)
    ranked = rank_over_time(scores, comparison.maximise)
    known = np.isfinite(ranked).all(axis=0)
    at, ranked = at[known], ranked[:, known]
    limit = float(at[-1]) if at.size else 1.0
    if over == "evaluations":
        limit = max(limit, float(comparison.budget.evaluations or 0))
    if at.size and at[-1] < limit and all(math.isinf(s.until) for row in rows for s in row):
        at, ranked = np.append(at, limit), np.column_stack([ranked, ranked[:, -1]])
    labels = [c.short for c in comparison.contenders]
    searches = f"{len(rows):,} repetition{'s' * (len(rows) != 1)}"
    return Prepared(
        names=series.names(labels),
        references=tuple(c.reference for c in comparison.contenders),
        at=at,
        ranks=ranked,
        limit=limit,
        start=float(at[0]) if at.size and log else 0.0,
        log=log and at.size > 0,
        xlabel="full evaluations" if over == "evaluations" else "time in the search, seconds",
        ylabel=f"average rank over {searches}",
        summary=_summary(labels, ranked, searches),
    )


def _rows(comparison: Comparison, case: str | None, over: Over) -> list[list[Steps]]:
    """The curves of all contenders, for each repetition on each case that all have begun."""
    by_key = {(m.case, m.contender, m.repetition): m for m in comparison.members}
    begun: list[tuple[bool, list[Steps]]] = []
    for one in comparison.cases:
        if case is not None and one.name != case:
            continue
        for repetition in range(comparison.repetitions):
            row = [by_key.get((one.name, c.name, repetition)) for c in comparison.contenders]
            members = [m for m in row if m is not None]
            found = [curve(m, over) for m in members]
            if len(members) == len(row) and all(steps.at.size for steps in found):
                begun.append((all(m.state == "finished" for m in members), found))
    ended = [row for all_ended, row in begun if all_ended]
    return ended or [row for _, row in begun]


def _summary(labels: Sequence[str], ranked: np.ndarray, searches: str) -> str:
    if not ranked.shape[1]:
        return "No repetition has a score of every method yet."
    order = np.argsort(ranked[:, -1], kind="stable")
    said = ", ".join(f"{labels[i]} {ranked[i, -1]:.2f}" for i in order.tolist())
    return f"Average rank over {searches}, last: {said}."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw each contender's average rank over the budget as a step line, rank 1 at the top."""
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    known = prepared.at.size > 0
    room = series.margin(axes, prepared.names)
    set_budget_axis(axes, prepared.start, prepared.limit, log=prepared.log, room=room)
    axes.set_ylim(max(len(prepared.names), 2) + 0.4, 0.6)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    looks = series.looks(prepared.references, axes, theme)
    ends = []
    for place, name in enumerate(prepared.names if known else ()):
        x, y = series.steps(prepared.at, prepared.ranks[place])
        draw_line(axes, theme, x, y, looks[place], place)
        ends.append((float(x[-1]), float(y[-1]), name, looks[place].ink))
    draw.labels(axes, theme, series.end_labels(axes, ends), halo=background(axes, theme))
    words = "No repetition has a score of every method yet."
    draw.message(axes, theme, "" if known else words)
    axes.yaxis.set_visible(known)


PICTURE = Picture(
    id="rank_over_time",
    title="Rank over time",
    short="Ranks",
    prepare=lambda source: prepare(source.comparison, source.case or None, source.over),
    paint=paint,
    pages=("compare", "comparison report, once"),
    order=206,
)
