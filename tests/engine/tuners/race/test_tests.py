"""The statistics of races: against scipy where it has them, and against figures worked by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.tuners.race.tests import (
    conover_threshold,
    friedman,
    friedman_losers,
    losers,
    ranks,
    signed_rank,
    t_losers,
    wilcoxon_losers,
)

# Five splits, four configurations. Ranks within the splits and their sums:
#
#   costs            ranks
#   .10 .20 .30 .40  1 2 3 4
#   .11 .25 .21 .45  1 3 2 4
#   .12 .22 .33 .41  1 2 3 4
#   .24 .14 .35 .49  2 1 3 4
#   .13 .26 .27 .48  1 2 3 4
#                    6 10 14 20
#
# Every rank sum would be n(k+1)/2 = 12.5 by chance, so the squares are 42.25 + 6.25 + 2.25 + 56.25
# = 107. Without ties the statistic is 12 * 107 / (5 * 4 * 5) = 12.84, and a chi-square with 3
# degrees exceeds 7.815 in one case of twenty: there is a difference.
# A = 5 * (1 + 4 + 9 + 16) = 150, the sum of squared sums is 36 + 100 + 196 + 400 = 732; the
# quantile 0.975 of Student's t with (5-1)(4-1) = 12 degrees is 2.1788. The threshold is
# 2.1788 * sqrt(2 * (5 * 150 - 732) / 12) = 2.1788 * sqrt(3) = 3.7738.
# Above the least, 6, lie 4, 8 and 14: all but the first are dropped.
WORKED = np.array(
    [
        [0.10, 0.20, 0.30, 0.40],
        [0.11, 0.25, 0.21, 0.45],
        [0.12, 0.22, 0.33, 0.41],
        [0.24, 0.14, 0.35, 0.49],
        [0.13, 0.26, 0.27, 0.48],
    ]
)


def test_the_worked_example() -> None:
    statistic, p = friedman(WORKED)
    assert statistic == pytest.approx(12.84)
    assert p < 0.05
    assert conover_threshold(ranks(WORKED), 0.95) == pytest.approx(3.7738, abs=1e-4)
    assert friedman_losers(WORKED, 0.95).tolist() == [False, True, True, True]


def test_a_surer_race_keeps_the_second() -> None:
    # At 0.99 the quantile is 3.0545 and the threshold 5.2906, which 4 does not reach.
    assert conover_threshold(ranks(WORKED), 0.99) == pytest.approx(5.2906, abs=1e-4)
    assert friedman_losers(WORKED, 0.99).tolist() == [False, False, True, True]


def test_without_a_significant_difference_nobody_is_dropped() -> None:
    # The same four in two splits: 12 * 5 / 20 for perfect agreement of two is 6 < 7.815.
    costs = WORKED[[0, 2]]
    assert friedman(costs)[0] == pytest.approx(6.0)
    assert not friedman_losers(costs, 0.95).any()


@given(st.integers(2, 12), st.integers(3, 9), st.integers(0, 2**16))
def test_friedman_is_scipys(n: int, k: int, seed: int) -> None:
    costs = np.random.default_rng(seed).random((n, k))
    expected = stats.friedmanchisquare(*costs.T)
    assert friedman(costs) == pytest.approx((expected.statistic, expected.pvalue))


@given(st.integers(2, 8), st.integers(3, 6), st.integers(0, 2**16))
def test_friedman_is_scipys_with_ties(n: int, k: int, seed: int) -> None:
    costs = np.random.default_rng(seed).integers(0, 4, (n, k)).astype(float)
    assert ranks(costs) == pytest.approx(stats.rankdata(costs, axis=1))
    if all(len(set(row)) == 1 for row in costs):
        assert friedman(costs)[1] == 1.0
        return
    expected = stats.friedmanchisquare(*costs.T)
    assert friedman(costs) == pytest.approx((expected.statistic, expected.pvalue))


@pytest.mark.parametrize("test", ["friedman", "t", "t_holm", "t_bonferroni"])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_no_elimination_when_all_are_equal(test, k: int) -> None:
    for column in (np.zeros(6), np.arange(6) / 7):
        assert not losers(np.repeat(column[:, None], k, axis=1), test, 0.95).any()


@pytest.mark.parametrize("test", ["friedman", "t", "t_holm", "t_bonferroni"])
def test_the_best_is_never_dropped_and_order_does_not_matter(test) -> None:
    rng = np.random.default_rng(1)
    for k in (2, 3, 7):
        for _ in range(20):
            costs = rng.normal(size=(6, k)) + np.linspace(0, 2, k)
            found = losers(costs, test, 0.95)
            measure = ranks(costs).sum(axis=0) if test == "friedman" and k > 2 else None
            best = np.argmin(costs.mean(axis=0) if measure is None else measure)
            if k > 2 or test != "friedman":
                assert not found[best]
            assert not found.all()
            order = rng.permutation(k)
            assert losers(costs[:, order], test, 0.95).tolist() == found[order].tolist()


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=7))
def test_signed_ranks_are_exact_with_ties(values: list[int]) -> None:
    # All signs that the nonzero differences could have had, one by one.
    d = np.array([v for v in values if v], dtype=float)
    sizes = stats.rankdata(np.abs(d))
    null = [float(np.dot(sizes, signs)) for signs in itertools.product((-1.0, 1.0), repeat=len(d))]
    observed = float(np.dot(sizes, np.sign(d)))
    low = np.mean([s <= observed + 1e-9 for s in null])
    high = np.mean([s >= observed - 1e-9 for s in null])
    balance, p = signed_rank(np.array(values, dtype=float))
    assert balance == pytest.approx(observed)
    assert p == pytest.approx(min(1.0, 2 * min(low, high)))


@given(st.integers(1, 25), st.integers(0, 2**16))
def test_signed_ranks_are_scipys_without_ties(n: int, seed: int) -> None:
    differences = np.random.default_rng(seed).normal(size=n) + 0.3
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert signed_rank(differences)[1] == pytest.approx(expected)


def test_wilcoxon_of_two() -> None:
    differences = np.array([0.5, 0.7, -0.1, 0.9, 0.4, 0.8, 0.3, 0.6])
    costs = np.column_stack([differences, np.zeros(8)])
    # Only the least difference, rank 1, speaks for the first: exact p = 2 * 2/256.
    assert stats.wilcoxon(differences).pvalue == pytest.approx(4 / 256)
    assert wilcoxon_losers(costs, 0.95).tolist() == [True, False]
    assert wilcoxon_losers(costs[:, ::-1], 0.95).tolist() == [False, True]
    assert not wilcoxon_losers(costs, 0.99).any()


def test_of_two_the_dominated_needs_no_test() -> None:
    costs = np.array([[0.1, 0.2], [0.3, 0.3], [0.2, 0.4]])
    assert wilcoxon_losers(costs, 0.95).tolist() == [False, True]


def test_paired_t_is_scipys() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        costs = rng.normal(size=(8, 4)) + np.array([0.0, 0.3, 0.6, 1.2])
        best = int(np.argmin(costs.mean(axis=0)))
        for j, lost in enumerate(t_losers(costs, 0.95)):
            if j == best:
                assert not lost
                continue
            p = stats.ttest_rel(costs[:, j], costs[:, best], alternative="greater").pvalue
            dominated = (costs[:, j] >= costs[:, best]).all()
            assert lost == (dominated or p < 0.05)


def test_corrections_drop_fewer() -> None:
    rng = np.random.default_rng(3)
    counts = dict.fromkeys(("", "holm", "bonferroni"), 0)
    for _ in range(50):
        costs = rng.normal(size=(6, 8)) + np.linspace(0, 1.5, 8)
        kept = [t_losers(costs, 0.95, correction) for correction in counts]
        assert (kept[2] <= kept[1]).all() and (kept[1] <= kept[0]).all()
        for name, lost in zip(counts, kept, strict=True):
            counts[name] += int(lost.sum())
    assert counts["bonferroni"] < counts["holm"] < counts[""]


def test_constant_differences_are_decided_by_the_mean() -> None:
    base = np.array([0.1, 0.5, 0.3, 0.2])
    costs = np.column_stack([base, base + 0.25, base])
    assert t_losers(costs, 0.95).tolist() == [False, True, False]


def test_one_split_is_no_test() -> None:
    assert not losers(np.array([[0.0, 1.0, 2.0]]), "friedman", 0.95).any()
    assert math.isnan(friedman(np.zeros((4, 3)))[0])
