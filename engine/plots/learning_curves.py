"""Learning curves: what trials score with ever larger fits, and whether small fits rank them as
large ones do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, MaxNLocator

from engine.domain.trials import Snapshot
from engine.plots import marks, scores
from engine.plots.colour import mix
from engine.plots.marks import Label, Labels
from engine.plots.ranges import HUGE, score_range
from engine.plots.rungs import by_fidelity, rung_folds
from engine.plots.style import LINE, Theme, points, score, style_axes

SHOWN = 12
"""Single curves: of the trials that came farthest, the best."""
LEAST = 5
"""Trials seen at two fidelities below which nothing is said of their ranks."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns; x counts fidelities from the lowest, 0.

    Attributes:
        level: shape (f,), fidelities with a score.
        median, low, high: shape (f,), of the scores there; the band holds the middle half.
        curves: at most `SHOWN` arrays of shape (j, 2), the best last.
        agreement: (place between two fidelities, rank correlation, trials) where it can be told.
        best: (x, score) where the best curve ends, or None.
        ticks: words for the fidelities.
        ylim: limits of the scores.
        worse_low: whether the worse end is at the bottom.
        xlabel, ylabel, summary: words.
    """

    level: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    curves: tuple[np.ndarray, ...]
    agreement: tuple[tuple[float, float, int], ...]
    best: tuple[float, float] | None
    ticks: tuple[str, ...]
    ylim: tuple[float, float]
    worse_low: bool
    xlabel: str
    ylabel: str
    summary: str


def prepare(snapshot: Snapshot, shown: int = SHOWN) -> Prepared:
    """Columns of the picture, from the folds of ``snapshot``."""
    trial, level, mean, levels = by_fidelity(snapshot)
    folds = max(rung_folds(snapshot), default=0)
    usable = np.abs(mean) < HUGE  # NaN is not
    trial, level, mean = trial[usable], level[usable], mean[usable]
    limits = score_range(mean, snapshot.maximise)
    bands = [
        (at, *np.percentile(mean[level == at], [25, 50, 75]))
        for at in range(levels.size)
        if (level == at).any()
    ]
    columns = np.array(bands, float).reshape(-1, 4)
    curves = _curves(trial, level, mean, snapshot.maximise, shown)
    agreement = _agreement(trial, level, mean, levels.size)
    end = tuple(curves[-1][-1].tolist()) if curves else None
    return Prepared(
        level=columns[:, 0],
        low=columns[:, 1],
        median=columns[:, 2],
        high=columns[:, 3],
        curves=curves,
        agreement=agreement,
        best=None if end is None else (end[0], end[1]),
        ticks=tuple(
            f"{round(f * folds)}" if folds else f"{f:.0%}" if f >= 0.01 else f"{f:.1%}"
            for f in levels.tolist()
        ),
        ylim=(limits.low, limits.high),
        worse_low=snapshot.maximise,
        xlabel="folds" if folds else "share of a full fit",
        ylabel=snapshot.measure_label,
        summary=_summary(levels.size, agreement),
    )


def _curves(
    trial: np.ndarray, level: np.ndarray, mean: np.ndarray, maximise: bool, shown: int
) -> tuple[np.ndarray, ...]:
    """Scores by fidelity of the trials that came farthest, the best last."""
    if not trial.size:
        return ()
    last = np.flatnonzero(np.append(trial[1:] != trial[:-1], True))
    sign = 1.0 if maximise else -1.0
    order = np.lexsort((sign * mean[last], level[last]))[-shown:]
    found = []
    for end in last[order].tolist():
        of = trial == trial[end]
        found.append(np.column_stack([level[of], mean[of]]).astype(float))
    return tuple(found)


def _agreement(
    trial: np.ndarray, level: np.ndarray, mean: np.ndarray, count: int
) -> tuple[tuple[float, float, int], ...]:
    """Spearman's rank correlation of the trials seen at a fidelity and the next one."""
    found = []
    for at in range(count - 1):
        lower = dict(zip(trial[level == at].tolist(), mean[level == at].tolist(), strict=True))
        upper = dict(
            zip(trial[level == at + 1].tolist(), mean[level == at + 1].tolist(), strict=True)
        )
        both = [(lower[t], upper[t]) for t in upper if t in lower]
        if len(both) >= LEAST:
            ranks = np.array([_ranks(np.array(column)) for column in zip(*both, strict=True)])
            if (np.ptp(ranks, axis=1) > 0).all():
                found.append((at + 0.5, float(np.corrcoef(ranks)[0, 1]), len(both)))
    return tuple(found)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, ties having their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[place]


def _summary(levels: int, agreement: tuple[tuple[float, float, int], ...]) -> str:
    if levels < 2:
        return "All fits are of one size, so there are no learning curves."
    words = f"Scores at {levels} sizes of fit"
    if not agreement:
        return f"{words}; too few trials at two sizes to compare their ranks."
    least = min(agreement, key=lambda a: a[1])
    return (
        f"{words}; ranks of the trials that went on agree by {least[1]:.2f} or more from one size "
        f"to the next (1: the same order, 0: none)."
    )


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    band: PolyCollection
    median: LineCollection
    curves: LineCollection
    best: LineCollection
    labels: Labels
    ranks: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    behind = marks.ground(axes, theme)
    lines = [
        LineCollection([], colors=colour, linewidths=points(width), zorder=order)
        for colour, width, order in (
            (theme.muted, LINE, 2),
            (mix(behind, theme.accent, 0.55), 1.0, 2.5),
            (theme.accent, LINE + 0.5, 3),
        )
    ]
    for collection in lines:
        collection.set_in_layout(False)
        axes.add_collection(collection, autolim=False)
    return Artists(
        theme=theme,
        band=marks.bars(axes, facecolors=mix(behind, theme.muted, 0.22), zorder=1.5),
        median=lines[0],
        curves=lines[1],
        best=lines[2],
        labels=Labels(axes, theme, halo=behind),
        ranks=Labels(axes, theme, transform=axes.get_xaxis_transform(), halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    count = len(prepared.ticks)
    axes.set_xlim(-0.3, max(count - 0.7, 0.7))
    axes.set_ylim(prepared.ylim)
    axes.xaxis.set_major_locator(FixedLocator(list(range(count))))
    axes.set_xticklabels(prepared.ticks)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    there = np.column_stack([prepared.level, prepared.low])
    back = np.column_stack([prepared.level, prepared.high])[::-1]
    enough = len(prepared.level) > 1
    artists.band.set_verts([np.concatenate([there, back])] if enough else [])
    middle = np.column_stack([prepared.level, prepared.median])
    artists.median.set_segments([middle] if enough else [])
    artists.curves.set_segments(list(prepared.curves[:-1]) if enough else [])
    artists.best.set_segments(list(prepared.curves[-1:]) if enough else [])
    theme = artists.theme
    best = []
    if prepared.best is not None and enough:
        words = f"best {score(prepared.best[1])}"
        best = [
            scores.best_label(
                prepared.best, words, theme, worse_low=prepared.worse_low, side="right"
            )
        ]
    artists.labels.show(best)
    artists.ranks.show(
        Label(
            x,
            0.99,
            f"ranks agree {rho:.2f}".replace("-", "−"),
            theme.caution if rho < 0.3 else theme.muted,
            vertical="top",
            size=theme.size - 2,
        )
        for x, rho, _ in (prepared.agreement if enough else ())
    )
    artists.notice.set_text("" if enough else prepared.summary)
    axes.yaxis.set_visible(enough)
    axes.xaxis.set_visible(enough)
