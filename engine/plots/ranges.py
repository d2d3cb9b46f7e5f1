"""Axis ranges that hold still: they grow in steps, and a few awful scores don't flatten others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

HUGE = 1e200
"""A score beyond this is drawn at the edge: spans of such numbers overflow."""
TINY = 1e-200
"""Scores closer together than this are one: steps between them underflow."""

_FAR = 8.0
"""How many times farther from the median than the best a score may lie before it is cut off."""
_MOST_CUT = 0.05
"""Largest share of the scores that may be cut off."""
_ROOM = 0.4
"""Scores are cut off only if the others would otherwise fill less than this share of the height."""


@dataclass(frozen=True)
class ScoreRange:
    """A range of scores for an axis.

    Attributes:
        low, high: limits of the axis, ``low < high``.
        cut_low, cut_high: scores beyond these are shown as marks at the edge.
    """

    low: float
    high: float
    cut_low: float = -HUGE
    cut_high: float = HUGE

    def is_cut(self, values: np.ndarray) -> np.ndarray:
        """Mask of the finite or infinite ``values`` beyond the cuts; NaN is never cut."""
        return (values < self.cut_low) | (values > self.cut_high)

    def shown(self, values: np.ndarray) -> np.ndarray:
        """Mask of the ``values`` that have a place on the axis."""
        return (values >= self.cut_low) & (values <= self.cut_high)


def score_range(values: np.ndarray, maximise: bool, reference: float = math.nan) -> ScoreRange:
    """The range of an axis of scores: robust, with room at both ends, its ends on round numbers.

    The best score and ``reference`` always fit. At the worse end, scores are cut off when they are
    far out (`_FAR`), few (`_MOST_CUT`) and would squeeze the others (`_ROOM`).

    Args:
        values: shape (n,), with NaN where there is no score.
        maximise: whether larger is better.
        reference: one more value that must fit, unless it is NaN.
    """
    flip = 1.0 if maximise else -1.0
    usable = flip * values[np.abs(values) < HUGE]
    extra = [flip * reference] if abs(reference) < HUGE else []
    cut = _worst_shown(usable, extra)
    kept = np.concatenate([usable[usable >= cut], extra])
    if not kept.size:
        return ScoreRange(0.0, 1.0)
    low, high = stepped(float(kept.min()), float(kept.max()))
    room = 0.09 * (high - low)
    low, high = low - room, high + room
    if maximise:
        return ScoreRange(low, high, cut_low=cut)
    return ScoreRange(-high, -low, cut_high=-cut)


def _worst_shown(usable: np.ndarray, extra: list[float]) -> float:
    """Where to cut at the worse (lower) end; ``-HUGE`` for nowhere."""
    if usable.size < 3:
        return -HUGE
    best, median = float(usable.max()), float(np.median(usable))
    reach = best - median or float(np.subtract(*np.percentile(usable, [75, 25])))
    if reach == 0:
        return -HUGE
    cut = min(median - _FAR * reach, float(np.quantile(usable, _MOST_CUT)), *extra)
    kept = usable[usable >= cut]
    squeezed = best - kept.min() < _ROOM * (best - usable.min())
    return cut if squeezed else -HUGE


def stepped(low: float, high: float) -> tuple[float, float]:
    """The range from ``low`` to ``high``, widened to multiples of a round step (about 5 of them).

    Equal ends are widened by one in a hundred, and at least by 0.01.
    """
    if high - low <= max(1e-12 * max(abs(low), abs(high)), TINY):
        margin = max(abs(low) * 0.01, 0.01)
        low, high = low - margin, high + margin
    step = round_step((high - low) / 5)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def round_step(size: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least ``size`` (> 0)."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(f * power for f in (1, 2, 5, 10, 20) if f * power >= size * (1 - 1e-9))


def count_limit(count: int, planned: int | None = None) -> int:
    """How far an axis of ``count`` trials reaches: in steps of about 1.4, at most to ``planned``.

    At least 20, so that the first trials don't make the axis jump.
    """
    limit = 20
    for limit in _count_steps():
        if limit >= count:
            break
    if planned is not None and count <= planned < limit:
        return max(planned, 1)
    return limit


def _count_steps():
    power = 10
    while True:
        for factor in (1, 1.4, 2, 3, 4, 6, 8):
            if (step := int(factor * power)) >= 20:
                yield step
        power *= 10
