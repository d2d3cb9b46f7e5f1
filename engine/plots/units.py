"""Axes of hyperparameters in the unit interval: every scale and kind alike, with ticks at round
values of the hyperparameter's own."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from engine.plots import draw
from engine.plots.style import number
from engine.space import Categorical, Integer, Parameter, Value

Ticks = tuple[tuple[float, str], ...]
"""Places from 0 to 1, and their words."""


def place(parameter: Parameter, value: object) -> float:
    """Place of ``value`` on the axis, 0 to 1; NaN if it is not possible."""
    if not parameter.contains(value):
        return math.nan
    return parameter.to_unit(value)  # type: ignore[arg-type]


def ticks(parameter: Parameter, most: int = 6, letters: int = 12) -> Ticks:
    """Ticks of a hyperparameter's axis.

    Args:
        parameter: whose axis it is.
        most: about so many ticks at most.
        letters: most characters of the words at a tick.

    Returns:
        Place, 0 to 1, and words of each.
    """
    if isinstance(parameter, Categorical):
        every = math.ceil(len(parameter.choices) / most)
        return tuple(
            (parameter.to_unit(c), draw.shorten(word(c), letters))
            for i, c in enumerate(parameter.choices)
            if i % every == 0
        )
    low, high = float(parameter.low), float(parameter.high)
    if low == high:
        return ((0.5, number(low)),)
    whole = isinstance(parameter, Integer)
    if parameter.log and high / low >= 10:
        values = _powers(low, high, most)
        if len(values) < 2:
            values = [low, *values, high]
    else:
        found = MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=whole).tick_values(low, high)
        values = [v for v in found if low <= v <= high]
    kept = sorted({round(v) for v in values}) if whole else values
    return tuple((parameter.to_unit(v), number(float(v), 3)) for v in kept)  # type: ignore[arg-type]


def _powers(low: float, high: float, most: int) -> list[float]:
    """Powers of ten from ``low`` to ``high``, every so many that there are at most ``most``."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(math.ceil((last - first + 1) / most), 1)
    return [min(max(10.0**p, low), high) for p in range(first, last + 1, step)]


def word(value: Value) -> str:
    """A value as pictures show it."""
    if isinstance(value, float):
        return number(value, 3)
    return str(value)


def set_ticks(axis: Axis, shown: Ticks) -> None:
    """Give ``axis`` exactly the ticks ``shown``."""
    axis.set_major_locator(FixedLocator([at for at, _ in shown]))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels([text for _, text in shown])


def fitted(values: np.ndarray, room: float = 0.07) -> tuple[float, float]:
    """Limits that hold the finite ``values``, (n,), with a share of ``room`` at both ends."""
    usable = values[np.isfinite(values)]
    if not usable.size:
        return 0.0, 1.0
    low, high = float(usable.min()), float(usable.max())
    margin = room * (high - low) or max(abs(low) * 0.01, 0.01)
    return low - margin, high + margin
