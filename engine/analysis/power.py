"""Power analysis: the smallest difference that R repetitions can show, and the repetitions needed
for a given one.

All for the test of `paired.corrected_t`: with R repetitions its statistic follows the noncentral t
distribution with R - 1 degrees of freedom and noncentrality ``|difference| / (spread sqrt(1/R +
ratio))``. As repetitions share rows, the root does not fall below ``sqrt(ratio)``: beyond some
point more repetitions add no power, and only more rows or other tables would.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

POWER = 0.8
"""Power at which a difference counts as detectable."""
MOST = 1_000
"""Largest number of repetitions considered."""


def power(
    difference: float, spread: float, repetitions: int, ratio: float, level: float = 0.05
) -> float:
    """Compute the probability that the test detects a true ``difference``.

    Args:
        difference: mean of the paired differences.
        spread: their standard deviation, as estimated within repetitions of one table, > 0.
        repetitions: R > 1.
        ratio: test rows over training rows.
        level: significance level, two-sided.

    Returns:
        A probability.
    """
    shift = abs(difference) / (spread * math.sqrt(1 / repetitions + ratio))
    return _chance(shift, repetitions, level)


def detectable(
    spread: float, repetitions: int, ratio: float, level: float = 0.05, wanted: float = POWER
) -> float:
    """Compute the smallest true difference that the test detects with power ``wanted``.

    Args:
        spread: standard deviation of the paired differences, > 0.
        repetitions: R > 1.
        ratio: test rows over training rows.
        level: significance level, two-sided.
        wanted: power.

    Returns:
        In the measure's units.
    """
    return spread * math.sqrt(1 / repetitions + ratio) * _shift(repetitions, level, wanted)


def repetitions_needed(
    difference: float,
    spread: float,
    ratio: float,
    level: float = 0.05,
    wanted: float = POWER,
    most: int = MOST,
) -> int | None:
    """Compute the number of repetitions with which the test detects a true ``difference``.

    Args:
        difference: mean of the paired differences.
        spread: their standard deviation, > 0.
        ratio: test rows over training rows.
        level: significance level, two-sided.
        wanted: power.
        most: largest number considered.

    Returns:
        At least 2; None where even ``most`` are too few, as when the difference is 0 or small
        compared with the variance due to shared rows.
    """
    if difference == 0 or power(difference, spread, most, ratio, level) < wanted:
        return None
    low, high = 1, most
    # Power grows with the repetitions, so bisection finds the first that is enough.
    while high - low > 1:
        middle = (low + high) // 2
        if power(difference, spread, middle, ratio, level) >= wanted:
            high = middle
        else:
            low = middle
    return high


def _chance(shift: float, repetitions: int, level: float) -> float:
    """Probability that a statistic of noncentrality ``shift`` exceeds its critical values."""
    from scipy.stats import nct, t

    # Two-sided: the critical value is exceeded upwards or downwards.
    bar = float(t.ppf(1 - level / 2, repetitions - 1))
    # Certain to the last digit, and too far out for scipy's noncentral t.
    if shift > bar + 35:
        return 1.0
    # The other tail, a verdict of the wrong sign: scipy gives NaN where it is below 1e-15.
    wrong = np.nan_to_num(nct.cdf(-bar, repetitions - 1, shift))
    return float(np.clip(nct.sf(bar, repetitions - 1, shift) + wrong, 0.0, 1.0))


@cache
def _shift(repetitions: int, level: float, wanted: float) -> float:
    """Noncentrality that is detected with power ``wanted``."""
    from scipy.optimize import root_scalar

    def short(shift: float) -> float:
        return wanted - _chance(shift, repetitions, level)

    high = 8.0
    # An upper end of the bracket: power rises to 1 with the noncentrality.
    while short(high) > 0:
        high *= 2
    return float(root_scalar(short, bracket=(0.0, high)).root)
