"""How sure a score is."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.intervals import score_interval, wilson


def accuracy(truth, predicted, _):
    return float(np.mean(truth == predicted))


def rmse(truth, predicted, _):
    return math.sqrt(np.mean((truth - predicted) ** 2))


def mae(truth, predicted, _):
    return float(np.mean(np.abs(truth - predicted)))


def r2(truth, predicted, _):
    return float(1 - np.sum((truth - predicted) ** 2) / np.sum((truth - truth.mean()) ** 2))


def log_loss(truth, _, probabilities):
    return float(-np.mean(np.log(probabilities[np.arange(len(truth)), truth].clip(1e-15))))


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


def test_accuracy_gets_wilson():
    truth = np.array([0, 1] * 18)
    predicted = truth.copy()
    predicted[0] = 1
    found = score_interval("accuracy", accuracy, truth, predicted)
    assert found is not None
    assert found.method == "wilson"
    assert found.score == pytest.approx(35 / 36)
    assert (found.low, found.high) == wilson(35, 36)


@pytest.mark.parametrize("measure", [rmse, mae, r2], ids=lambda m: m.__name__)
def test_means_over_rows_agree_with_the_measure_itself(measure):
    random = np.random.default_rng(0)
    truth = random.normal(5, 2, 150)
    predicted = truth + random.normal(0, 0.7, 150)
    fast = score_interval(measure.__name__, measure, truth, predicted)
    slow = score_interval("unknown", measure, truth, predicted)
    assert fast is not None
    assert slow is not None
    assert (fast.score, fast.method) == (slow.score, "bootstrap")
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high))
    assert fast.low < fast.score < fast.high


def test_log_loss_agrees_with_the_measure_itself():
    random = np.random.default_rng(0)
    truth = random.integers(3, size=90)
    probabilities = random.dirichlet([1, 1, 1], 90)
    predicted = probabilities.argmax(axis=1)
    fast = score_interval("log_loss", log_loss, truth, predicted, probabilities)
    slow = score_interval("unknown", log_loss, truth, predicted, probabilities)
    assert fast is not None
    assert slow is not None
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high))


def test_the_interval_covers_as_often_as_it_says():
    random = np.random.default_rng(0)
    hits = 0
    for _ in range(100):
        truth = random.normal(size=120)
        predicted = truth + random.normal(size=120)
        found = score_interval("mae", mae, truth, predicted, resamples=200)
        assert found is not None
        hits += found.low <= math.sqrt(2 / math.pi) <= found.high
    assert 87 <= hits <= 100


def test_same_seed_same_interval():
    truth = np.arange(30.0)
    predicted = truth + np.sin(truth)
    once = score_interval("rmse", rmse, truth, predicted, seed=4)
    assert once == score_interval("rmse", rmse, truth, predicted, seed=4)
    assert once != score_interval("rmse", rmse, truth, predicted, seed=5)


def test_draws_that_lack_a_class_are_passed_over():
    def needs_both(truth, predicted, _):
        if len(np.unique(truth)) < 2:
            raise ValueError("one class")
        return accuracy(truth, predicted, _)

    truth = np.array([0] * 11 + [1])
    found = score_interval("roc_auc", needs_both, truth, truth)
    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)


def test_no_interval_without_rows_or_score():
    nothing = np.empty(0)
    assert score_interval("rmse", rmse, nothing, nothing) is None
    assert score_interval("rmse", lambda *_: math.inf, np.ones(9), np.ones(9)) is None
    # A single row always has R2 undefined, in every draw.
    assert score_interval("r2", lambda *_: 0.5, np.ones(9), np.ones(9)) is None


def test_a_slow_measure_ends_in_time():
    def slow(truth, predicted, _):
        time.sleep(0.02)
        return 1.0

    begun = time.monotonic()
    assert score_interval("f1_macro", slow, np.ones(9), np.ones(9), seconds=0.1) is None
    assert time.monotonic() - begun < 5
