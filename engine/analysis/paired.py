"""Two contenders tried on the same things: do they differ?

`corrected_t` is for repetitions on one table, which share most of their rows; `signed_rank` is for
several data sets, each one observation. `rank_biserial` says how large a difference is, for
comparing across tables. `holm` makes up for asking more than once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LEVEL = 0.05
"""Chance of a false alarm that all tests of one question may have together."""


@dataclass(frozen=True)
class MeanDifference:
    """A mean of paired differences, how sure it is, and whether it may be 0.

    Attributes:
        mean: of the differences.
        low, high: bounds of a ``1 - level`` interval.
        spread: standard deviation of the differences.
        p: two-sided.
        repetitions: differences that it rests on.
    """

    mean: float
    low: float
    high: float
    spread: float
    p: float
    repetitions: int


def corrected_t(differences: np.ndarray, ratio: float, level: float = LEVEL) -> MeanDifference:
    """The corrected resampled t-test of Nadeau and Bengio (2003, Machine Learning 52, p. 239).

    Repetitions that draw their rows from one table are not independent, and a plain t-test finds
    differences that are not there. Here the variance of the mean of R differences is estimated as
    ``(1/R + ratio) s^2``, which is right when two repetitions correlate by
    ``ratio / (1 + ratio)``, the share of rows that are tested on.

    Differences that are all the same have no spread to judge by; the sign test then gives p.

    Args:
        differences: shape (R,), finite, R > 1.
        ratio: rows tested on over rows trained on; 0 for repetitions that share none.
        level: of the interval's misses.

    Raises:
        ValueError: with fewer than two differences or a negative ratio.
    """
    from scipy.special import stdtr, stdtrit

    count = differences.size
    if count < 2 or not ratio >= 0:
        raise ValueError(f"{count} differences, ratio {ratio}")
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread <= 1e-12 * float(np.abs(differences).max()):
        p = 1.0 if mean == 0 else 2.0 ** (1 - count)
        return MeanDifference(mean, mean, mean, 0.0, p, count)
    error = math.sqrt(1 / count + ratio) * spread
    half = float(stdtrit(count - 1, 1 - level / 2)) * error
    p = 2 * float(stdtr(count - 1, -abs(mean) / error))
    return MeanDifference(mean, mean - half, mean + half, spread, p, count)


@dataclass(frozen=True)
class SignedRank:
    """Sums of the ranks of positive and negative differences, and Wilcoxon's two-sided p-value."""

    positive: float
    negative: float
    p: float


def signed_rank(differences: np.ndarray) -> SignedRank:
    """Wilcoxon's signed-rank test, exact with ties and zeros.

    Ranks of zeros are split evenly between both sums, as in Demsar (2006), section 3.1.3, rather
    than dropped: equal results speak for equality. The p-value is how often random signs of the
    others give sums as far apart, counted by convolution over doubled ranks, which are whole.

    Args:
        differences: shape (n,), finite, n from 1 to some hundreds.
    """
    from scipy.stats import rankdata

    doubled = np.rint(2 * rankdata(np.abs(differences))).astype(int)
    zero = differences == 0
    shared = float(doubled[zero].sum()) / 4
    signed = doubled[~zero]
    null = np.zeros(signed.sum() + 1)
    null[0] = 1.0
    for rank in signed:
        null /= 2
        null[rank:] += null[: null.size - rank].copy()
    positive = int(signed[differences[~zero] > 0].sum())
    tail = min(null[: positive + 1].sum(), null[positive:].sum())
    negative = int(signed.sum()) - positive
    return SignedRank(positive / 2 + shared, negative / 2 + shared, float(min(1.0, 2 * tail)))


def rank_biserial(differences: np.ndarray) -> float:
    """Matched-pairs rank-biserial correlation, an effect size without units (Kerby 2014).

    The share of the rank sum that speaks for a positive difference minus the share against: 1 when
    all are positive, 0 when both sides weigh the same. It keeps the pairing, which is what the
    tests rest on, and one wild repetition does not carry it.

    Args:
        differences: shape (n,), finite, n > 0.
    """
    sums = signed_rank(differences)
    return (sums.positive - sums.negative) / (sums.positive + sums.negative)


def holm(p: np.ndarray) -> np.ndarray:
    """p-values corrected for their number by Holm's step-down rule (1979), shape (m,).

    Those below a level may all be believed with that chance of even one false alarm among them.
    """
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    corrected = np.empty(p.size)
    corrected[order] = np.minimum(steps, 1.0)
    return corrected
