"""The norm of the hypergradient by hyper-step, and where the chaos guard calls it noise."""

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
from engine.plots.style import Theme, style_axes


@dataclass(frozen=True)
class Prepared:
    """The picture as columns.

    Attributes:
        useful, noise: shape (k, 2), hyper-step and norm.
        lost: hyper-steps whose hypergradient is not finite, shape (j,).
        line: shape (n, 2), all that have a norm.
        verdict: the guard's, in a few words.
        bad: whether it is about noise.
        xlim, ylim: limits of the axes, the norms' logarithmic.
        summary: words.
    """

    useful: np.ndarray
    noise: np.ndarray
    lost: np.ndarray
    line: np.ndarray
    verdict: str
    bad: bool
    xlim: tuple[float, float]
    ylim: tuple[float, float]
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
    norms = np.array([math.nan if s.norm is None else s.norm for s in steps], dtype=float)
    remarked = np.array([bool(s.remark) for s in steps], dtype=bool)
    known = hyper_steps.usable(norms, log=True)
    lost = numbers[~known & (remarked | np.isinf(norms) | np.isnan(norms))]
    pairs = np.column_stack([numbers, norms])
    noisy = int(remarked.sum())
    verdict = "hypergradients can be followed"
    if noisy:
        verdict = f"noise in {noisy:,} of {len(steps):,} hyper-steps"
    return Prepared(
        useful=pairs[known & ~remarked],
        noise=pairs[known & remarked],
        lost=lost,
        line=pairs[known],
        verdict=verdict if steps else "",
        bad=noisy > 0,
        xlim=hyper_steps.span(int(numbers.max(initial=0)), planned),
        ylim=_room(*hyper_steps.log_range(norms)),
        summary=_summary(tuning, norms[known], noisy),
    )


def _room(low: float, high: float) -> tuple[float, float]:
    """Room above for the verdict."""
    return low, high * (high / low) ** 0.25


def _summary(tuning: Tuning | None, norms: np.ndarray, noisy: int) -> str:
    if tuning is None or not tuning.steps:
        return "No hypergradient yet."
    words = f"Hypergradients of {len(tuning.steps):,} hyper-steps"
    if norms.size:
        words += f", the last with a norm of {norms[-1]:.3g}"
    last = next((s.remark for s in reversed(tuning.steps) if s.remark), "")
    return f"{words}; {noisy:,} of them are noise. {last}".strip() if noisy else f"{words}."


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    line: Line2D
    useful: Line2D
    noise: Line2D
    lost: Line2D
    verdict: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    style_axes(axes, theme)
    hyper_steps.dress(axes)
    axes.set_ylabel("norm")
    behind = marks.ground(axes, theme)
    return Artists(
        theme=theme,
        line=marks.stroke(axes, theme.border_strong, 1.5, zorder=2),
        useful=marks.dots(axes, theme.muted, size=5, zorder=3),
        noise=marks.dots(axes, theme.caution, marker="^", size=8, zorder=3.5),
        lost=scores.lost(axes, theme, size=7),
        verdict=Labels(axes, theme, transform=axes.transAxes, halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    theme = artists.theme
    axes.set_xlim(prepared.xlim)
    hyper_steps.scale_y(axes, *prepared.ylim, log=True)
    marks.follow(
        (
            (artists.line, prepared.line),
            (artists.useful, prepared.useful),
            (artists.noise, prepared.noise),
        )
    )
    scores.show_edge([(artists.lost, prepared.lost)], worse_low=False)
    colour = theme.caution if prepared.bad else theme.muted
    place = {"align": "right", "vertical": "top", "shift": (-4, -2)}
    words = [Label(1, 1, prepared.verdict, colour, bold=prepared.bad, **place)]  # type: ignore[arg-type]
    artists.verdict.show(words if prepared.verdict else [])
    empty = not len(prepared.line) and not len(prepared.lost)
    artists.notice.set_text(prepared.summary if empty else "")
    axes.yaxis.set_visible(not empty)
