"""Figures of a run by hypergradients over its hyper-steps: the outer loss, the norm of the
hypergradient, and how near trainings come to a minimum.

The three are curves on the same axis, drawn by one mechanism; what is said beside them differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from engine.domain.hypergradients import Tuning
from engine.plots import draw, hyper_step_axes, scores
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live, Picture, SearchSource
from engine.plots.places import Places
from engine.plots.ranges import HUGE, score_range
from engine.plots.style import Theme, background, number, style_axes

_ROOM = 0.12
"""Share of the height that is kept free below the losses."""
_WORDS = 0.35
"""Share of the width that words at the right end take."""
_FEW = 60
"""Losses up to which each has a dot."""
_NAME = 3
"""A curve's name takes at most such a part of the picture's width."""


@dataclass(frozen=True)
class Curve:
    """A line or a set of dots over the hyper-steps.

    Attributes:
        name: what it shows.
        places: shape (k, 2), hyper-step and value.
        colour: name of a colour in `Theme`.
        width: of the line, in pixels; 0 for dots alone.
        style: further properties of the line, or of the dots.
    """

    name: str
    places: np.ndarray
    colour: str
    width: float = 0.0
    style: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """A value to compare with, as a line across, with words at its right end.

    Attributes:
        y: the value.
        words: what it is.
        width, dashes: of the line, in pixels.
        below: whether the words stand below the line.
    """

    y: float
    words: str
    width: float
    dashes: tuple[float, float]
    below: bool = False


@dataclass(frozen=True)
class Prepared:
    """Curves over the hyper-steps; colours are names of those in `Theme`.

    Attributes:
        curves: the first has the hyper-steps that can be pointed at.
        lost: shape (j,), hyper-steps without a value.
        levels: values to compare with.
        best: (hyper-step, value) to be marked, or None, and words for it.
        names: words beside curves, in data coordinates.
        verdict: words at the upper right, or None.
        xlim, ylim: limits of the axes.
        log: whether values are on a log scale.
        ylabel, summary: words.
        empty: whether there is nothing to show.
    """

    curves: tuple[Curve, ...]
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    log: bool
    ylabel: str
    summary: str
    empty: bool
    lost: np.ndarray = field(default_factory=lambda: np.empty(0))
    levels: tuple[Level, ...] = ()
    best: tuple[float, float] | None = None
    best_words: str = ""
    names: tuple[Label, ...] = ()
    verdict: Label | None = None

    @property
    def places(self) -> Places:
        """Hyper-steps, which are trials."""
        line = self.curves[0].places
        return Places(line[:, 0].astype(int), line)

    def curve(self, name: str) -> np.ndarray:
        """Places of the curve ``name``, shape (k, 2)."""
        return next(curve.places for curve in self.curves if curve.name == name)


def _column(tuning: Tuning | None, name: str) -> np.ndarray:
    """A figure of each hyper-step, shape (k,), NaN where it is not known."""
    steps = tuning.steps if tuning is not None else ()
    values = (getattr(step, name) for step in steps)
    return np.array([math.nan if value is None else value for value in values], dtype=float)


# --- the outer loss -------------------------------------------------------------------------------


def prepare_loss(tuning: Tuning | None, planned: int | None = None) -> Prepared:
    """Compute the loss on the validation rows by hyper-step, which hypergradients bring down.

    Args:
        tuning: the run so far; None before anything is known.
        planned: hyper-steps of the budget, if it has such.
    """
    numbers, losses = _column(tuning, "number"), _column(tuning, "loss")
    known = hyper_step_axes.usable(losses)
    line, lost = np.column_stack([numbers[known], losses[known]]), numbers[~known]
    best = line[int(np.argmin(line[:, 1]))] if len(line) else None
    start = float(line[0, 1]) if len(line) and line[0, 0] == 0 else None
    reference = tuning.reference if tuning is not None else None
    if reference is not None and abs(reference) >= HUGE:
        reference = None
    values = np.append(line[:, 1], [] if reference is None else [reference])
    log = (
        bool(values.size)
        and values.min() > 0
        and values.max() / values.min() >= hyper_step_axes.WIDE
    )
    limits = score_range(values, maximise=False)
    low, high = hyper_step_axes.log_range(values) if log else (limits.low, limits.high)
    # Room for the words below the best.
    low = low / (high / low) ** _ROOM if log else low - _ROOM * (high - low)
    xlim = hyper_step_axes.span(int(numbers.max(initial=0)), planned)
    levels = []
    if start is not None:
        below = _more_above(line, start, xlim)
        levels.append(Level(start, "as it started", 1, (4, 3), below))
    if tuning is not None and reference is not None:
        levels.append(Level(reference, tuning.reference_name or "another run", 1.5, (1, 2)))
    dots = line if len(line) <= _FEW else np.empty((0, 2))
    return Prepared(
        curves=(
            Curve("loss", line, "accent", 2, {"zorder": 3}),
            Curve("each", dots, "accent", style={"size": 5, "zorder": 3.5}),
        ),
        lost=lost,
        levels=tuple(levels),
        best=(float(best[0]), float(best[1])) if best is not None else None,
        best_words=_best_words(best),
        xlim=xlim,
        ylim=(low, high),
        log=log,
        ylabel="outer loss",
        summary=_loss_summary(best, start, lost.size),
        empty=best is None,
    )


def _more_above(line: np.ndarray, level: float, xlim: tuple[float, float]) -> bool:
    """Whether more of the losses at the right end lie above ``level`` than below."""
    left, right = xlim
    there = line[line[:, 0] >= right - _WORDS * (right - left), 1]
    return bool((there > level).sum() > (there < level).sum())


def _best_words(best: np.ndarray | None) -> str:
    """Words of the least loss; none for that of the start, which has its own."""
    if best is None or best[0] == 0:
        return ""
    return f"best {number(float(best[1]), 3)}, hyper-step {int(best[0]):,}"


def _loss_summary(best: np.ndarray | None, start: float | None, lost: int) -> str:
    if best is None:
        return "No hyper-step has a loss yet."
    words = f"Least outer loss {number(float(best[1]))} at hyper-step {int(best[0]):,}"
    if start is not None and best[0] > 0:
        words += f", {number(start)} at the start"
    if lost:
        words += f"; {lost:,} hyper-step{'s' * (lost != 1)} diverged"
    return f"{words}."


# --- the norm of the hypergradient ----------------------------------------------------------------


def prepare_norm(tuning: Tuning | None, planned: int | None = None) -> Prepared:
    """Compute the norm of the hypergradient by hyper-step, and where the guard calls it noise.

    Args:
        tuning: the run so far; None before anything is known.
        planned: hyper-steps of the budget, if it has such.
    """
    steps = tuning.steps if tuning is not None else ()
    numbers, norms = _column(tuning, "number"), _column(tuning, "norm")
    remarked = np.array([bool(step.remark) for step in steps], dtype=bool)
    known = hyper_step_axes.usable(norms, log=True)
    pairs = np.column_stack([numbers, norms])
    lost = numbers[~known & (remarked | ~np.isfinite(norms))]
    noisy = int(remarked.sum())
    low, high = hyper_step_axes.log_range(norms)
    return Prepared(
        curves=(
            Curve("norm", pairs[known], "border_strong", 1.5, {"zorder": 2}),
            Curve("useful", pairs[known & ~remarked], "muted", style={"size": 5, "zorder": 3}),
            Curve(
                "noise",
                pairs[known & remarked],
                "caution",
                style={"marker": "^", "size": 8, "zorder": 3.5},
            ),
        ),
        lost=lost,
        verdict=_verdict(noisy, len(steps)) if steps else None,
        xlim=hyper_step_axes.span(int(numbers.max(initial=0)), planned),
        ylim=(low, high * (high / low) ** 0.25),  # room above for the verdict
        log=True,
        ylabel="norm",
        summary=_norm_summary(tuning, norms[known], noisy),
        empty=not known.any() and not lost.size,
    )


def _verdict(noisy: int, total: int) -> Label:
    words = f"noise in {noisy:,} of {total:,} hyper-steps"
    return Label(
        1,
        1,
        words if noisy else "hypergradients can be followed",
        "caution" if noisy else "muted",
        align="right",
        vertical="top",
        shift=(-4, -2),
        bold=noisy > 0,
    )


def _norm_summary(tuning: Tuning | None, norms: np.ndarray, noisy: int) -> str:
    if tuning is None or not tuning.steps:
        return "No hypergradient yet."
    words = f"Hypergradients of {len(tuning.steps):,} hyper-steps"
    if norms.size:
        words += f", the last with a norm of {norms[-1]:.3g}"
    last = next((s.remark for s in reversed(tuning.steps) if s.remark), "")
    return f"{words}; {noisy:,} of them are noise. {last}".strip() if noisy else f"{words}."


# --- convergence of the training ------------------------------------------------------------------


def prepare_convergence(tuning: Tuning | None, planned: int | None = None) -> Prepared:
    """Compute how near trainings come to a minimum, and how well linear systems are solved.

    The training loss's gradient at the end, as a share of that at the start, falls to 0 as the
    problem that is solved nears the exact bilevel one.

    Args:
        tuning: the run so far; None before anything is known.
        planned: hyper-steps of the budget, if it has such.

    Source: Franceschi et al. 2018, section 3.
    """
    numbers = _column(tuning, "number")
    slopes, residuals = (
        np.column_stack([numbers, values])[hyper_step_axes.usable(values, log=True)]
        for values in (_column(tuning, "slope"), _column(tuning, "residual"))
    )
    low, high = hyper_step_axes.log_range(np.concatenate([slopes[:, 1], residuals[:, 1]]))
    curves = (
        Curve("gradient left", slopes, "accent", 2, {"zorder": 3}),
        Curve("residual", residuals, "muted", 2, {"linestyle": (0, (4, 2)), "zorder": 2}),
    )
    return Prepared(
        curves=curves,
        names=tuple(_name(curve) for curve in curves if curve.places.size),
        xlim=hyper_step_axes.span(int(numbers.max(initial=0)), planned),
        ylim=(low, max(high, 1.0)),  # 1: training got nowhere, the system is not solved at all
        log=True,
        ylabel="share of the start",
        summary=_convergence_summary(slopes, residuals),
        empty=not slopes.size,
    )


def _name(curve: Curve) -> Label:
    """The curve's name at its left end, above what of it lies under the words."""
    line = curve.places
    top = line[: len(line) // _NAME + 1, 1].max()
    return Label(line[0, 0], top, curve.name, curve.colour, "left", "bottom", shift=(6, 4))


def _convergence_summary(slopes: np.ndarray, residuals: np.ndarray) -> str:
    if not slopes.size:
        return "No training has ended yet."
    words = (
        f"At the end of the last training {slopes[-1, 1]:.2g} of the training loss's gradient "
        "at the start was left"
    )
    if residuals.size:
        words += f"; its linear system was solved to a residual of {residuals[-1, 1]:.2g}"
    return f"{words}."


# --- drawing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place; curves and levels are made when they are
    first needed."""

    theme: Theme
    curves: list[Line2D]
    levels: list[Line2D]
    lost: Line2D
    best: Line2D
    level_words: Labels
    words: Labels
    verdict: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme)
    hyper_step_axes.label_axis(axes)
    behind, across = background(axes, theme), axes.get_yaxis_transform()
    return Artists(
        theme=theme,
        curves=[],
        levels=[],
        lost=scores.lost(axes, theme, size=7),
        best=scores.best(axes, theme, clip_on=False),
        level_words=Labels(axes, theme, transform=across, halo=behind),
        words=Labels(axes, theme, halo=behind),
        verdict=Labels(axes, theme, transform=axes.transAxes, halo=behind),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show the curves over hyper-steps, with levels, lost steps, the best and words."""
    theme = artists.theme
    axes.set_xlim(prepared.xlim)
    hyper_step_axes.scale_y(axes, *prepared.ylim, log=prepared.log)
    axes.set_ylabel(prepared.ylabel)
    for curve in prepared.curves[len(artists.curves) :]:
        artists.curves.append(_create_curve(axes, curve, theme))
    draw.set_places(zip(artists.curves, (c.places for c in prepared.curves), strict=True))
    scores.show_edge([(artists.lost, prepared.lost)], worse_low=False)
    scores.put(artists.best, prepared.best)
    _show_levels(axes, prepared, artists)
    words = [replace(name, colour=getattr(theme, name.colour)) for name in prepared.names]
    if prepared.best is not None and prepared.best_words:
        side = scores.inner_side(prepared.best[0], prepared.xlim)
        place, best = prepared.best, prepared.best_words
        words.append(scores.best_label(place, best, theme, worse_low=False, side=side))
    artists.words.show(words)
    verdict = prepared.verdict
    artists.verdict.show(
        [] if verdict is None else [replace(verdict, colour=getattr(theme, verdict.colour))]
    )
    artists.notice.set_text(prepared.summary if prepared.empty else "")
    axes.yaxis.set_visible(not prepared.empty)


def _create_curve(axes: Axes, curve: Curve, theme: Theme) -> Line2D:
    colour = getattr(theme, curve.colour)
    if not curve.width:
        return draw.dots(axes, colour, **curve.style)
    return draw.line(axes, colour, curve.width, **curve.style)


def _show_levels(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    muted, across = artists.theme.muted, axes.get_yaxis_transform()
    while len(artists.levels) < len(prepared.levels):
        artists.levels.append(draw.line(axes, muted, 1, zorder=1.5, transform=across))
    for line in artists.levels[len(prepared.levels) :]:
        line.set_data([], [])
    labels = []
    for line, level in zip(artists.levels, prepared.levels, strict=False):
        line.set_data([0, 1], [level.y, level.y])
        line.set(linewidth=draw.points(level.width), linestyle=(0, level.dashes))
        vertical, shift = ("top", -4) if level.below else ("bottom", 4)
        words = f"{level.words} {number(level.y, 3)}"
        labels.append(Label(0.995, level.y, words, muted, "right", vertical, (0, shift)))
    artists.level_words.show(labels)


def _picture(
    id: str, title: str, prepare: Callable[..., Prepared], *, order: float, below: str = ""
) -> Picture:
    def of_search(search: SearchSource) -> Prepared:
        return prepare(search.answer("tuning"), search.snapshot.planned)

    return Picture(
        id=id,
        title=title,
        short="Hyper-steps" if below else "",
        prepare=of_search,
        live=Live(_create, _update),
        pages=("tuning",) if id == "convergence" else ("method at work",),
        asks="Hyperparameters",
        below=below,
        order=order,
    )


OUTER_LOSS = _picture("outer_loss", "Outer loss", prepare_loss, order=25, below="gradient_norm")
GRADIENT_NORM = _picture("gradient_norm", "Norm of the hypergradient", prepare_norm, order=26)
CONVERGENCE = _picture("convergence", "Convergence of the training", prepare_convergence, order=306)
