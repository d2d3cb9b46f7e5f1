"""Paired tests, effect sizes, intervals and power, against worked examples and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.analysis.curves import median_places
from engine.analysis.paired import corrected_t, holm, rank_biserial, signed_rank
from engine.analysis.power import detectable, power, repetitions_needed

DIFFERENCES = np.array([0.02, -0.01, 0.05, 0.03, 0.0, 0.04, 0.01])


def test_without_shared_rows_it_is_students_test():
    found = corrected_t(DIFFERENCES, 0.0)
    expected = stats.ttest_1samp(DIFFERENCES, 0)
    interval = expected.confidence_interval()
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert (found.mean, found.repetitions) == (pytest.approx(0.02), 7)


def test_shared_rows_widen_it_by_the_formula():
    ratio = 0.25
    found = corrected_t(DIFFERENCES, ratio, level=0.1)
    error = np.sqrt((1 / 7 + ratio) * DIFFERENCES.var(ddof=1))
    assert found.p == pytest.approx(2 * stats.t.sf(DIFFERENCES.mean() / error, 6))
    assert found.high - found.mean == pytest.approx(stats.t.ppf(0.95, 6) * error)
    assert corrected_t(-DIFFERENCES, ratio).p == pytest.approx(found.p)


def test_it_keeps_its_level_when_repetitions_correlate_as_it_assumes():
    random = np.random.default_rng(0)
    ratio, count = 0.25, 10
    shared = np.sqrt(ratio / (1 + ratio)) * random.normal(size=(2_000, 1))
    drawn = shared + np.sqrt(1 / (1 + ratio)) * random.normal(size=(2_000, count))
    p = np.array([(corrected_t(row, ratio).p, corrected_t(row, 0.0).p) for row in drawn])
    alarms = (p < 0.05).mean(axis=0)
    assert 0.04 < alarms[0] < 0.06
    assert alarms[1] > 0.2


def test_differences_that_are_all_the_same_are_judged_by_their_signs():
    same = corrected_t(np.full(5, 0.1), 0.25)
    assert (same.p, same.low, same.high) == (2**-4, 0.1, 0.1)
    assert corrected_t(np.zeros(5), 0.25).p == 1.0
    for arguments in ((np.array([0.1]), 0.1), (DIFFERENCES, -0.1), (DIFFERENCES, np.nan)):
        with pytest.raises(ValueError, match="ratio"):
            corrected_t(*arguments)


def test_signed_ranks_are_those_of_demsars_table(demsar):
    found = signed_rank(demsar[:, 1] - demsar[:, 0])
    # Section 3.1.3: R+ = 93, R- = 12, the zeros shared; critical are sums up to 21.
    assert (found.positive, found.negative) == (93, 12)
    assert found.p < 0.05


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
@settings(max_examples=50, deadline=None)
def test_p_is_that_of_all_signs(differences):
    found = signed_rank(np.array(differences, float))
    ranked = stats.rankdata(np.abs(differences))
    zero = np.equal(differences, 0)
    free = ranked[~zero]
    signs = (np.arange(2**free.size)[:, None] >> np.arange(free.size)) & 1
    apart = np.abs((2 * signs - 1) @ free) if free.size else np.zeros(1)
    assert found.p == pytest.approx((apart >= abs(found.positive - found.negative) - 1e-9).mean())
    assert found.positive + found.negative == pytest.approx(ranked.sum())


@pytest.mark.parametrize("count", [5, 12, 40])
def test_without_ties_it_is_scipys_exact_test(count):
    differences = np.random.default_rng(count).normal(0.3, 1, count)
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert signed_rank(differences).p == pytest.approx(expected)


def test_fewer_than_six_data_sets_can_never_be_enough():
    assert signed_rank(np.arange(1.0, 6)).p == 0.0625
    assert signed_rank(np.arange(1.0, 7)).p == 0.03125


def test_holm_is_that_of_demsars_example():
    # Section 3.2.3: p of three tuned versions against C4.5; two are rejected at 0.05.
    corrected = holm(np.array([0.607, 0.019, 0.016]))
    np.testing.assert_allclose(corrected, [0.607, 0.048, 0.048])
    assert holm(np.empty(0)).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_its_definition(p):
    corrected = holm(np.array(p))
    level = 0.05
    rejected, order = set(), sorted(range(len(p)), key=p.__getitem__)
    for step, i in enumerate(order):
        if p[i] * (len(p) - step) > level:
            break
        rejected.add(i)
    assert set(np.flatnonzero(corrected <= level).tolist()) == rejected


def test_holm_is_that_of_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).random(20) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def test_the_effect_size_is_the_balance_of_the_rank_sums():
    assert rank_biserial(np.array([1.0, 2, 3])) == 1.0
    assert rank_biserial(np.array([-1.0, 1.0, 0.0])) == 0.0
    # Of the rank sum 28, the one negative difference and half the zero's rank speak against.
    assert rank_biserial(DIFFERENCES) == pytest.approx((28 - 2 * (2.5 + 0.5)) / 28)


@pytest.mark.parametrize("count", [1, 2, 5, 6, 8, 9, 10, 25, 100])
def test_places_of_the_median_miss_it_as_rarely_as_they_say(count):
    low, high = median_places(count)
    assert low + high == count - 1
    missed = 2 * stats.binom.cdf(low, count, 0.5)
    assert missed <= 0.05 or low == 0
    assert low + 1 >= high or 2 * stats.binom.cdf(low + 1, count, 0.5) > 0.05


@pytest.mark.parametrize(("count", "ratio"), [(5, 0.0), (10, 0.25), (30, 0.5)])
def test_power_is_what_a_simulation_finds(count, ratio):
    random = np.random.default_rng(1)
    runs, difference = 2_000, 1.2
    # Correlated as the test assumes, with a spread within repetitions of 1.
    drawn = difference + np.sqrt(ratio) * random.normal(size=(runs, 1))
    drawn = drawn + random.normal(size=(runs, count))
    found = np.mean([corrected_t(row, ratio).p < 0.05 for row in drawn])
    assert found == pytest.approx(power(difference, 1.0, count, ratio), abs=0.035)


def test_power_is_that_of_the_noncentral_t():
    shift, bar = 0.8 * np.sqrt(20), stats.t.ppf(0.975, 19)
    expected = stats.nct.sf(bar, 19, shift) + stats.nct.cdf(-bar, 19, shift)
    assert power(0.8, 1.0, 20, 0.0) == pytest.approx(expected)
    assert power(0.0, 1.0, 20, 0.3) == pytest.approx(0.05)
    assert power(1e9, 1.0, 20, 0.3) == 1.0


def test_the_detectable_difference_is_found_as_often_as_wanted():
    for count, ratio in ((2, 0.1), (5, 0.25), (50, 0.0)):
        least = detectable(0.3, count, ratio)
        assert power(least, 0.3, count, ratio) == pytest.approx(0.8, abs=1e-6)
    assert detectable(0.0, 5, 0.25) == 0.0


def test_repetitions_needed_are_the_fewest_that_do():
    needed = repetitions_needed(0.5, 1.0, 0.0)
    # Cohen (1988): a medium effect needs 34 pairs.
    assert needed == 34
    assert power(0.5, 1.0, 34, 0.0) >= 0.8 > power(0.5, 1.0, 33, 0.0)


def test_more_repetitions_do_not_help_where_rows_in_common_leave_it_open():
    assert repetitions_needed(0.5, 1.0, 0.25) is None
    assert repetitions_needed(0.0, 1.0, 0.0) is None
    assert repetitions_needed(2.0, 1.0, 0.25) is not None
