"""Measures against scikit-learn's own, and where they are not defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from engine.objective.measures import MEASURES, score_all
from engine.objective.predictions import predictions

THREE = ("a", "b", "c")


def softened(seed: int, rows: int, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth with every class, probabilities, and labels of the likeliest."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.arange(rows) % classes)
    probabilities = rng.dirichlet(np.ones(classes), rows)
    return truth, probabilities, probabilities.argmax(axis=1)


@given(st.integers(0, 1000), st.integers(6, 60))
@settings(max_examples=20)
def test_multiclass_scores_are_scikit_learns(seed: int, rows: int) -> None:
    truth, probabilities, labels = softened(seed, rows, 3)
    scores = score_all("multiclass", THREE, truth, labels, probabilities)
    assert scores == {
        "accuracy": metrics.accuracy_score(truth, labels),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, labels),
        "roc_auc": pytest.approx(metrics.roc_auc_score(truth, probabilities, multi_class="ovr")),
        "log_loss": metrics.log_loss(truth, probabilities),
        "f1_macro": metrics.f1_score(truth, labels, average="macro"),
    }


@given(st.integers(0, 1000), st.integers(4, 60))
@settings(max_examples=20)
def test_binary_scores_are_scikit_learns(seed: int, rows: int) -> None:
    truth, probabilities, labels = softened(seed, rows, 2)
    scores = score_all("binary", ("no", "yes"), truth, labels, probabilities)
    assert scores["roc_auc"] == metrics.roc_auc_score(truth, probabilities[:, 1])
    assert scores["log_loss"] == metrics.log_loss(truth, probabilities)


def test_a_decision_serves_roc_auc_and_nothing_serves_log_loss() -> None:
    truth, probabilities, labels = softened(0, 30, 3)
    with_decision = score_all("multiclass", THREE, truth, labels, decision=np.log(probabilities))
    assert (
        with_decision["roc_auc"]
        == score_all("multiclass", THREE, truth, labels, probabilities)["roc_auc"]
    )
    assert "log_loss" not in with_decision
    assert not {"roc_auc", "log_loss"} & set(score_all("multiclass", THREE, truth, labels))


def test_a_class_absent_from_the_rows_is_left_out_of_the_area() -> None:
    truth, probabilities, _ = softened(1, 30, 3)
    rows = truth != 2
    scores = score_all("multiclass", THREE, truth[rows], truth[rows], probabilities[rows])
    areas = [metrics.roc_auc_score(truth[rows] == c, probabilities[rows, c]) for c in (0, 1)]
    assert scores["roc_auc"] == pytest.approx(np.mean(areas))
    assert math.isfinite(scores["log_loss"])


def test_a_score_that_is_not_defined_is_nan_and_quiet() -> None:
    one = np.zeros(4, dtype=int)
    scores = score_all("binary", ("no", "yes"), one, one, np.full((4, 2), 0.5))
    assert math.isnan(scores["roc_auc"])
    single = score_all("regression", (), np.ones(1), np.ones(1))
    assert math.isnan(single["r2"])
    assert single["rmse"] == 0.0


@pytest.mark.parametrize("name", MEASURES)
def test_the_direction_is_right(name: str) -> None:
    """Perfect predictions are better than poor ones, by the card."""
    card, task = MEASURES[name].card, MEASURES[name].card.tasks[0]
    if task == "regression":
        truth = np.linspace(0.0, 1.0, 20)
        good, poor = (score_all(task, (), truth, truth + error)[name] for error in (0.0, 0.7))
    else:
        truth = np.arange(20) % 2
        sure = np.eye(2)[truth] * 0.8 + 0.1
        good, poor = (
            score_all(task, ("no", "yes"), truth, p.argmax(axis=1), p)[name]
            for p in (sure, 1.0 - sure)
        )
    assert (good > poor) == card.maximise
    assert card.label and card.summary and card.help


def test_a_class_unseen_in_fitting_gets_no_probability() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    features, truth = rng.normal(size=(30, 2)), np.repeat([0, 2], 15)
    model = LogisticRegression().fit(features, truth)
    found = predictions(model, features, truth, 3, decide=False)
    assert found.probabilities is not None
    assert found.probabilities.shape == (30, 3)
    assert not found.probabilities[:, 1].any()
    assert np.array_equal(found.labels, model.predict(features))
