"""What is kept for the way back through a training, beside what storing every step would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from engine.domain.hypergradients import Tuning
from engine.guide.words import bytes_in_words as in_words
from engine.plots import hyper_steps, marks, panels
from engine.plots.marks import Label, Labels
from engine.plots.style import Theme, points, style_axes

WHOLE = "weights of every step"
MEASURED = "kept by this engine"
_ROW = 34.0
"""Pixels a bar takes at most."""


@dataclass(frozen=True)
class Prepared:
    """Bars from the top: names, bytes of shape (k,), whether to stress each; words."""

    names: tuple[str, ...]
    sizes: np.ndarray
    stress: tuple[bool, ...]
    xlim: tuple[float, float]
    summary: str


def prepare(tuning: Tuning | None) -> Prepared:
    """What the engine has kept, the most of all hyper-steps, beside the weights of every step."""
    kept = [s.stored_bytes for s in (tuning.steps if tuning else ()) if s.stored_bytes]
    if tuning is None or not kept:
        return _bars((), "Nothing was measured yet.")
    most, whole = max(kept), tuning.whole_bytes
    words = f"The engine keeps {in_words(most)} for the way back"
    if not whole:
        return _bars([(MEASURED, most, True)], f"{words}.")
    ratio = whole / most
    times = f"1/{ratio:,.0f}" if ratio >= 2 else f"{most / whole:.2g} times"
    return _bars(
        [(MEASURED, most, True), (WHOLE, whole, False)],
        f"{words}: {times} of the weights of every step, {in_words(whole)}.",
    )


def _bars(bars: Sequence[tuple[str, float, bool]], summary: str) -> Prepared:
    sizes = np.array([size for _, size, _ in bars], dtype=float)
    low, high = hyper_steps.log_range(sizes)
    return Prepared(
        names=tuple(name for name, _, _ in bars),
        sizes=sizes,
        stress=tuple(stressed for _, _, stressed in bars),
        # Bars begin well to the left of the smallest: its length must be seen.
        xlim=(low / 30, high * 6),
        summary=summary,
    )


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    bars: PolyCollection
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme, grid="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: in_words(size)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("kept between the way there and the way back, of one training")
    return Artists(
        theme=theme,
        bars=marks.bars(axes, zorder=2, linewidths=points(0)),
        labels=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme = artists.theme
    count = len(prepared.sizes)
    _, height = panels.size(axes)
    y = np.arange(count, dtype=float)
    # Bars keep their thickness in a high picture, and stand at its top.
    axes.set_ylim(max(height / _ROW, count) - 0.5, -0.5)
    axes.set_xlim(prepared.xlim)
    axes.yaxis.set_major_locator(FixedLocator([]))
    left = np.full(count, prepared.xlim[0])
    artists.bars.set_verts(marks.rectangles(left, y + 0.02, prepared.sizes - left, 0.26))
    artists.bars.set_facecolor(
        [theme.accent if stressed else theme.border_strong for stressed in prepared.stress]
    )
    labels = []
    for at, name, size, stressed in zip(
        y, prepared.names, prepared.sizes, prepared.stress, strict=True
    ):
        words = f"{name}: {in_words(size)}"
        ink = theme.text if stressed else theme.muted
        place = (prepared.xlim[0], at - 0.02)
        labels.append(Label(*place, words, ink, "left", "bottom", bold=stressed))
    artists.labels.show(labels)
    artists.notice.set_text("" if count else prepared.summary)
    axes.xaxis.set_visible(count > 0)
