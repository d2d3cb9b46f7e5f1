"""Parts of pictures of gradient runs: groups, the axis of hyper-steps, a log axis."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from engine.domain.hypergradients import Tuning
from engine.plots.picture import SearchSource
from engine.plots.ranges import HUGE, count_limit
from engine.plots.style import LogNumbers, Numbers

WIDE = 8.0
"""How many times the least the most is, from which an axis of losses is logarithmic."""

AS_IT_STANDS = "As it stands at hyper-step {number:,}"
"""Words below a picture of tuned values."""


def groups_by(tuning: Tuning | None, *layouts: str) -> list[tuple[str, str]]:
    """Name and label of the groups whose numbers belong to one of ``layouts``."""
    groups = tuning.groups if tuning is not None else ()
    return [(group.name, group.label) for group in groups if group.layout in layouts]


def group_label(search: SearchSource) -> str:
    """Label of the group that is looked at."""
    tuning = search.answer("tuning")
    groups = tuning.groups if tuning is not None else ()
    return next((group.label for group in groups if group.name == search.choice), "Values")


def span(last: int, planned: int | None) -> tuple[float, float]:
    """Limits of the axis of hyper-steps, the last of which is ``last``."""
    right = count_limit(last + 1, planned)
    return -0.015 * right, 1.015 * right


def label_axis(axes: Axes) -> None:
    """Whole numbers along the axis of hyper-steps."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlabel("hyper-step")


def usable(values: np.ndarray, *, log: bool = False) -> np.ndarray:
    """Mask of the ``values`` that have a place on an axis, of the same shape."""
    with np.errstate(invalid="ignore"):
        return (np.abs(values) < HUGE) & ((values > 0) | (not log))


def log_range(values: np.ndarray) -> tuple[float, float]:
    """Logarithmic limits for ``values`` of any shape, on 1, 2 or 5 times a power of ten."""
    kept = values[usable(values, log=True)]
    if not kept.size:
        return 0.1, 1.0
    low, high = _below(float(kept.min())), _above(float(kept.max()))
    return (low / 2, high * 2) if low == high else (low, high)


def _below(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(f * power for f in (0.5, 1, 2, 5) if f * power <= value)


def _above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return min(f * power for f in (1, 2, 5, 10, 20) if f * power >= value)


def scale_y(axes: Axes, low: float, high: float, *, log: bool) -> None:
    """Set scale and limits of the axis of values, and a few ticks.

    Args:
        axes: axes whose y axis it is.
        low: lower limit, above 0 on a log scale.
        high: upper limit.
        log: whether the scale is logarithmic.
    """
    axis = axes.yaxis
    if log != (axes.get_yscale() == "log"):
        axes.set_yscale("log" if log else "linear")
    axes.set_ylim(low, high)
    if log:
        wide = math.log10(high / low) >= 3
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=12))
        axis.set_major_formatter(LogNumbers(labelOnlyBase=wide, minor_thresholds=(math.inf, 1)))
    else:
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(Numbers())
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
