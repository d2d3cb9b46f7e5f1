"""Paired tests: do two contenders evaluated on the same things differ?

`corrected_t` is for repetitions on one table, which share most of their rows; `signed_rank` for
several data sets, each one observation. `rank_biserial` is the effect size that compares across
tables; `holm` corrects for multiple tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LEVEL = 0.05
"""Family-wise error rate of all tests of one question."""


@dataclass(frozen=True)
class MeanDifference:
    """Mean of paired differences with its interval and test.

    Attributes:
        mean: of the differences.
        low, high: bounds of a ``1 - level`` interval.
        spread: standard deviation of the differences.
        p: two-sided p-value.
        repetitions: number of differences.
    """

    mean: float
    low: float
    high: float
    spread: float
    p: float
    repetitions: int


def corrected_t(differences: np.ndarray, ratio: float, level: float = LEVEL) -> MeanDifference:
    """Apply the corrected resampled t-test of Nadeau and Bengio (2003, Machine Learning 52, p.
    239).

    Repetitions that draw their rows from one table are not independent, and a plain t-test finds
    differences that don't exist. The variance of the mean of R differences is estimated as ``(1/R +
    ratio) s^2``, which is right when two repetitions correlate by ``ratio / (1 + ratio)``, the
    share of rows that are tested on.

    Differences that are all the same have no variance to test against; the sign test then gives p.

    Args:
        differences: shape (R,), finite, R > 1.
        ratio: test rows over training rows; 0 for repetitions that share none.
        level: the interval has confidence ``1 - level``.

    Returns:
        Mean, interval and two-sided p-value with R - 1 degrees of freedom.

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
    # Nadeau and Bengio: the second term does not shrink with more repetitions, as they share rows.
    error = math.sqrt(1 / count + ratio) * spread
    half = float(stdtrit(count - 1, 1 - level / 2)) * error
    p = 2 * float(stdtr(count - 1, -abs(mean) / error))
    return MeanDifference(mean, mean - half, mean + half, spread, p, count)


@dataclass(frozen=True)
class SignedRank:
    """Rank sums of the positive and negative differences, and Wilcoxon's two-sided p-value."""

    positive: float
    negative: float
    p: float


def signed_rank(differences: np.ndarray) -> SignedRank:
    """Apply Wilcoxon's signed-rank test, exact with ties and zeros.

    Ranks of zeros are split evenly between both sums, as in Demsar (2006), section 3.1.3, rather
    than dropped: equal results are evidence of equality. The null distribution over random signs of
    the others is counted exactly, by convolution over doubled ranks, which are whole numbers.

    Args:
        differences: shape (n,), finite, n from 1 to some hundreds.

    Returns:
        Both rank sums and the two-sided p-value.
    """
    from scipy.stats import rankdata

    doubled = np.rint(2 * rankdata(np.abs(differences))).astype(int)
    zero = differences == 0
    shared = float(doubled[zero].sum()) / 4
    signed = doubled[~zero]
    # null[s] is the probability that the positive ranks add up to s, with one sign added at a time.
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
    """Compute the matched-pairs rank-biserial correlation, an effect size without units (Kerby
    2014).

    The share of the rank sum in favour of a positive difference minus the share against: 1 when all
    are positive, 0 when both sides weigh the same. It keeps the pairing, on which the tests rest,
    and is robust to a single extreme repetition.

    Args:
        differences: shape (n,), finite, n > 0.

    Returns:
        From -1 to 1.
    """
    sums = signed_rank(differences)
    return (sums.positive - sums.negative) / (sums.positive + sums.negative)


def holm(p: np.ndarray) -> np.ndarray:
    """Correct p-values for their number by Holm's step-down procedure (Holm 1979).

    Args:
        p: shape (m,).

    Returns:
        Adjusted p-values, shape (m,): rejecting those below a level keeps the family-wise error
        rate at that level.
    """
    order = np.argsort(p, kind="stable")
    # The i-th smallest of m is multiplied by m - i + 1, and never falls below one before it.
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    corrected = np.empty(p.size)
    corrected[order] = np.minimum(steps, 1.0)
    return corrected
