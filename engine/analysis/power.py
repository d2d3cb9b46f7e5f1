"""How large a difference the repetitions can show, and how many would show a given one.

All for the test of `paired.corrected_t`: with R repetitions its statistic follows the noncentral t
distribution with R - 1 degrees of freedom and noncentrality ``|difference| / (spread sqrt(1/R +
ratio))``. As repetitions share rows, the root does not fall below ``sqrt(ratio)``: beyond some
point more repetitions tell nothing, and only more rows or other tables would.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

POWER = 0.8
"""Chance of finding a difference that is announced with "would settle it"."""
MOST = 1_000
"""Repetitions beyond which nobody goes."""


def power(
    difference: float, spread: float, repetitions: int, ratio: float, level: float = 0.05
) -> float:
    """Chance that the test finds a true ``difference``.

    Args:
        difference: mean of the paired differences.
        spread: their standard deviation, as estimated within repetitions of one table, > 0.
        repetitions: R > 1.
        ratio: rows tested on over rows trained on.
        level: at which the test is made, two-sided.
    """
    shift = abs(difference) / (spread * math.sqrt(1 / repetitions + ratio))
    return _chance(shift, repetitions, level)


def detectable(
    spread: float, repetitions: int, ratio: float, level: float = 0.05, wanted: float = POWER
) -> float:
    """The smallest true difference that the test finds with the chance ``wanted``."""
    return spread * math.sqrt(1 / repetitions + ratio) * _shift(repetitions, level, wanted)


def repetitions_needed(
    difference: float,
    spread: float,
    ratio: float,
    level: float = 0.05,
    wanted: float = POWER,
    most: int = MOST,
) -> int | None:
    """Repetitions with which the test finds a true ``difference`` with the chance ``wanted``.

    Returns:
        At least 2; None where even ``most`` would not do, as when the difference is 0 or small
        beside what rows in common leave open.
    """
    if difference == 0 or power(difference, spread, most, ratio, level) < wanted:
        return None
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        if power(difference, spread, middle, ratio, level) >= wanted:
            high = middle
        else:
            low = middle
    return high


def _chance(shift: float, repetitions: int, level: float) -> float:
    """Chance that a statistic of noncentrality ``shift`` is beyond its critical values."""
    from scipy.stats import nct, t

    bar = float(t.ppf(1 - level / 2, repetitions - 1))
    if shift > bar + 35:
        return 1.0
    # The other tail, a verdict of the wrong sign: scipy gives NaN where it is below 1e-15.
    wrong = np.nan_to_num(nct.cdf(-bar, repetitions - 1, shift))
    return float(np.clip(nct.sf(bar, repetitions - 1, shift) + wrong, 0.0, 1.0))


@cache
def _shift(repetitions: int, level: float, wanted: float) -> float:
    """The noncentrality that is found with the chance ``wanted``."""
    from scipy.optimize import root_scalar

    def short(shift: float) -> float:
        return wanted - _chance(shift, repetitions, level)

    high = 8.0
    while short(high) > 0:
        high *= 2
    return float(root_scalar(short, bracket=(0.0, high)).root)
