"""Importance: each hyperparameter's share of the score's variation, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.domain.understanding import Importance
from engine.plots import draw, shares
from engine.plots.picture import Picture, SearchSource, rows_high
from engine.plots.style import Theme

MOST = 12
"""Bars at most; the others are summed up in a last one."""


@dataclass(frozen=True)
class Prepared:
    """Bars of shares, the largest first.

    Attributes:
        names: k words, shortened where long.
        share: shape (k,), of 1.
        low, high: shape (k,), bounds of the interval; NaN for the bar of the others.
        limit: end of the axis, of 1.
        xlabel, summary: words.
    """

    names: tuple[str, ...]
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    limit: float
    xlabel: str
    summary: str


def prepare(
    importances: Sequence[Importance], most: int = MOST, of: str = "the score's variation"
) -> Prepared:
    """Rank shares, the largest first.

    Args:
        importances: those that are not finite are left out.
        most: bars at most; the last then sums up the others.
        of: what the shares are of, in words.
    """
    usable = [i for i in importances if np.isfinite([i.share, i.low, i.high]).all()]
    ranked = sorted(usable, key=lambda i: -i.share)
    shown, others = (
        (ranked, []) if len(ranked) <= most else (ranked[: most - 1], ranked[most - 1 :])
    )
    names = [draw.shorten(i.name, 24) for i in shown]
    columns = np.array([(i.share, i.low, i.high) for i in shown], dtype=float).reshape(-1, 3)
    if others:
        names.append(f"{len(others)} others")
        rest = [sum(i.share for i in others), np.nan, np.nan]
        columns = np.vstack([columns, rest])
    furthest = float(np.nanmax(columns, initial=0.1))
    words = [f"{i.name} {i.share:.0%}" for i in ranked[:3]]
    return Prepared(
        names=tuple(names),
        share=columns[:, 0],
        low=columns[:, 1],
        high=columns[:, 2],
        limit=shares.limit(furthest, 1.12),
        xlabel=f"share of {of}",
        summary=f"What mattered most: {', '.join(words)}." if words else "No importances yet.",
    )


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a bar for each share, with its interval."""
    row = np.arange(len(prepared.names), dtype=float)
    draw.bars(axes, shares.bars(row, prepared.share), facecolors=theme.accent, zorder=2)
    shares.paint_rows(axes, theme, prepared)
    axes.set_xlabel(prepared.xlabel)


def _of_search(search: SearchSource) -> Prepared | None:
    found = search.answer("importances")
    return prepare(found) if found else None


def _by_shuffling(search: SearchSource) -> Prepared:
    return prepare(search.reply.importances, of="what shuffling costs in prediction")


PICTURE = Picture(
    id="importance",
    title="What mattered",
    prepare=_of_search,
    paint=paint,
    pages=("cards", "report"),
    asks="Importances",
    inches=lambda prepared: rows_high(len(prepared.names)),
    order=50,
)
SHUFFLED = Picture(
    id="permutation",
    title="By shuffling",
    says="How much worse trials are predicted when the values of one hyperparameter are shuffled "
    "among them: what mattered where the search has looked.",
    prepare=_by_shuffling,
    paint=paint,
    pages=("understand",),
    asks="Permutation",
    doing="Shuffling the hyperparameters",
    order=101,
)
