"""The loss on the validation rows by hyper-step: what hypergradients bring down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from engine.domain.hypergradients import Tuning
from engine.plots import hyper_steps, marks, scores
from engine.plots.marks import Label, Labels
from engine.plots.places import Places
from engine.plots.ranges import HUGE, score_range
from engine.plots.style import Theme, number, style_axes

_ROOM = 0.12
"""Share of the height that is kept free below the losses."""
_WORDS = 0.35
"""Share of the width that words at the right end take."""


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        line: shape (k, 2), hyper-step and loss.
        lost: hyper-steps without a loss, shape (j,).
        best: (hyper-step, loss), or None.
        start: loss of hyper-step 0, or None.
        reference: least loss of another run, or None, and words for it.
        xlim, ylim: limits of the axes.
        log: whether losses are on a log scale.
        summary: words.
    """

    line: np.ndarray
    lost: np.ndarray
    best: tuple[float, float] | None
    start: float | None
    reference: float | None
    reference_words: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    log: bool
    summary: str

    @property
    def places(self) -> Places:
        """Hyper-steps, which are trials."""
        return Places(self.line[:, 0].astype(int), self.line)


def prepare(tuning: Tuning | None, planned: int | None = None) -> Prepared:
    """Columns of the picture.

    Args:
        planned: hyper-steps of the budget, if it has such.
    """
    steps = tuning.steps if tuning is not None else ()
    numbers = np.array([s.number for s in steps], dtype=float)
    losses = np.array([math.nan if s.loss is None else s.loss for s in steps], dtype=float)
    known = hyper_steps.usable(losses)
    line = np.column_stack([numbers[known], losses[known]])
    best = line[int(np.argmin(line[:, 1]))] if len(line) else None
    start = float(line[0, 1]) if len(line) and line[0, 0] == 0 else None
    given = tuning.reference if tuning is not None else None
    reference = given if given is not None and abs(given) < HUGE else None
    values = np.append(line[:, 1], [] if reference is None else [reference])
    log = bool(values.size) and values.min() > 0 and values.max() / values.min() >= hyper_steps.WIDE
    limits = score_range(values, maximise=False)
    low, high = hyper_steps.log_range(values) if log else (limits.low, limits.high)
    # Room for the words below the best.
    low = low / (high / low) ** _ROOM if log else low - _ROOM * (high - low)
    return Prepared(
        line=line,
        lost=numbers[~known],
        best=(float(best[0]), float(best[1])) if best is not None else None,
        start=start,
        reference=reference,
        reference_words=tuning.reference_name if tuning is not None else "",
        xlim=hyper_steps.span(int(numbers.max(initial=0)), planned),
        ylim=(low, high),
        log=log,
        summary=_summary(best, start, int((~known).sum())),
    )


def _summary(best: np.ndarray | None, start: float | None, lost: int) -> str:
    if best is None:
        return "No hyper-step has a loss yet."
    words = f"Least outer loss {number(float(best[1]))} at hyper-step {int(best[0]):,}"
    if start is not None and best[0] > 0:
        words += f", {number(start)} at the start"
    if lost:
        words += f"; {lost:,} hyper-step{'s' * (lost != 1)} diverged"
    return f"{words}."


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    line: Line2D
    dots: Line2D
    lost: Line2D
    best: Line2D
    levels: tuple[Line2D, Line2D]
    words: Labels
    across: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme)
    hyper_steps.dress(axes)
    axes.set_ylabel("outer loss")
    behind = marks.ground(axes, theme)
    across = axes.get_yaxis_transform()
    dashes = {"linestyle": (0, (4, 3)), "zorder": 1.5, "transform": across}
    dotted = dashes | {"linestyle": (0, (1, 2))}
    return Artists(
        theme=theme,
        line=marks.stroke(axes, theme.accent, 2, zorder=3),
        dots=marks.dots(axes, theme.accent, size=5, zorder=3.5),
        lost=scores.lost(axes, theme, size=7),
        best=scores.best(axes, theme, clip_on=False),
        levels=(
            marks.stroke(axes, theme.muted, 1, **dashes),
            marks.stroke(axes, theme.muted, 1.5, **dotted),
        ),
        words=Labels(axes, theme, halo=behind),
        across=Labels(axes, theme, transform=across, halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme = artists.theme
    axes.set_xlim(prepared.xlim)
    hyper_steps.scale_y(axes, *prepared.ylim, log=prepared.log)
    artists.line.set_data(prepared.line[:, 0], prepared.line[:, 1])
    few = len(prepared.line) <= 60
    artists.dots.set_data(*(prepared.line.T if few else ([], [])))
    scores.show_edge([(artists.lost, prepared.lost)], worse_low=False)
    scores.put(artists.best, prepared.best)
    levels = (
        (prepared.start, "as it started", start_words_below(prepared)),
        (prepared.reference, prepared.reference_words or "another run", False),
    )
    labels = []
    for line, (level, words, below) in zip(artists.levels, levels, strict=True):
        line.set_data(*(([0, 1], [level, level]) if level is not None else ([], [])))
        if level is not None:
            text = f"{words} {number(level, 3)}"
            vertical, shift = ("top", -4) if below else ("bottom", 4)
            labels.append(Label(0.995, level, text, theme.muted, "right", vertical, (0, shift)))
    artists.across.show(labels)
    artists.words.show(_best_label(prepared, theme))
    empty = prepared.best is None
    artists.notice.set_text(prepared.summary if empty else "")
    axes.yaxis.set_visible(not empty)


def start_words_below(prepared: Prepared) -> bool:
    """Whether the words at the right end of the start's line stand below it: where more of the
    losses there lie above."""
    if prepared.start is None:
        return False
    left, right = prepared.xlim
    there = prepared.line[prepared.line[:, 0] >= right - _WORDS * (right - left), 1]
    return bool((there > prepared.start).sum() > (there < prepared.start).sum())


def _best_label(prepared: Prepared, theme: Theme) -> list[Label]:
    if prepared.best is None or prepared.best[0] == 0:
        return []
    step, loss = prepared.best
    words = f"best {number(loss, 3)}, hyper-step {int(step):,}"
    side = scores.inner_side(step, prepared.xlim)
    return [scores.best_label(prepared.best, words, theme, worse_low=False, side=side)]
