"""Wins, ties and losses of every pair of methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from engine.analysis.ranks import win_tie_loss
from engine.domain.comparison import Comparison
from engine.plots import draw, series
from engine.plots.colour import mix, readable
from engine.plots.confusion import INKS
from engine.plots.draw import Label
from engine.plots.panels import size
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, points, style_axes

_SHARE = (0.85, 0.35)
"""How much colour a row gets that always wins, and one that always loses."""
_NARROW = 64.0
"""Pixels of a column below which it has a number for a name, and its cells the wins alone."""


@dataclass(frozen=True)
class Prepared:
    """Counts of every pair of contenders, row against column.

    Attributes:
        names: of the k contenders.
        wins, ties: shape (k, k), how often the row was better, or as good.
        note: what the counts are of, in words.
        summary: words.
    """

    names: tuple[str, ...]
    wins: np.ndarray
    ties: np.ndarray
    note: str
    summary: str


def prepare(comparison: Comparison, case: str | None = None, margin: float = 0.0) -> Prepared:
    """Count wins and ties of every pair of methods, over the repetitions.

    Args:
        comparison: its ended repetitions count.
        case: name of the table and model; None for all of them.
        margin: scores no further apart than this, in the measure's units, are a tie.
    """
    chosen = [i for i, one in enumerate(comparison.cases) if case in (None, one.name)]
    k = len(comparison.contenders)
    # Every repetition on every case is a row.
    scores = np.moveaxis(comparison.scores()[chosen], 1, 2).reshape(-1, k)
    wins, ties = win_tie_loss(scores, comparison.maximise, margin)
    labels = [c.short for c in comparison.contenders]
    tie = f", a tie within {margin:g}" if margin else ""
    return Prepared(
        names=series.names(labels),
        wins=wins,
        ties=ties,
        note=f"of the row, by repetition{tie}",
        summary=_summary(labels, wins, ties),
    )


def _summary(labels: list[str], wins: np.ndarray, ties: np.ndarray) -> str:
    if not (wins.any() or ties.any()):
        return "No two methods have ended the same repetition yet."
    if not wins.any():
        return "No method was ever better than another."
    total = wins.sum(axis=1)
    best = int(total.argmax())
    others = int(total[best] + ties[best].sum() + wins[:, best].sum())
    return f"{labels[best]} wins most often: {total[best]:,} of {others:,} times against another."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a matrix of contenders: counts of row against column, shaded by who leads."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    k = len(prepared.names)
    known = bool(prepared.wins.any() or prepared.ties.any())
    behind = background(axes, theme)
    shades = _shades(prepared, theme, behind)
    row, column = np.divmod(np.arange(k * k if known else 0), max(k, 1))
    cells = draw.rectangles(column - 0.5, row - 0.5, np.ones(row.size), 1.0)
    colours = [colour for line in shades for colour in line] if known else []
    rim = {"edgecolors": behind, "linewidths": points(2)}
    draw.bars(axes, cells, facecolors=colours, zorder=2, **rim)
    axes.set_xlim(-0.5, max(k, 1) - 0.5)
    axes.set_ylim(max(k, 1) - 0.5, -0.5)
    wide = size(axes)[0] / max(k, 1)
    rows, columns = _heads(prepared.names, wide)
    for axis, words in ((axes.xaxis, columns), (axes.yaxis, rows)):
        axis.set_major_locator(FixedLocator(list(range(k))))
        axis.set_ticklabels(words)
    what = "wins · ties · losses" if wide >= _NARROW else "wins"
    axes.set_xlabel(f"{what} {prepared.note}")
    draw.labels(axes, theme, _cells(prepared, shades, wide) if known else [])
    draw.message(axes, theme, "" if known else prepared.summary)
    axes.xaxis.set_visible(known)
    axes.yaxis.set_visible(known)


def _heads(names: Sequence[str], wide: float) -> tuple[list[str], list[str]]:
    """Words of rows and columns; numbers for columns that are too narrow for words."""
    if wide >= _NARROW:
        return list(names), [draw.shorten(name, int(wide / 7.6)) for name in names]
    numbers = [str(i + 1) for i in range(len(names))]
    return [f"{name}  {i}" for name, i in zip(names, numbers, strict=True)], numbers


def _shades(prepared: Prepared, theme: Theme, behind: str) -> list[list[str]]:
    """The accent where the row wins, grey where it loses, none where neither."""
    ahead = prepared.wins - prepared.wins.T
    games = prepared.wins + prepared.wins.T + prepared.ties
    share = ahead / np.maximum(games, 1)
    return [
        [mix(behind, theme.accent if s >= 0 else theme.muted, _SHARE[s < 0] * abs(s)) for s in row]
        for row in share.tolist()
    ]


def _cells(prepared: Prepared, shades: list[list[str]], wide: float) -> list[Label]:
    cells = []
    for i in range(len(prepared.names)):
        for j in range(len(prepared.names)):
            win, tie, loss = prepared.wins[i, j], prepared.ties[i, j], prepared.wins[j, i]
            if i == j or not win + tie + loss:
                continue
            words = f"{win:,} · {tie:,} · {loss:,}" if wide >= _NARROW else f"{win:,}"
            ink = readable(shades[i][j], *INKS)
            cells.append(Label(j, i, words, ink, bold=bool(win > loss), size=12))
    return cells


PICTURE = Picture(
    id="wins",
    title="Wins, ties and losses",
    short="Wins",
    prepare=lambda source: prepare(source.comparison, source.case or None),
    paint=paint,
    pages=("compare", "comparison report, once"),
    inches=lambda prepared: max(0.7 * len(prepared.names), 2.4),
    order=205,
)
