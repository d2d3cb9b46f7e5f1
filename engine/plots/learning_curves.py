"""Learning curves: scores of trials by size of fit, and rank correlation between sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from engine.domain.trials import Snapshot
from engine.plots import draw, scores
from engine.plots.colour import mix
from engine.plots.draw import Label
from engine.plots.picture import Picture
from engine.plots.ranges import HUGE, score_range
from engine.plots.rungs import by_fidelity, rung_folds
from engine.plots.style import LINE, Theme, background, score, style_axes

SHOWN = 12
"""Single curves: of the trials that came farthest, the best."""
LEAST = 5
"""Trials seen at two fidelities below which nothing is said of their ranks."""


@dataclass(frozen=True)
class Prepared:
    """Scores by size of fit; x counts fidelities from the lowest, 0.

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
    """Compute scores by fidelity from the folds of ``snapshot``, and how ranks agree between them.

    Args:
        snapshot: of a search whose trials have folds at several fidelities.
        shown: single curves at most.
    """
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


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the median and middle half of scores by fidelity, single curves, and rank agreement."""
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    count = len(prepared.ticks)
    axes.set_xlim(-0.3, max(count - 0.7, 0.7))
    axes.set_ylim(prepared.ylim)
    axes.xaxis.set_major_locator(FixedLocator(list(range(count))))
    axes.set_xticklabels(prepared.ticks)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    known = len(prepared.level) > 1
    if known:
        _draw_curves(axes, prepared, theme)
    draw.message(axes, theme, "" if known else prepared.summary)
    axes.yaxis.set_visible(known)
    axes.xaxis.set_visible(known)


def _draw_curves(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    behind, level = background(axes, theme), prepared.level
    there, back = np.column_stack([level, prepared.low]), np.column_stack([level, prepared.high])
    band, pale = np.concatenate([there, back[::-1]]), mix(behind, theme.muted, 0.22)
    draw.bars(axes, [band], facecolors=pale, zorder=1.5)
    middle = np.column_stack([level, prepared.median])
    draw.segments(axes, LINE, [middle], colors=theme.muted, zorder=2)
    faint = mix(behind, theme.accent, 0.55)
    draw.segments(axes, 1.0, prepared.curves[:-1], colors=faint, zorder=2.5)
    draw.segments(axes, LINE + 0.5, prepared.curves[-1:], colors=theme.accent, zorder=3)
    if prepared.best is not None:
        words, low = f"best {score(prepared.best[1])}", prepared.worse_low
        best = scores.best_label(prepared.best, words, theme, worse_low=low, side="right")
        draw.labels(axes, theme, [best], halo=behind)
    ranks = (
        Label(
            x,
            0.99,
            f"ranks agree {rho:.2f}".replace("-", "−"),
            theme.caution if rho < 0.3 else theme.muted,
            vertical="top",
            size=theme.size - 2,
        )
        for x, rho, _ in prepared.agreement
    )
    draw.labels(axes, theme, ranks, transform=axes.get_xaxis_transform(), halo=behind)


PICTURE = Picture(
    id="learning_curves",
    title="Learning curves",
    says="How scores grow with the size of the fit, for methods that begin with small fits.",
    prepare=lambda search: prepare(search.snapshot),
    paint=paint,
    pages=("understand",),
    order=108,
)
