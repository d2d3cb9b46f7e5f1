"""Ranks, wins and Friedman's test, against Demsar's worked example and other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from engine.analysis.friedman import alike, critical_difference, friedman
from engine.analysis.ranks import average_ranks, ranks, win_tie_loss

TIED = arrays.arrays(
    float, st.tuples(st.integers(2, 12), st.integers(2, 6)), elements=st.sampled_from(range(4))
)


def test_average_ranks_are_those_of_the_paper(demsar):
    np.testing.assert_allclose(average_ranks(demsar, True), [3.143, 2.0, 2.893, 1.964], atol=5e-4)
    np.testing.assert_allclose(average_ranks(1 - demsar, False), average_ranks(demsar, True))


@given(TIED)
def test_ranks_are_scipys(scores):
    np.testing.assert_array_equal(ranks(scores, False), stats.rankdata(scores, axis=1))


def test_a_missing_score_is_the_worst():
    scores = np.array([[0.9, np.nan, 0.1], [np.nan, np.nan, 0.1]])
    assert ranks(scores, True).tolist() == [[1, 3, 2], [2.5, 2.5, 1]]
    assert ranks(scores, False).tolist() == [[2, 3, 1], [2.5, 2.5, 1]]


def test_friedman_is_that_of_the_paper(demsar):
    found = friedman(ranks(demsar, True), ties=False)
    assert found.chi2 == pytest.approx(9.28, abs=5e-3)
    assert found.f == pytest.approx(3.69, abs=5e-3)
    # "The critical value of F(3, 39) for alpha = 0.05 is 2.85, so we reject the null-hypothesis."
    assert stats.f.sf(2.85, 3, 39) == pytest.approx(0.05, abs=5e-4)
    assert found.f_p == pytest.approx(stats.f.sf(found.f, 3, 39))
    assert found.f_p < 0.05


@given(TIED.filter(lambda scores: scores.shape[1] > 2 and np.ptp(scores, axis=1).any()))
def test_friedman_with_ties_is_scipys(scores):
    found = friedman(ranks(scores, True))
    expected = stats.friedmanchisquare(*scores.T)
    assert found.chi2 == pytest.approx(expected.statistic, abs=1e-9)
    assert found.chi2_p == pytest.approx(expected.pvalue, abs=1e-9)


def test_friedman_at_its_ends():
    assert friedman(ranks(np.ones((4, 3)), True)).chi2_p == 1.0
    agreed = friedman(ranks(np.tile([1.0, 2.0, 3.0], (5, 1)), True))
    assert (agreed.chi2, agreed.f, agreed.f_p) == (pytest.approx(10), np.inf, 0.0)
    for shape in ((1, 3), (3, 1)):
        with pytest.raises(ValueError, match="data sets"):
            friedman(np.ones(shape))


@pytest.mark.parametrize(
    ("contenders", "level", "quantile"),
    [
        # Table 5 (a) of the paper.
        *((2, 0.05, 1.960), (3, 0.05, 2.343), (4, 0.05, 2.569), (5, 0.05, 2.728)),
        *((10, 0.05, 3.164), (2, 0.10, 1.645), (4, 0.10, 2.291), (10, 0.10, 2.920)),
    ],
)
def test_critical_values_are_those_of_the_paper(contenders, level, quantile):
    unit = np.sqrt(contenders * (contenders + 1) / (6 * 14))
    # Some of the printed ones are cut off rather than rounded.
    assert critical_difference(contenders, 14, level) / unit == pytest.approx(quantile, abs=1.1e-3)


def test_critical_differences_and_groups_are_those_of_the_paper(demsar):
    average = average_ranks(demsar, True)
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=5e-3)
    assert critical_difference(4, 14, 0.10) == pytest.approx(1.12, abs=5e-3)
    # At 5 % none differ; at 10 % C4.5 is worse than the two with m, and nothing can be said of
    # C4.5+cf (section 3.2.2).
    assert alike(average, critical_difference(4, 14)) == ((3, 1, 2, 0),)
    assert alike(average, critical_difference(4, 14, 0.10)) == ((3, 1, 2), (2, 0))


@pytest.mark.parametrize("level", [0.05, 0.1])
def test_what_differs_critically_differs_by_nemenyis_test_of_scikit_posthocs(demsar, level):
    import scikit_posthocs

    p = scikit_posthocs.posthoc_nemenyi_friedman(demsar).to_numpy()
    average = average_ranks(demsar, True)
    apart = np.abs(average[:, None] - average[None, :])
    np.testing.assert_array_equal(apart >= critical_difference(4, 14, level), p <= level)


def test_groups_of_those_alike():
    assert alike(np.array([1.0, 3.0, 5.0]), 1.0) == ()
    assert alike(np.array([3.0, 1.0, 2.0, 9.0]), 1.5) == ((1, 2), (2, 0))
    # A difference that is just critical is one.
    assert alike(np.array([1.0, 2.0]), 1.0) == ()
    assert alike(np.empty(0), 1.0) == ()


def test_wins_ties_and_losses():
    scores = np.array([[0.9, 0.8, 0.8], [0.5, 0.9, np.nan], [0.7, 0.7, 0.1]])
    wins, ties = win_tie_loss(scores, True)
    assert wins.tolist() == [[0, 1, 2], [1, 0, 1], [0, 0, 0]]
    assert ties.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert win_tie_loss(scores, False)[0].tolist() == wins.T.tolist()


def test_differences_within_the_margin_are_ties():
    scores = np.array([[0.9, 0.8], [0.9, 0.79], [0.3, 0.35]])
    wins, ties = win_tie_loss(scores, True, margin=0.1)
    assert (wins[0, 1], ties[0, 1], wins[1, 0]) == (1, 2, 0)
    with pytest.raises(ValueError, match="margin"):
        win_tie_loss(scores, True, margin=-1)
