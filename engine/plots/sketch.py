"""How a method spends its budget, as a sketch on its card: scores in the order of evaluations.

Each method declares its own (`engine.domain.cards.Sketch`). They are shaped, not measured:
evaluations of an easy problem, with the pattern that the method's rules give. Small dots are those
that cost less than a full one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.domain.cards import Sketch
from engine.plots.picture import Picture
from engine.plots.style import Theme, points

FULL = 1000
"""Thousandths, in which sketches are declared."""
_WIDTHS = (2.4, 5.6)
"""Widths in pixels of the cheapest evaluation's dot and of a full one's; 4 where all are full."""
_PLAIN = 4.0


@dataclass(frozen=True)
class Prepared:
    """Evaluations from left to right, good ones up, in the unit square; what they cost; words.

    Attributes:
        dots: shape (k, 2).
        cost: shape (k,), in full evaluations, in (0, 1].
        summary: words.
    """

    dots: np.ndarray
    cost: np.ndarray
    summary: str


def prepare(sketch: Sketch) -> Prepared:
    """Read positions and costs of the dots from the text of ``sketch``."""
    pairs = [dot.partition(":") for dot in sketch.dots.split()]
    heights = np.array([int(height) for height, _, _ in pairs]) / FULL
    cost = np.array([int(cost or FULL) for _, _, cost in pairs]) / FULL
    dots = np.column_stack([np.linspace(0, 1, len(pairs)), heights.clip(0, 1)])
    return Prepared(dots, cost, sketch.summary)


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a dot for each evaluation, small ones for evaluations that cost less than a full one."""
    axes.set_axis_off()
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(-0.08, 1.08)
    sizes = points(1) ** 2 * _widths(prepared.cost) ** 2
    axes.scatter(*prepared.dots.T, s=sizes, color=theme.muted, linewidths=0, clip_on=False)


def _widths(cost: np.ndarray) -> np.ndarray:
    """Widths of dots in pixels: areas in steps with the cost, so that thirds can be told apart."""
    if not cost.size or cost.min() == 1:
        return np.full(cost.size, _PLAIN)
    least, most = _WIDTHS
    share = 1 + np.log(cost) / -np.log(cost.min())
    return least + (most - least) * share


PICTURE = Picture(
    id="sketch",
    title="How the method spends its budget",
    help="method",
    prepare=prepare,
    paint=paint,
    pages=("forms",),
    order=402,
)
