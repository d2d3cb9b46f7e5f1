"""Several contenders on several data sets: Friedman's test and Nemenyi's critical difference.

After Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7, section
3.2.2. A data set is one observation, so a verdict generalises to data sets like these, not only to
new rows of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Friedman:
    """Result of the test whether any of k contenders differs on n data sets.

    Attributes:
        chi2, chi2_p: Friedman's statistic and its p-value with k - 1 degrees of freedom.
        f, f_p: Iman and Davenport's statistic, which is less conservative, with k - 1 and (k - 1)(n
            - 1) degrees of freedom; infinite and 0 where all data sets rank alike.
    """

    chi2: float
    chi2_p: float
    f: float
    f_p: float


def friedman(ranked: np.ndarray, *, ties: bool = True) -> Friedman:
    """Friedman's test on ranks within data sets.

    ``chi2 = 12 n / (k (k+1)) (sum R_j^2 - k (k+1)^2 / 4)`` with average ranks ``R_j``, and Iman and
    Davenport's ``F = (n-1) chi2 / (n (k-1) - chi2)``.

    Args:
        ranked: shape (n, k) from `ranks.ranks`, n > 1 and k > 1.
        ties: divide by ``1 - sum (t^3 - t) / (n k (k^2 - 1))``, ``t`` being the sizes of groups of
            equals, as textbooks (Conover 1999, section 5.8) and scipy do and Demsar's paper does
            not.

    Returns:
        A statistic of 0 with a p-value of 1 where all are equal on every data set.

    Raises:
        ValueError: with fewer than two data sets or contenders.
    """
    from scipy.special import chdtrc, fdtrc

    n, k = ranked.shape
    if n < 2 or k < 2:
        raise ValueError(f"{n} data sets and {k} contenders")
    average = ranked.mean(axis=0)
    # Demsar (2006), section 3.2.2, with the sum of squares taken about the mean rank (k + 1) / 2,
    # which is the same and loses no digits.
    chi2 = 12 * n / (k * (k + 1)) * float(np.sum((average - (k + 1) / 2) ** 2))
    if ties:
        groups = [np.unique(row, return_counts=True)[1] for row in ranked]
        # Ties reduce the variance that ranks can have under the null hypothesis.
        kept = 1 - sum(float(np.sum(t**3 - t)) for t in groups) / (n * k * (k**2 - 1))
        chi2 = chi2 / kept if kept > 1e-12 else 0.0
    # n (k - 1) is the largest chi2 there is, reached where all data sets rank alike.
    room = n * (k - 1) - chi2
    f = (n - 1) * chi2 / room if room > 1e-9 * n * k else math.inf
    f_p = 0.0 if math.isinf(f) else float(fdtrc(k - 1, (k - 1) * (n - 1), f))
    return Friedman(chi2, float(chdtrc(k - 1, chi2)), f, f_p)


def critical_difference(contenders: int, data_sets: int, level: float = 0.05) -> float:
    """Compute Nemenyi's critical difference: average ranks further apart than this differ
    significantly.

    ``CD = q sqrt(k (k+1) / (6 n))`` (Demsar 2006, section 3.2.2), ``q`` being the quantile of the
    studentised range with infinite degrees of freedom divided by ``sqrt(2)``.

    Args:
        contenders: k > 1.
        data_sets: n > 0.
        level: significance level.

    Returns:
        The difference of average ranks.
    """
    from scipy.stats import studentized_range

    k, n = contenders, data_sets
    quantile = float(studentized_range.ppf(1 - level, k, np.inf)) / math.sqrt(2)
    return quantile * math.sqrt(k * (k + 1) / (6 * n))


def alike(average: np.ndarray, critical: float) -> tuple[tuple[int, ...], ...]:
    """Group contenders whose average ranks don't differ: the bars of a critical-difference diagram.

    Args:
        average: average ranks, shape (k,).
        critical: the critical difference.

    Returns:
        Maximal groups of at least two, as indices from the best to the worst.
    """
    order = np.argsort(average, kind="stable")
    groups: list[tuple[int, ...]] = []
    reached = 0
    for first in range(len(order)):
        last = first
        while last + 1 < len(order) and average[order[last + 1]] - average[order[first]] < critical:
            last += 1
        # A group that ends where an earlier one ended is part of it.
        if last > first and last > reached:
            groups.append(tuple(order[first : last + 1].tolist()))
            reached = last
    return tuple(groups)
