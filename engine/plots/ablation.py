"""From the default configuration to the best one, a change at a time: which changes made the
difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.understanding import AblationStep
from engine.plots import marks, units
from engine.plots.marks import Label, Labels
from engine.plots.ranges import HUGE
from engine.plots.style import Theme, score

MOST = 12
"""Steps shown at most; the others are one last step."""

_THICK = 0.5


@dataclass(frozen=True)
class Prepared:
    """The picture as rows from the top: the start, then a row for every step.

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
    """Columns of the picture.

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
    name = marks.shorten(step.name, 18)
    words = f"{name}  {units.word(step.before)} → {units.word(step.after)}"
    return marks.shorten(words, 40)


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


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    better: PolyCollection
    worse: PolyCollection
    joints: LineCollection
    intervals: LineCollection
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    marks.rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    return Artists(
        theme=theme,
        better=marks.bars(axes, facecolors=theme.good, zorder=2),
        worse=marks.bars(axes, facecolors=theme.bad, zorder=2),
        joints=marks.segments(axes, 1, colors=theme.muted, zorder=1.5),
        intervals=marks.segments(axes, 1.5, colors=theme.text, zorder=3),
        labels=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    count = len(prepared.names)
    slot = np.arange(count, dtype=float)
    left = np.minimum(prepared.before, prepared.after)
    wide = np.abs(prepared.after - prepared.before)
    for bars, of in (
        (artists.better, prepared.gain >= 0),
        (artists.worse, prepared.gain < 0),
    ):
        bars.set_verts(marks.rectangles(left[of], slot[of] - _THICK / 2, wide[of], _THICK))
    down = [
        [(x, y + (_THICK / 2 if y else 0)), (x, y + 1 + _THICK / 2)]
        for x, y in zip(prepared.after[:-1], slot[:-1], strict=True)
    ]
    artists.joints.set_segments(down)
    artists.intervals.set_segments(marks.across(prepared.low, prepared.high, slot))
    axes.set_xlim(prepared.xlim)
    # Names may take some of the width, but never most of it.
    figure = axes.get_figure(root=True)
    wide = 640.0 if figure is None else figure.bbox.width / figure.dpi * 96
    most = max(int(0.42 * wide / 7.2), 8)
    names = [marks.shorten(name, most) for name in prepared.names]
    marks.name_rows(axes, names, room=max(count, 5))
    axes.set_xlabel(prepared.xlabel)
    ahead = prepared.worse_left
    ends = prepared.high if ahead else prepared.low
    artists.labels.show(
        Label(
            end,
            y,
            score(value) if not y else _gain(gain),
            artists.theme.muted,
            align="left" if ahead else "right",
            shift=(6 if ahead else -6, 0),
        )
        for end, y, value, gain in zip(ends, slot, prepared.after, prepared.gain, strict=True)
    )
    artists.notice.set_text("" if count else prepared.summary)
    axes.xaxis.set_visible(bool(count))


def _gain(gain: float) -> str:
    return f"{'+' if gain >= 0 else '−'}{score(abs(gain))}"
