"""Intervals by resampling repetitions, and of medians without it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

RESAMPLES = 2_000


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[..., np.ndarray] = np.mean,
    *,
    level: float = 0.05,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """The percentile bootstrap's interval of ``statistic``, ``np.mean`` or ``np.median``.

    It takes the values for independent: of repetitions that share rows it is too narrow for a
    verdict on new rows (`paired.corrected_t` has one), and describes these rows.

    Args:
        values: shape (n,), finite, n > 0.
        statistic: called with an array of shape (resamples, n) and ``axis=1``.
        level: share of resamples left outside.
    """
    random = np.random.default_rng(seed)
    drawn = random.choice(values, size=(resamples, values.size))
    low, high = np.percentile(statistic(drawn, axis=1), [50 * level, 100 - 50 * level])
    return float(low), float(high)


def median_places(count: int, level: float = 0.05) -> tuple[int, int]:
    """Places, from 0, of the sorted values between which the median lies, whatever they are like.

    From the binomial distribution: as near to the middle as keeps the misses to ``level`` (David
    and Nagaraja 2003, section 7.1). Of fewer than six values it is all of them, and the median lies
    outside in ``2^(1 - count)`` of all cases: 1 in 16 with five.
    """
    cut, missed = 0, 1 / 2 ** (count - 1)
    while (missed := missed + math.comb(count, cut + 1) / 2 ** (count - 1)) <= level:
        cut += 1
    return cut, count - 1 - cut
