"""Bytes stored for the backward sweep through a training, and bytes that storing all steps would
take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from engine.domain.hypergradients import Tuning
from engine.guide.sentences import bytes_in_words as in_words
from engine.plots import draw, hyper_step_axes, panels
from engine.plots.draw import Label
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, style_rows

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
    """Compare the most that any hyper-step has stored with the weights of every step, in bytes."""
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
    low, high = hyper_step_axes.log_range(sizes)
    return Prepared(
        names=tuple(name for name, _, _ in bars),
        sizes=sizes,
        stress=tuple(stressed for _, _, stressed in bars),
        # Bars begin well to the left of the smallest: its length must be seen.
        xlim=(low / 30, high * 6),
        summary=summary,
    )


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a bar for each number of bytes, on a log axis, with name and size above it."""
    style_rows(axes, theme)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: in_words(size)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("kept between the way there and the way back, of one training")
    count = len(prepared.sizes)
    _, height = panels.size(axes)
    y = np.arange(count, dtype=float)
    # Bars keep their thickness in a high picture, and stand at its top.
    axes.set_ylim(max(height / _ROW, count) - 0.5, -0.5)
    axes.set_xlim(prepared.xlim)
    axes.yaxis.set_major_locator(FixedLocator([]))
    left = np.full(count, prepared.xlim[0])
    corners = draw.rectangles(left, y + 0.02, prepared.sizes - left, 0.26)
    colours = [theme.accent if stressed else theme.border_strong for stressed in prepared.stress]
    draw.bars(axes, corners, facecolors=colours, zorder=2)
    labels = []
    for at, name, size, stressed in zip(
        y, prepared.names, prepared.sizes, prepared.stress, strict=True
    ):
        words = f"{name}: {in_words(size)}"
        ink = theme.text if stressed else theme.muted
        place = (prepared.xlim[0], at - 0.02)
        labels.append(Label(*place, words, ink, "left", "bottom", bold=stressed))
    draw.labels(axes, theme, labels, halo=background(axes, theme))
    draw.message(axes, theme, "" if count else prepared.summary)
    axes.xaxis.set_visible(count > 0)


PICTURE = Picture(
    id="memory",
    title="Memory",
    prepare=lambda search: prepare(search.answer("tuning")),
    paint=paint,
    pages=("tuning",),
    asks="Hyperparameters",
    order=307,
)
