"""Ablation: the expected score from the default configuration to the best, one change at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.understanding import AblationStep
from engine.plots import draw, units
from engine.plots.draw import Label
from engine.plots.picture import Picture, SearchSource
from engine.plots.ranges import HUGE
from engine.plots.style import Theme, background, score, style_rows

MOST = 12
"""Steps shown at most; the others are one last step."""

_THICK = 0.5


@dataclass(frozen=True)
class Prepared:
    """Rows from the top: the start, then one for every step.

    Attributes:
        names: k words.
        before, after: shape (k,), score expected before and after each step (the same at the
            start).
        low, high: shape (k,), bounds of the score after it.
        gain: shape (k,), positive is better.
        xlim: limits of the scores.
        worse_left: whether the worse end of the scores is at the left.
        xlabel, summary: words.
    """

    names: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    low: np.ndarray
    high: np.ndarray
    gain: np.ndarray
    xlim: tuple[float, float]
    worse_left: bool
    xlabel: str
    summary: str


def prepare(
    start: tuple[float, float, float],
    steps: Sequence[AblationStep],
    *,
    measure: str,
    maximise: bool,
    most: int = MOST,
) -> Prepared:
    """Compute the rows of the path: the default, then one for every step.

    Args:
        start: score expected of the default configuration, and its bounds.
        steps: as `AblationReady` has them.
        measure: label of the measure.
        maximise: whether larger is better.
        most: rows for steps at most.
    """
    rows = [("default", start[0], *start, 0.0)]
    for step in steps:
        rows.append((_words(step), rows[-1][2], step.score, step.low, step.high, step.gain))
    if len(steps) > most:
        last, count = rows[-1], len(steps) - most + 1
        gain = sum(row[5] for row in rows[most:])
        rows = [*rows[:most], (f"{count} others", rows[most - 1][2], *last[2:5], gain)]
    columns = np.array([row[1:] for row in rows], dtype=float)
    usable = (np.isfinite(columns) & (np.abs(columns) < HUGE)).all(axis=1)
    if not usable.all():
        rows, columns = [], np.empty((0, 5))
    before, after, low, high, gain = columns.T
    return Prepared(
        names=tuple(row[0] for row in rows),
        before=before,
        after=after,
        low=low,
        high=high,
        gain=gain,
        xlim=_xlim(np.concatenate([low, high]), maximise),
        worse_left=maximise,
        xlabel=f"expected {measure}",
        summary=_summary(steps, measure) if rows else "There is no path yet.",
    )


def _xlim(values: np.ndarray, maximise: bool) -> tuple[float, float]:
    """Room for words at the better end."""
    low, high = units.fitted(values, 0.06)
    words = 0.24 * (high - low)
    return (low, high + words) if maximise else (low - words, high)


def _words(step: AblationStep) -> str:
    name = draw.shorten(step.name, 18)
    words = f"{name}  {units.word(step.before)} → {units.word(step.after)}"
    return draw.shorten(words, 40)


def _summary(steps: Sequence[AblationStep], measure: str) -> str:
    if not steps:
        return "The best configuration is the default."
    first = max(steps, key=lambda step: step.gain)
    total = sum(step.gain for step in steps)
    share = f", {first.gain / total:.0%} of all that was gained" if total > 0 else ""
    return (
        f"From the default to the best in {len(steps)} change{'s' * (len(steps) != 1)}: "
        f"{first.name} makes the greatest difference to the expected {measure}{share}."
    )


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a bar for each step's change of the score, with the interval of the score after it."""
    style_rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    count = len(prepared.names)
    slot = np.arange(count, dtype=float)
    left = np.minimum(prepared.before, prepared.after)
    wide = np.abs(prepared.after - prepared.before)
    for colour, of in ((theme.good, prepared.gain >= 0), (theme.bad, prepared.gain < 0)):
        corners = draw.rectangles(left[of], slot[of] - _THICK / 2, wide[of], _THICK)
        draw.bars(axes, corners, facecolors=colour, zorder=2)
    down = [
        [(x, y + (_THICK / 2 if y else 0)), (x, y + 1 + _THICK / 2)]
        for x, y in zip(prepared.after[:-1], slot[:-1], strict=True)
    ]
    draw.segments(axes, 1, down, colors=theme.muted, zorder=1.5)
    intervals = draw.horizontals(prepared.low, prepared.high, slot)
    draw.segments(axes, 1.5, intervals, colors=theme.text, zorder=3)
    axes.set_xlim(prepared.xlim)
    draw.name_rows(axes, _row_names(axes, prepared.names), room=max(count, 5))
    axes.set_xlabel(prepared.xlabel)
    draw.labels(axes, theme, _labels(prepared, slot, theme), halo=background(axes, theme))
    draw.message(axes, theme, "" if count else prepared.summary)
    axes.xaxis.set_visible(bool(count))


def _row_names(axes: Axes, names: Sequence[str]) -> list[str]:
    """Names may take some of the width, but never most of it."""
    figure = axes.get_figure(root=True)
    wide = 640.0 if figure is None else figure.bbox.width / figure.dpi * 96
    most = max(int(0.42 * wide / 7.2), 8)
    return [draw.shorten(name, most) for name in names]


def _labels(prepared: Prepared, slot: np.ndarray, theme: Theme) -> Iterable[Label]:
    """The score of the default, and what each step gains, at the better end."""
    ahead = prepared.worse_left
    ends = prepared.high if ahead else prepared.low
    for end, y, value, gain in zip(ends, slot, prepared.after, prepared.gain, strict=True):
        yield Label(
            end,
            y,
            score(value) if not y else _gain(gain),
            theme.muted,
            align="left" if ahead else "right",
            shift=(6 if ahead else -6, 0),
        )


def _gain(gain: float) -> str:
    return f"{'+' if gain >= 0 else '−'}{score(abs(gain))}"


def _of_search(search: SearchSource) -> Prepared:
    path, snapshot = search.reply, search.snapshot
    return prepare(
        (path.start, path.start_low, path.start_high),
        path.steps,
        measure=snapshot.measure_label,
        maximise=snapshot.maximise,
    )


PICTURE = Picture(
    id="ablation",
    title="Default to best",
    says="From the default configuration to the best one, taking over at each step what helps "
    "most.",
    prepare=_of_search,
    paint=paint,
    pages=("understand",),
    asks="Ablation",
    doing="Finding the way",
    order=104,
)
