"""How near the trainings come to a minimum by hyper-step, and how well linear systems are solved.

The training loss's gradient at the end, as a share of that at the start, falls to 0 as the problem
that is solved nears the exact bilevel one (Franceschi et al. 2018, section 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from engine.domain.hypergradients import Tuning
from engine.plots import hyper_steps, marks
from engine.plots.marks import Label, Labels
from engine.plots.places import Places
from engine.plots.style import Theme, style_axes

SLOPE, RESIDUAL = "gradient left", "residual"
_WORDS = 3
"""A name takes at most such a part of the picture's width."""
EMPTY = "No training has ended yet."


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        slopes: shape (k, 2), hyper-step and the share of the training loss's gradient that is left.
        residuals: shape (j, 2), hyper-step and relative residual; empty for other engines.
        xlim, ylim: limits of the axes, the values' logarithmic.
        summary: words.
    """

    slopes: np.ndarray
    residuals: np.ndarray
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    summary: str

    @property
    def places(self) -> Places:
        """Hyper-steps, which are trials."""
        return Places(self.slopes[:, 0].astype(int), self.slopes)


def prepare(tuning: Tuning | None, planned: int | None = None) -> Prepared:
    """Columns of the picture.

    Args:
        planned: hyper-steps of the budget, if it has such.
    """
    steps = tuning.steps if tuning is not None else ()
    slopes = _pairs([(s.number, s.slope) for s in steps])
    residuals = _pairs([(s.number, s.residual) for s in steps])
    values = np.concatenate([slopes[:, 1], residuals[:, 1]])
    low, high = hyper_steps.log_range(values)
    return Prepared(
        slopes=slopes,
        residuals=residuals,
        xlim=hyper_steps.span(max((s.number for s in steps), default=0), planned),
        ylim=(low, max(high, 1.0)),  # 1: training got nowhere, the system is not solved at all
        summary=_summary(slopes, residuals),
    )


def _pairs(values: list[tuple[int, float | None]]) -> np.ndarray:
    table = np.array([(n, math.nan if v is None else v) for n, v in values], dtype=float)
    table = table.reshape(-1, 2)
    return table[hyper_steps.usable(table[:, 1], log=True)]


def _summary(slopes: np.ndarray, residuals: np.ndarray) -> str:
    if not slopes.size:
        return EMPTY
    words = (
        f"At the end of the last training {slopes[-1, 1]:.2g} of the training loss's gradient "
        "at the start was left"
    )
    if residuals.size:
        words += f"; its linear system was solved to a residual of {residuals[-1, 1]:.2g}"
    return f"{words}."


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    slopes: Line2D
    residuals: Line2D
    names: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme)
    hyper_steps.dress(axes)
    axes.set_ylabel("share of the start")
    return Artists(
        theme=theme,
        slopes=marks.stroke(axes, theme.accent, 2, zorder=3),
        residuals=marks.stroke(axes, theme.muted, 2, linestyle=(0, (4, 2)), zorder=2),
        names=Labels(axes, theme, halo=marks.ground(axes, theme)),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme = artists.theme
    axes.set_xlim(prepared.xlim)
    hyper_steps.scale_y(axes, *prepared.ylim, log=True)
    marks.follow(((artists.slopes, prepared.slopes), (artists.residuals, prepared.residuals)))
    named = ((SLOPE, prepared.slopes, theme.accent), (RESIDUAL, prepared.residuals, theme.muted))
    artists.names.show(
        [
            # Above what of the line lies under the words.
            Label(
                line[0, 0],
                line[: len(line) // _WORDS + 1, 1].max(),
                name,
                colour,
                "left",
                "bottom",
                shift=(6, 4),
            )
            for name, line, colour in named
            if line.size
        ]
    )
    empty = not prepared.slopes.size
    artists.notice.set_text(prepared.summary if empty else "")
    axes.yaxis.set_visible(not empty)
