"""How sure a score is."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.intervals import score_interval, wilson
from engine.objective.measures import MEASURES, Measure, Predicted


def numbers(rows: int = 150, noise: float = 0.7) -> Predicted:
    random = np.random.default_rng(0)
    truth = random.normal(5, 2, rows)
    return Predicted(truth, truth + random.normal(0, noise, rows))


def chances(rows: int = 90) -> Predicted:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet([1, 1, 1], rows)
    return Predicted(random.integers(3, size=rows), probabilities.argmax(1), 3, probabilities)


def measure(function) -> Measure:
    """One of regression's that is computed by ``function``."""
    return Measure(MEASURES["mae"].card, function)


def test_wilson_of_a_textbook_case():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(29, 29) == pytest.approx((0.8830, 1.0), abs=5e-5)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_wilson_holds_the_share(rows, share):
    right = round(rows * share)
    low, high = wilson(right, rows)
    assert 0 <= low <= right / rows <= high <= 1


@pytest.mark.parametrize(("right", "rows"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_of_nonsense(right, rows):
    with pytest.raises(ValueError, match="of"):
        wilson(right, rows)


def test_a_share_gets_wilson():
    truth = np.array([0, 1] * 18)
    predicted = truth.copy()
    predicted[0] = 1
    found = score_interval(MEASURES["accuracy"], Predicted(truth, predicted, 2))
    assert found is not None
    assert found.method == "wilson"
    assert found.score == pytest.approx(35 / 36)
    assert (found.low, found.high) == wilson(35, 36)


@pytest.mark.parametrize("name", [name for name, m in MEASURES.items() if m.row_means])
def test_means_over_rows_agree_with_the_measure_itself(name):
    found = numbers() if MEASURES[name].card.tasks == ("regression",) else chances()
    whole = dataclasses.replace(MEASURES[name], row_means=None)
    # However slow the machine is: both see the same draws.
    fast, slow = (
        score_interval(m, found, resamples=100, seconds=100) for m in (MEASURES[name], whole)
    )
    assert fast is not None
    assert slow is not None
    assert (fast.score, fast.method) == (slow.score, "bootstrap")
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high))
    assert fast.low < fast.score < fast.high


def test_the_interval_covers_as_often_as_it_says():
    random = np.random.default_rng(0)
    hits = 0
    for _ in range(100):
        truth = random.normal(size=120)
        predicted = Predicted(truth, truth + random.normal(size=120))
        found = score_interval(MEASURES["mae"], predicted, resamples=200, seconds=100)
        assert found is not None
        hits += found.low <= math.sqrt(2 / math.pi) <= found.high
    assert 87 <= hits <= 100


def test_same_seed_same_interval():
    found = numbers(30)
    once = score_interval(MEASURES["rmse"], found, seed=4)
    assert once == score_interval(MEASURES["rmse"], found, seed=4)
    assert once != score_interval(MEASURES["rmse"], found, seed=5)


def test_draws_that_lack_a_class_are_passed_over():
    def needs_both(truth, labels, classes):
        if len(np.unique(truth)) < 2:
            raise ValueError("one class")
        return float(np.mean(truth == labels))

    truth = np.array([0] * 11 + [1])
    found = score_interval(measure(needs_both), Predicted(truth, truth, 2))
    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)


def test_no_interval_without_rows_or_score():
    nothing, ones = np.empty(0), np.ones(9)
    assert score_interval(MEASURES["rmse"], Predicted(nothing, nothing)) is None
    assert score_interval(measure(lambda *_: math.inf), Predicted(ones, ones)) is None
    # Without variation R2 is not defined, in every draw.
    assert score_interval(MEASURES["r2"], Predicted(ones, ones + 0.5)) is None
    # A model without probabilities has no log loss.
    assert score_interval(MEASURES["log_loss"], Predicted(ones, ones, 2)) is None


def test_a_slow_measure_ends_in_time():
    def slow(truth, labels, classes):
        time.sleep(0.02)
        return 1.0

    begun = time.monotonic()
    assert score_interval(measure(slow), Predicted(np.ones(9), np.ones(9)), seconds=0.1) is None
    assert time.monotonic() - begun < 5
