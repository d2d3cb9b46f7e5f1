"""Whom to trust after how long: each method's average rank over the budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.analysis.curves import Steps, aligned, grid, rank_over_time
from engine.domain.comparison import Comparison
from engine.plots import marks, series
from engine.plots.anytime import Over, curve, set_budget_axis, show_line
from engine.plots.marks import Labels
from engine.plots.series import Pool
from engine.plots.style import Theme, points, style_axes


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

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
    """Columns of the picture for ``case``, or over all cases.

    Only repetitions in which all contenders have ended count, or while there are none, those that
    all have begun.
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


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    lines: Pool[Line2D]
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    axes.set_xscale("linear")
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    return Artists(
        theme=theme,
        lines=Pool(
            lambda: marks.stroke(axes, theme.text, 2, zorder=3, markersize=points(7)),
            lambda made: made.set_data([], []),
        ),
        labels=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    known = prepared.at.size > 0
    room = series.margin(axes, prepared.names)
    set_budget_axis(axes, prepared.start, prepared.limit, log=prepared.log, room=room)
    axes.set_ylim(max(len(prepared.names), 2) + 0.4, 0.6)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    looks = series.looks(prepared.references, axes, artists.theme)
    lines = artists.lines.take(len(prepared.names) if known else 0)
    ends = []
    for place, line in enumerate(lines):
        line.set_data(*series.steps(prepared.at, prepared.ranks[place]))
        show_line(line, looks[place], place)
        end = float(prepared.at[-1]), float(prepared.ranks[place, -1])
        ends.append((*end, prepared.names[place], looks[place].ink))
    artists.labels.show(series.end_labels(axes, ends))
    artists.notice.set_text("" if known else "No repetition has a score of every method yet.")
    axes.yaxis.set_visible(known)
