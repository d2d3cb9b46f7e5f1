"""What mattered over the whole space: shares of single hyperparameters, of pairs, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.text import Text

from engine.domain.understanding import Importance, PairImportance
from engine.plots import marks, shares
from engine.plots.colour import mix
from engine.plots.marks import Labels
from engine.plots.style import Theme, points

MOST = 12
"""Bars at most, besides that of the rest."""

_LEAST = 0.0005
"""Shares below it get no bar."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns, largest share first, the rest last.

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
    """Columns of the picture; what is not finite is left out, and what has no room goes to the
    rest."""
    single = [(marks.shorten(i.name, 22), i.share, i.low, i.high, 1) for i in importances]
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
    return f"{marks.shorten(pair.one, 13)} × {marks.shorten(pair.other, 13)}"


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    bars: tuple[PolyCollection, PolyCollection, PolyCollection]
    """Of single hyperparameters, pairs, the rest."""
    intervals: LineCollection
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    intervals = shares.dress(axes, theme)
    axes.set_xlabel("share of the score's variation over the whole space")
    behind = marks.ground(axes, theme)
    return Artists(
        theme=theme,
        bars=(
            marks.bars(axes, facecolors=theme.accent, zorder=2),
            marks.bars(
                axes,
                facecolors=mix(behind, theme.accent, 0.45),
                edgecolors=theme.accent,
                linewidths=points(1),
                zorder=2,
            ),
            marks.bars(axes, facecolors=theme.border_strong, zorder=2),
        ),
        intervals=intervals,
        labels=Labels(axes, theme, halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    count = len(prepared.names)
    row = np.arange(count, dtype=float)
    for kind, bars in enumerate(artists.bars, start=1):
        of = prepared.kind == kind
        bars.set_verts(shares.bars(row[of], prepared.share[of]))
    axes.set_xlim(0, prepared.limit)
    shares.show(
        axes,
        prepared.names,
        prepared.share,
        prepared.low,
        prepared.high,
        intervals=artists.intervals,
        labels=artists.labels,
        colour=artists.theme.muted,
    )
    artists.notice.set_text("" if count else "Too few trials to tell what mattered.")
    axes.xaxis.set_visible(bool(count))
