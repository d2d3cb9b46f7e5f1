"""Empirical distribution of scores: of a search's trials, or of methods' final scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.analysis.empirical_distribution import distribution
from engine.domain.comparison import Comparison
from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw, series
from engine.plots.anytime import draw_line
from engine.plots.picture import Picture
from engine.plots.ranges import score_range
from engine.plots.style import Theme, score, style_axes

MOST = 2_000
"""Steps of a line at most."""
LEAST = 5
"""Trials of each half of a search for them to be shown."""
NOTHING = "There is no score yet."


@dataclass(frozen=True)
class Scores:
    """A run's (or a method's) trials: a name and their scores, shape (n,), NaN for none."""

    name: str
    scores: np.ndarray
    reference: bool = False


@dataclass(frozen=True)
class Prepared:
    """Step functions of the share of scores that are at least as good.

    Attributes:
        names: of the k runs, and which are references.
        lines: corners of each run's step function, score and share of its trials, (j, 2).
        xlim: limits of the axis of scores.
        larger: whether larger is better.
        xlabel, ylabel, summary: words.
    """

    names: tuple[str, ...]
    references: tuple[bool, ...]
    lines: tuple[np.ndarray, ...]
    xlim: tuple[float, float]
    larger: bool
    xlabel: str
    ylabel: str
    summary: str


def of_search(snapshot: Snapshot) -> Prepared:
    """Compute the distribution of a search's scores: of all trials, and of each half of them in the
    order in which they ended. Trials dropped or failed have no score that counts."""
    over = np.flatnonzero(~snapshot.is_state(TrialState.RUNNING))
    over = over[np.argsort(snapshot.ended[over], kind="stable")]
    complete = snapshot.is_state(TrialState.COMPLETE)[over]
    scores = np.where(complete, snapshot.value[over], np.nan)
    half = scores.size // 2
    runs = [Scores("all trials", scores, reference=True)]
    if half >= LEAST:
        runs += [Scores("first half", scores[:half]), Scores("second half", scores[half:])]
    return prepare(runs, snapshot.measure_label, snapshot.maximise)


def of_comparison(comparison: Comparison, case: str) -> Prepared:
    """Compute the distribution of each method's final scores on ``case``."""
    place = next((i for i, one in enumerate(comparison.cases) if one.name == case), None)
    none = np.full((len(comparison.contenders), 0), np.nan)
    rows = none if place is None else comparison.scores()[place]
    runs = [
        # What has not ended is neither good nor bad yet.
        Scores(c.short, row[np.isfinite(row)], c.reference)
        for c, row in zip(comparison.contenders, rows, strict=True)
    ]
    return prepare(runs, comparison.measure_label, comparison.maximise, of="searches")


def prepare(runs: Sequence[Scores], measure: str, maximise: bool, of: str = "trials") -> Prepared:
    """Compute the share of scores at least as good as each, for several ``runs``.

    Args:
        runs: with the same measure.
        measure: its label.
        maximise: whether larger is better.
        of: what each score is that of, in words.
    """
    every = np.concatenate([np.empty(0), *(run.scores for run in runs)]).astype(float)
    limits = score_range(every, maximise)
    low, high = limits.low, limits.high
    better = "larger" if maximise else "smaller"
    return Prepared(
        names=series.names([run.name for run in runs]),
        references=tuple(run.reference for run in runs),
        lines=tuple(_line(run.scores, low, high, maximise) for run in runs),
        xlim=(low, high),
        larger=maximise,
        xlabel=f"{series.measure(measure)} ({better} is better)",
        ylabel=f"{of} at least as good",
        summary=_summary(runs, series.measure(measure), of),
    )


def _line(scores: np.ndarray, low: float, high: float, maximise: bool) -> np.ndarray:
    """Corners of the share of trials at least as good, from edge to edge of the axis."""
    # Turned so that smaller is better, the share at least as good is the distribution itself.
    sign = -1.0 if maximise else 1.0
    at, share = distribution(sign * np.asarray(scores, dtype=float))
    if not at.size:
        return np.empty((0, 2))
    if at.size > MOST:
        kept = np.linspace(0, at.size - 1, MOST).round().astype(int)
        at, share = at[kept], share[kept]
    start, end = sorted((sign * low, sign * high))
    at = np.concatenate([[min(start, at[0])], at, [max(end, at[-1])]])
    share = np.concatenate([[0.0], share, share[-1:]])
    x, y = series.steps(at, share)
    return np.column_stack([sign * x, y])


def _summary(runs: Sequence[Scores], measure: str, of: str) -> str:
    medians = [
        f"{run.name} {score(float(np.median(known)))}"
        for run in runs
        if (known := run.scores[np.isfinite(run.scores)]).size
    ]
    if not medians:
        return NOTHING
    return f"Distribution of the {of}' {measure}; medians: {', '.join(medians)}."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a step function for each run: share of scores at least as good, against the score."""
    style_axes(axes, theme, grid="both")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0%}"))
    axes.set_ylim(0, 1.04)
    axes.set_xlim(prepared.xlim)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    looks = series.looks(prepared.references, axes, theme)
    known = [i for i, corners in enumerate(prepared.lines) if len(corners)]
    for place in known:
        x, y = prepared.lines[place].T
        draw_line(axes, theme, x, y, looks[place], place)
    # In the corner that the lines leave free: few trials are that good.
    x, align = (0.985, "right") if prepared.larger else (0.015, "left")
    entries = [(prepared.names[i], looks[i]) for i in known]
    series.draw_key(axes, theme, entries, x, 16, align)
    draw.message(axes, theme, "" if known else NOTHING)
    axes.xaxis.set_visible(bool(known))
    axes.yaxis.set_visible(bool(known))


PICTURE = Picture(
    id="distribution",
    title="How good trials were",
    says="The share of trials that are at least as good as a score. A search that learns has a "
    "second half further to the better side.",
    prepare=lambda search: of_search(search.snapshot),
    paint=paint,
    pages=("understand",),
    order=107,
)
OF_METHODS = Picture(
    id="distribution_of_methods",
    title="Distribution",
    help="distribution",
    prepare=lambda source: of_comparison(source.comparison, source.case),
    paint=paint,
    pages=("compare",),
    order=203,
)
