"""What mattered: each hyperparameter's share of the score's variation, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.text import Text

from engine.domain.understanding import Importance
from engine.plots import marks, shares
from engine.plots.marks import Labels
from engine.plots.style import Theme

MOST = 12
"""Bars at most; the others are summed up in a last one."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns, largest share first.

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
    """Columns of the picture; non-finite shares are left out. ``of`` says what they are of."""
    usable = [i for i in importances if np.isfinite([i.share, i.low, i.high]).all()]
    ranked = sorted(usable, key=lambda i: -i.share)
    shown, others = (
        (ranked, []) if len(ranked) <= most else (ranked[: most - 1], ranked[most - 1 :])
    )
    names = [marks.shorten(i.name, 24) for i in shown]
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


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    bars: PolyCollection
    intervals: LineCollection
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    intervals = shares.dress(axes, theme)
    return Artists(
        theme=theme,
        bars=marks.bars(axes, facecolors=theme.accent, zorder=2),
        intervals=intervals,
        labels=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    count = len(prepared.names)
    artists.bars.set_verts(shares.bars(np.arange(count, dtype=float), prepared.share))
    axes.set_xlabel(prepared.xlabel)
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
