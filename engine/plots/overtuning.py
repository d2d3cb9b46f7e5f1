"""Overtuning: scores of each best so far on the validation rows, which selected it, and on the
outer test rows, which did not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.trust import Overtuning, WatchedIncumbent
from engine.plots import draw, scores, units
from engine.plots.colour import mix
from engine.plots.draw import Label
from engine.plots.picture import Picture, SearchSource
from engine.plots.ranges import HUGE, count_limit
from engine.plots.style import Theme, background, points, score, style_axes


@dataclass(frozen=True)
class Prepared:
    """Validation and outer score of each best so far, by trial.

    Attributes:
        validation, outer: shape (k, 2), corners of step lines: trial number and score.
        band: shape (j, 2), round the outer scores, one standard error to each side; or of length 0.
        changes: shape (p, 2), where the incumbent changed: trial number and outer score.
        default: outer score of the default configuration, or None.
        alarm: (trial, score) of the earlier one that is better outside, or None.
        xlim, ylim: limits of the axes.
        worse_low: whether the worse end is at the bottom.
        ylabel, summary: words.
    """

    validation: np.ndarray
    outer: np.ndarray
    band: np.ndarray
    changes: np.ndarray
    default: float | None
    alarm: tuple[float, float] | None
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    worse_low: bool
    ylabel: str
    summary: str


def prepare(
    overtuning: Overtuning,
    *,
    trials: int,
    measure: str,
    maximise: bool,
    planned: int | None = None,
) -> Prepared:
    """Compute the lines of validation and outer score where the best so far changed.

    Args:
        overtuning: as `TrustReady` has it.
        trials: of the search so far.
        measure: label of the measure.
        maximise: whether larger is better.
        planned: trials of the budget, if it has such.
    """
    path = [w for w in overtuning.path if abs(w.validation) < HUGE and abs(w.outer) < HUGE]
    last = max(trials - 1, *(w.trial for w in path), 0) if path else 0
    right = count_limit(last + 1, planned)
    steps = [_steps(path, name, last) for name in ("validation", "outer")]
    alarm = overtuning.alarm
    better = next((w for w in path if alarm is not None and w.trial == alarm.trial), None)
    first = path[0] if path and path[0].trial == 0 else None
    noise = [w.noise if math.isfinite(w.noise) else 0.0 for w in path]
    known = [w.outer + s * n for w, n in zip(path, noise, strict=True) for s in (-1, 1)]
    return Prepared(
        validation=steps[0],
        outer=steps[1],
        band=_band(path, noise, last),
        changes=np.array([(w.trial, w.outer) for w in path], float).reshape(-1, 2),
        default=None if first is None else first.outer,
        alarm=None if better is None else (float(better.trial), better.outer),
        xlim=(-0.015 * right, 1.015 * right),
        ylim=units.fitted(np.array([*known, *(w.validation for w in path)], float), 0.12),
        worse_low=maximise,
        ylabel=measure,
        summary=_summary(overtuning, path),
    )


def _steps(path: list[WatchedIncumbent], name: str, last: int) -> np.ndarray:
    """Corners of the step line of one of the scores."""
    if not path:
        return np.empty((0, 2))
    return draw.step_corners([w.trial for w in path], [getattr(w, name) for w in path], last)


def _band(path: list[WatchedIncumbent], noise: list[float], last: int) -> np.ndarray:
    if not path:
        return np.empty((0, 2))
    at = [w.trial for w in path]
    middle, wide = np.array([w.outer for w in path]), np.array(noise)
    there, back = (draw.step_corners(at, middle + side * wide, last) for side in (-1, 1))
    return np.concatenate([there, back[::-1]])


def _summary(overtuning: Overtuning, path: list[WatchedIncumbent]) -> str:
    if not path:
        return "No outer score has been watched."
    if overtuning.alarm is not None:
        return overtuning.alarm.sentence
    words = f"Outer score {score(path[-1].outer)}, validation score {score(path[-1].validation)}"
    if overtuning.overtuning:
        return f"{words}; an earlier best was better outside, but by no more than noise."
    return f"{words}; no earlier best was better outside."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw validation and outer score of the best so far as step lines, with a band and a mark."""
    style_axes(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlabel("trial")
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    axes.set_ylabel(prepared.ylabel)
    behind = background(axes, theme)
    band = [prepared.band] if len(prepared.band) else []
    draw.bars(axes, band, facecolors=mix(behind, theme.accent, 0.18), zorder=1.6)
    miter = {"solid_joinstyle": "miter"}
    draw.line(axes, theme.muted, 2, *prepared.validation.T, zorder=2.5, **miter)
    draw.line(axes, theme.accent, 2.5, *prepared.outer.T, zorder=3, **miter)
    draw.dots(axes, theme.accent, *prepared.changes.T, size=6, zorder=3.5, clip_on=False)
    scores.DefaultLine(axes, theme).show(prepared.default, worse_low=prepared.worse_low)
    if prepared.alarm is not None:
        x, y = prepared.alarm
        ring = {"markerfacecolor": "none", "markeredgewidth": points(2.2), "clip_on": False}
        draw.dots(axes, theme.bad, [x], [y], size=13, zorder=4, **ring)
    draw.labels(axes, theme, _words(prepared, theme), halo=behind)
    empty = not len(prepared.outer)
    draw.message(axes, theme, prepared.summary if empty else "")
    axes.yaxis.set_visible(not empty)
    axes.xaxis.set_visible(not empty)


def _words(prepared: Prepared, theme: Theme) -> list[Label]:
    """Words at the ends of the lines, apart from each other, and at what is better."""
    if not len(prepared.outer):
        return []
    (x, inside), outside = prepared.validation[-1], prepared.outer[-1, 1]
    up = 1 if inside >= outside else -1
    side = scores.inner_side(x, prepared.xlim)
    labels = []
    for y, words, colour, way in (
        (inside, f"validation {score(inside)}", theme.muted, up),
        (outside, f"test {score(outside)}", theme.accent, -up),
    ):
        vertical = "bottom" if way > 0 else "top"
        labels.append(
            Label(x, y, words, colour, side, vertical, shift=(0, 5 * way), bold=way == -up)
        )
    if prepared.alarm is not None:
        place = prepared.alarm
        near = scores.inner_side(place[0], prepared.xlim)
        words = f"better outside: {score(place[1])}"
        higher = prepared.worse_low
        labels.append(
            Label(
                *place,
                words,
                theme.bad,
                near,
                "bottom" if higher else "top",
                shift=(10 if near == "left" else -10, 8 if higher else -8),
                bold=True,
            )
        )
    return labels


def _of_search(search: SearchSource) -> Prepared:
    found, snapshot = search.answer("overtuning"), search.snapshot
    return prepare(
        found if found is not None else Overtuning(()),
        trials=snapshot.number.size,
        measure=snapshot.measure_label,
        maximise=snapshot.maximise,
        planned=snapshot.planned,
    )


PICTURE = Picture(
    id="overtuning",
    title="Overtuning",
    short="Test score",
    prepare=_of_search,
    paint=paint,
    pages=("watched", "cards"),
    asks="Trust",
    order=30,
)
