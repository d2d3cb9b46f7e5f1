"""Measures: the conformance suite, scikit-learn's own, and where they are not defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from engine.domain.cards import MeasureCard
from engine.objective.measures import MEASURES, Measure, Predicted, score_all, wants_scores
from engine.objective.measures.base import CLASSES
from engine.objective.predictions import predictions
from engine.testing.measure_suite import MeasureSuite


class TestEveryMeasure(MeasureSuite):
    @pytest.fixture(params=MEASURES)
    def measure(self, request: pytest.FixtureRequest) -> Measure:
        return MEASURES[request.param]


def softened(seed: int, rows: int, classes: int) -> Predicted:
    """Truth with every class, probabilities, and labels of the likeliest."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.arange(rows) % classes)
    probabilities = rng.dirichlet(np.ones(classes), rows)
    return Predicted(truth, probabilities.argmax(axis=1), classes, probabilities)


@given(st.integers(0, 1000), st.integers(6, 60))
@settings(max_examples=20)
def test_multiclass_scores_are_scikit_learns(seed: int, rows: int) -> None:
    found = softened(seed, rows, 3)
    truth, labels, probabilities = found.truth, found.labels, found.probabilities
    expected = {
        "accuracy": metrics.accuracy_score(truth, labels),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, labels),
        "roc_auc": pytest.approx(metrics.roc_auc_score(truth, probabilities, multi_class="ovr")),
        "log_loss": metrics.log_loss(truth, probabilities),
        "f1_macro": metrics.f1_score(truth, labels, average="macro"),
    }
    scores = score_all("multiclass", found)
    assert {name: scores[name] for name in expected} == expected


@given(st.integers(0, 1000), st.integers(4, 60))
@settings(max_examples=20)
def test_binary_scores_are_scikit_learns(seed: int, rows: int) -> None:
    found = softened(seed, rows, 2)
    assert found.probabilities is not None
    scores = score_all("binary", found)
    assert scores["roc_auc"] == metrics.roc_auc_score(found.truth, found.probabilities[:, 1])
    assert scores["log_loss"] == metrics.log_loss(found.truth, found.probabilities)


def test_a_decision_serves_roc_auc_and_nothing_serves_log_loss() -> None:
    found = softened(0, 30, 3)
    assert found.probabilities is not None
    decision = np.log(found.probabilities)
    with_decision = score_all(
        "multiclass", Predicted(found.truth, found.labels, 3, decision=decision)
    )
    assert with_decision["roc_auc"] == score_all("multiclass", found)["roc_auc"]
    assert "log_loss" not in with_decision
    bare = score_all("multiclass", Predicted(found.truth, found.labels, 3))
    assert not {"roc_auc", "log_loss"} & set(bare)


def test_a_decision_is_asked_for_where_rows_are_ranked() -> None:
    assert wants_scores(("accuracy", "roc_auc"))
    assert not wants_scores(("accuracy", "log_loss", "fit_seconds"))


def test_what_is_dear_waits_unless_it_is_tuned() -> None:
    found = softened(0, 30, 3)
    assert "roc_auc" not in score_all("multiclass", found, tuned={"accuracy"})
    assert "roc_auc" in score_all("multiclass", found, tuned={"roc_auc"})
    assert "roc_auc" in score_all("binary", softened(0, 30, 2), tuned={"accuracy"})


def test_a_measure_that_fails_spoils_only_what_is_tuned_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(truth: np.ndarray, labels: np.ndarray, classes: int) -> float:
        raise RuntimeError("not today")

    card = MeasureCard("broken", "Broken", True, CLASSES, "Fails.", "broken")
    both = {"accuracy": MEASURES["accuracy"], "broken": Measure(card, broken)}
    monkeypatch.setattr("engine.objective.measures.MEASURES", both)
    scores = score_all("binary", softened(0, 30, 2), tuned={"accuracy"})
    assert math.isnan(scores["broken"])
    assert 0 <= scores["accuracy"] <= 1
    with pytest.raises(RuntimeError, match="not today"):
        score_all("binary", softened(0, 30, 2), tuned={"broken"})


def test_a_class_absent_from_the_rows_is_left_out_of_the_area() -> None:
    whole = softened(1, 30, 3)
    found = whole.at(np.flatnonzero(whole.truth != 2))
    assert found.probabilities is not None
    scores = score_all("multiclass", found)
    areas = [
        metrics.roc_auc_score(found.truth == code, found.probabilities[:, code]) for code in (0, 1)
    ]
    assert scores["roc_auc"] == pytest.approx(np.mean(areas))
    assert math.isfinite(scores["log_loss"])


def test_a_score_that_is_not_defined_is_nan_and_quiet() -> None:
    one = np.zeros(4, dtype=int)
    scores = score_all("binary", Predicted(one, one, 2, np.full((4, 2), 0.5)))
    assert math.isnan(scores["roc_auc"])
    single = score_all("regression", Predicted(np.ones(1), np.ones(1)))
    assert math.isnan(single["r2"])
    assert single["rmse"] == 0.0


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
