"""Statistical tests of a race: which configurations are worse than the best, split by split.

Every function takes ``costs``, a matrix of shape (n, k): a row for each split (fold) that all have
been evaluated on, a column for each configuration, smaller is better. Splits are blocks, since a
hard fold is hard for all. The rules are those of irace (Lopez-Ibanez et al. 2016, section 3.3).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

Test = Literal["friedman", "t", "t_holm", "t_bonferroni"]


def losers(costs: np.ndarray, test: Test, confidence: float) -> np.ndarray:
    """Apply ``test`` to find the configurations worse than the best.

    The rank test compares two by Wilcoxon and more by Friedman. With fewer than two splits or
    configurations there is nothing to test.

    Args:
        costs: shape (n, k).
        test: which one, with its correction for multiple comparisons.
        confidence: 1 minus the significance level.

    Returns:
        Boolean, shape (k,).
    """
    n, k = costs.shape
    if n < 2 or k < 2:
        return np.zeros(k, dtype=bool)
    if test == "friedman":
        return (wilcoxon_losers if k == 2 else friedman_losers)(costs, confidence)
    return t_losers(costs, confidence, test.removeprefix("t").removeprefix("_"))


def ranks(costs: np.ndarray) -> np.ndarray:
    """Ranks within each split from 1, shape (n, k); equals share the mean of their ranks."""
    found = np.empty(costs.shape)
    for i, row in enumerate(costs):
        ordered = np.sort(row)
        below = np.searchsorted(ordered, row, side="left")
        found[i] = (below + np.searchsorted(ordered, row, side="right") + 1) / 2
    return found


def friedman(costs: np.ndarray) -> tuple[float, float]:
    """Friedman's statistic, corrected for ties, and its p-value by chi-square with k - 1 degrees.

    With rank sums ``R_j``: ``12 sum (R_j - n(k+1)/2)^2 / (n k (k+1) - sum (t^3 - t) / (k - 1))``,
    ``t`` being the sizes of the groups of ties (Conover 1999, section 5.8). NaN and 1 where all are
    equal in every split.
    """
    from scipy.special import chdtrc

    n, k = costs.shape
    # Conover (1999), section 5.8, on rank sums.
    spread = 12 * np.sum((ranks(costs).sum(axis=0) - n * (k + 1) / 2) ** 2)
    ties = [np.unique(row, return_counts=True)[1] for row in costs]
    correction = sum(float(np.sum(t**3 - t)) for t in ties) / (k - 1)
    # Ties shrink the variance of the ranks; with ties everywhere nothing is left of it.
    scale = n * k * (k + 1) - correction
    if scale <= 1e-9 * n * k:
        return math.nan, 1.0
    statistic = float(spread / scale)
    return statistic, float(chdtrc(k - 1, statistic))


def conover_threshold(ranked: np.ndarray, confidence: float) -> float:
    """How far two rank sums must lie apart to differ, given ``ranked``, shape (n, k).

    ``t * sqrt(2 (n A - sum R_j^2) / ((n-1)(k-1)))`` with ``A`` the sum of all squared ranks and
    ``t`` the two-sided Student quantile with (n-1)(k-1) degrees (Conover 1999, p. 371). Meant for
    after a significant Friedman test.
    """
    from scipy.special import stdtrit

    n, k = ranked.shape
    degrees = (n - 1) * (k - 1)
    # n A - sum R_j^2: the squared ranks that differences between configurations don't explain.
    unexplained = n * np.sum(ranked**2) - np.sum(ranked.sum(axis=0) ** 2)
    quantile = stdtrit(degrees, (1 + confidence) / 2)
    return float(quantile * math.sqrt(max(0.0, 2 * unexplained / degrees)))


def friedman_losers(costs: np.ndarray, confidence: float) -> np.ndarray:
    """Find configurations whose rank sum exceeds the smallest by more than Conover's threshold, if
    Friedman's test is significant.

    Args:
        costs: shape (n, k).
        confidence: of both tests.

    Returns:
        Boolean, shape (k,).
    """
    if friedman(costs)[1] >= 1 - confidence:
        return np.zeros(costs.shape[1], dtype=bool)
    ranked = ranks(costs)
    sums = ranked.sum(axis=0)
    return sums - sums.min() > conover_threshold(ranked, confidence)


def signed_rank(differences: np.ndarray) -> tuple[float, float]:
    """Wilcoxon's signed-rank statistic and its exact two-sided p-value, ties and all.

    Args:
        differences: shape (n,), n at most some hundreds; zeros are left out.

    Returns:
        The sum of the ranks of positive differences minus that of negative ones; and how often
        random signs give a sum that lies as far out (counted by convolution over doubled ranks,
        which are whole numbers).
    """
    nonzero = differences[differences != 0]
    doubled = np.rint(2 * ranks(np.abs(nonzero)[None])[0]).astype(int)
    null = np.zeros(doubled.sum() + 1)
    null[0] = 1.0
    for rank in doubled:
        null = null / 2
        # Distribution of the rank sum under random signs, one rank at a time.
        null[rank:] += null[: len(null) - rank].copy()
    positive = int(doubled[nonzero > 0].sum())
    tail = min(null[: positive + 1].sum(), null[positive:].sum())
    return float(positive - doubled.sum() / 2), float(min(1.0, 2 * tail))


def wilcoxon_losers(costs: np.ndarray, confidence: float) -> np.ndarray:
    """Test two configurations by the two-sided signed-rank test.

    As in irace no test is needed where one is nowhere better and somewhere worse.

    Args:
        costs: shape (n, 2).
        confidence: of the test.

    Returns:
        Boolean, shape (2,): the worse one, if it is significantly worse.
    """
    differences = costs[:, 0] - costs[:, 1]
    worse, better = np.any(differences > 0), np.any(differences < 0)
    if not (worse and better):
        return np.array([worse, better])
    balance, p = signed_rank(differences)
    return np.array([balance > 0, balance < 0]) & (p < 1 - confidence)


def t_losers(costs: np.ndarray, confidence: float, correction: str = "") -> np.ndarray:
    """Find configurations that a paired one-sided t-test finds worse than the one with the least
    mean.

    Where the differences do not vary, or the best is nowhere worse, the means decide, as in irace.

    Args:
        costs: shape (n, k).
        confidence: of the test.
        correction: for multiple tests: ``holm``, ``bonferroni`` or none.

    Returns:
        Boolean, shape (k,).
    """
    from scipy.special import stdtr

    n, k = costs.shape
    best = int(np.argmin(costs.mean(axis=0)))
    p = np.ones(k)
    for j in range(k):
        differences = costs[:, j] - costs[:, best]
        centre, spread = float(differences.mean()), float(differences.std(ddof=1))
        # Equal but for rounding.
        if centre <= 1e-12 * float(np.abs(costs[:, best]).mean()):
            continue
        constant = spread <= 1e-9 * centre
        dominated = bool(np.all(differences >= 0))
        p[j] = 0.0 if constant or dominated else stdtr(n - 1, -centre / (spread / math.sqrt(n)))
    others = np.arange(k) != best
    # The best is not compared with itself, so it does not count among the tests.
    p[others] = _adjusted(p[others], correction)
    return p < 1 - confidence


def _adjusted(p: np.ndarray, correction: str) -> np.ndarray:
    if correction == "bonferroni":
        return np.minimum(1.0, p * len(p))
    if correction == "holm":
        order = np.argsort(p)
        steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        return np.minimum(1.0, steps)[np.argsort(order)]
    return p
