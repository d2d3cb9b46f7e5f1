"""How a method spends its budget, as a sketch on its card: scores in the order of trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from engine.plots import marks
from engine.plots.style import Theme, styled

_TRIALS = 28


@dataclass(frozen=True)
class Prepared:
    """Dots in the unit square, shape (k, 2): trials from left to right, good ones up; words."""

    dots: np.ndarray
    summary: str


def prepare(key: str) -> Prepared:
    """The sketch called ``key`` (one of `KEYS`); an unknown one is empty."""
    if key not in _SKETCHES:
        return Prepared(np.empty((0, 2)), "")
    heights, summary = _SKETCHES[key]
    return Prepared(np.column_stack([np.linspace(0, 1, _TRIALS), heights()]), summary)


def _random() -> np.ndarray:
    """Heights all over the place, first to last."""
    return np.random.default_rng(5).permutation(np.linspace(0, 1, _TRIALS))


def _tpe() -> np.ndarray:
    """A few scattered trials, then denser and denser around what was good."""
    random = np.random.default_rng(12)
    learnt = np.clip((np.arange(_TRIALS) - 5) / (_TRIALS - 6), 0, 1)
    near_good = 0.5 + 0.4 * np.sqrt(learnt) + random.normal(0, 0.2 - 0.14 * learnt)
    return np.where(learnt > 0, near_good, random.uniform(0, 1, _TRIALS)).clip(0, 1)


_SKETCHES: dict[str, tuple[Callable[[], np.ndarray], str]] = {
    "random": (_random, "Trials spread evenly over all scores, from the first to the last."),
    "tpe": (_tpe, "A few scattered trials, then more and more of them near the best."),
}

KEYS: tuple[str, ...] = tuple(_SKETCHES)
"""The sketches there are."""


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    dots: Line2D


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the sketch on ``axes``."""
    with styled(theme):
        if artists is None or artists.theme != theme:
            marks.begin(axes)
            axes.set_axis_off()
            axes.set_xlim(-0.04, 1.04)
            axes.set_ylim(-0.08, 1.08)
            artists = Artists(theme, marks.dots(axes, theme.muted, size=4, clip_on=False))
        artists.dots.set_data(prepared.dots[:, 0], prepared.dots[:, 1])
    return artists
