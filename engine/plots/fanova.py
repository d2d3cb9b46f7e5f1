"""Functional ANOVA over the whole space: shares of hyperparameters, of pairs, and of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.domain.understanding import Importance, PairImportance
from engine.plots import draw, shares
from engine.plots.colour import mix
from engine.plots.picture import Picture, SearchSource
from engine.plots.style import Theme, background, points

MOST = 12
"""Bars at most, besides that of the rest."""

_LEAST = 0.0005
"""Shares below it get no bar."""


@dataclass(frozen=True)
class Prepared:
    """Bars of shares, the largest first, the rest last.

    Attributes:
        names: k words.
        share, low, high: shape (k,), of 1; bounds NaN for the rest.
        kind: shape (k,), 1 for a hyperparameter, 2 for a pair, 3 for the rest.
        limit: end of the axis.
        summary: words.
    """

    names: tuple[str, ...]
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    kind: np.ndarray
    limit: float
    summary: str


def prepare(
    importances: Sequence[Importance],
    pairs: Sequence[PairImportance] = (),
    rest: float = 0.0,
    most: int = MOST,
) -> Prepared:
    """Rank shares of single hyperparameters and of pairs, the largest first.

    Args:
        importances, pairs: those that are not finite are left out.
        rest: share of three and more hyperparameters together, of 1.
        most: bars at most; what has no room is added to the rest.
    """
    single = [(draw.shorten(i.name, 22), i.share, i.low, i.high, 1) for i in importances]
    double = [(_pair(p), p.share, p.low, p.high, 2) for p in pairs]
    usable = [row for row in (*single, *double) if np.isfinite(row[1:4]).all()]
    ranked = sorted((row for row in usable if row[1] >= _LEAST), key=lambda row: -row[1])
    shown = ranked[:most]
    left = (rest if np.isfinite(rest) else 0.0) + sum(row[1] for row in ranked[most:])
    words = [f"{row[0]} {row[1]:.0%}" for row in shown[:3]]
    if shown and left >= _LEAST:
        shown = [*shown, ("all else", left, np.nan, np.nan, 3)]
    columns = np.array([row[1:] for row in shown], dtype=float).reshape(-1, 4)
    furthest = float(np.nanmax(columns[:, :3], initial=0.1))
    return Prepared(
        names=tuple(row[0] for row in shown),
        share=columns[:, 0],
        low=columns[:, 1],
        high=columns[:, 2],
        kind=columns[:, 3].astype(int),
        limit=shares.limit(furthest, 1.14),
        summary=f"What mattered most over the whole space: {', '.join(words)}."
        if words
        else "No importances yet.",
    )


def _pair(pair: PairImportance) -> str:
    return f"{draw.shorten(pair.one, 13)} × {draw.shorten(pair.other, 13)}"


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a bar for each share, coloured by kind: hyperparameter, pair, or the rest."""
    behind, row = background(axes, theme), np.arange(len(prepared.names), dtype=float)
    pale = {"edgecolors": theme.accent, "linewidths": points(1)}
    for kind, colour, style in (
        (1, theme.accent, {}),
        (2, mix(behind, theme.accent, 0.45), pale),
        (3, theme.border_strong, {}),
    ):
        of = prepared.kind == kind
        corners = shares.bars(row[of], prepared.share[of])
        draw.bars(axes, corners, facecolors=colour, zorder=2, **style)
    shares.paint_rows(axes, theme, prepared)
    axes.set_xlabel("share of the score's variation over the whole space")


def _of_search(search: SearchSource) -> Prepared:
    found = search.reply
    return prepare(found.importances, found.pairs, found.rest)


PICTURE = Picture(
    id="fanova",
    title="What mattered",
    says="How much of the score's variation over the whole search space each hyperparameter "
    "accounts for, alone and in pairs.",
    prepare=_of_search,
    paint=paint,
    pages=("understand",),
    asks="Fanova",
    doing="Fitting a forest to the scores",
    order=100,
)
