"""How much of each search was how good: the empirical distribution of its trials' scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.analysis.distribution import distribution
from engine.domain.comparison import Comparison
from engine.domain.trials import Snapshot, TrialState
from engine.plots import marks, series
from engine.plots.anytime import show_line
from engine.plots.ranges import score_range
from engine.plots.series import Key, Pool
from engine.plots.style import Theme, points, score, style_axes

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
    """The picture as columns.

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
    """Columns of the picture of one search: its trials, and their halves in the order in which they
    ended. Trials dropped or failed have no score that counts."""
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
    """Columns of the picture of a comparison: the final scores of each method on ``case``."""
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
    """Columns of the picture of several ``runs`` with the same measure; ``of`` says what each
    score is that of."""
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


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    lines: Pool[Line2D]
    key: Key
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme, grid="both")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0%}"))
    axes.set_ylim(0, 1.04)
    return Artists(
        theme=theme,
        lines=Pool(
            lambda: marks.stroke(axes, theme.text, 2, zorder=3, markersize=points(7)),
            lambda made: made.set_data([], []),
        ),
        key=Key(axes, theme),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    axes.set_xlim(prepared.xlim)
    axes.set_xlabel(prepared.xlabel)
    axes.set_ylabel(prepared.ylabel)
    looks = series.looks(prepared.references, axes, artists.theme)
    lines = artists.lines.take(len(prepared.lines))
    for place, (line, corners) in enumerate(zip(lines, prepared.lines, strict=True)):
        line.set_data(corners[:, 0], corners[:, 1])
        show_line(line, looks[place], place)
    known = [i for i, corners in enumerate(prepared.lines) if len(corners)]
    # In the corner that the lines leave free: few trials are that good.
    entries = [(prepared.names[i], looks[i]) for i in known]
    if prepared.larger:
        artists.key.show(entries, 0.985, 16, align="right")
    else:
        artists.key.show(entries, 0.015, 16)
    artists.notice.set_text("" if known else NOTHING)
    axes.xaxis.set_visible(bool(known))
    axes.yaxis.set_visible(bool(known))
