"""Curves on one grid, their middle, ranks over time, and distributions of scores."""

from __future__ import annotations

import numpy as np

from engine.analysis.curves import MOST_POINTS, Steps, aligned, grid, middle, rank_over_time
from engine.analysis.empirical_distribution import distribution

NAN = np.nan


def steps(*pairs: tuple[float, float], until: float = np.inf) -> Steps:
    at, score = np.array(pairs, float).reshape(-1, 2).T
    return Steps(at, score, until)


def test_steps_hold_until_the_next_and_after_the_end():
    curves = [steps((1, 0.5), (3, 0.7)), steps((2, 0.6), until=2.5), steps()]
    at = grid(curves)
    assert at.tolist() == [1, 2, 3]
    expected = [[0.5, 0.5, 0.7], [NAN, 0.6, NAN], [NAN] * 3]
    np.testing.assert_array_equal(aligned(curves, at), expected)
    assert grid([]).size == 0


def test_a_grid_of_many_places_is_thinned_between_its_ends():
    places = np.geomspace(1, 1e5, 5_000)
    at = grid([Steps(places, places)])
    assert (at.size, at[0], at[-1]) == (MOST_POINTS, places[0], places[-1])
    assert np.isin(at, places).all()


def test_the_middle_of_few_curves_reaches_over_all_of_them():
    scores = np.array([[1.0, 1], [2, 5], [9, 3]])
    found = middle(scores)
    assert found.median.tolist() == [2, 3]
    assert (found.low.tolist(), found.high.tolist()) == ([1, 1], [9, 5])


def test_the_middle_of_many_leaves_the_outer_ones_out():
    found = middle(np.arange(20.0)[:, None])
    assert (found.low[0], found.median[0], found.high[0]) == (5, 9.5, 14)


def test_there_is_no_middle_where_any_is_missing():
    scores = np.array([[NAN, 1.0, 1.0], [2.0, 2.0, NAN], [3.0, 3.0, 3.0]])
    np.testing.assert_array_equal(middle(scores).median, [NAN, 2, NAN])
    assert np.isnan(middle(np.empty((0, 3))).median).all()


def test_ranks_over_time_are_where_all_have_a_score():
    # Two repetitions, two contenders, three places.
    scores = np.array([[[0.1, 0.2, 0.9], [NAN, 0.3, 0.3]], [[0.3, 0.2, 0.4], [NAN, 0.1, 0.4]]])
    found = rank_over_time(scores, maximise=True)
    np.testing.assert_array_equal(found, [[NAN, 1.5, 1.25], [NAN, 1.5, 1.75]])
    found = rank_over_time(scores[:1], maximise=False)
    np.testing.assert_array_equal(found, [[NAN, 1, 2], [NAN, 2, 1]])
    assert np.isnan(rank_over_time(scores[:0], maximise=True)).all()


def test_a_distribution_counts_trials_without_a_score():
    at, share = distribution(np.array([0.5, 0.7, 0.5, NAN]))
    assert (at.tolist(), share.tolist()) == ([0.5, 0.7], [0.5, 0.75])
    at, share = distribution(np.array([NAN]))
    assert at.size == share.size == 0


def test_a_distribution_is_scipys():
    from scipy.stats import ecdf

    scores = np.random.default_rng(0).integers(0, 9, 50) / 10
    expected = ecdf(scores).cdf
    at, share = distribution(scores)
    np.testing.assert_array_equal(at, expected.quantiles)
    np.testing.assert_allclose(share, expected.probabilities)
