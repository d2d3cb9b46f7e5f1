"""Measures of how good predictions are; each is scikit-learn's function of the same name.

Classes are codes 0 to k - 1, the positive class of a binary task last.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

import numpy as np

from engine.domain.cards import MeasureCard
from engine.plan import Task

CLASSES: tuple[Task, ...] = ("binary", "multiclass")
NUMBERS: tuple[Task, ...] = ("regression",)


@dataclass(frozen=True)
class Predicted:
    """Predictions for n rows, beside the truth.

    Attributes:
        truth: shape (n,), int class codes or float numbers.
        labels: shape (n,), what is predicted, in the same terms.
        classes: how many classes there are, k; 0 for regression.
        probabilities: shape (n, k), rows summing to 1, if the model gives them.
        decision: shape (n, k), larger where a class is more likely, if the model gives those.
    """

    truth: np.ndarray
    labels: np.ndarray
    classes: int = 0
    probabilities: np.ndarray | None = None
    decision: np.ndarray | None = None


@dataclass(frozen=True)
class Measure:
    """A measure: how it is shown, and how it is computed.

    ``function`` gives None where the model lacks what the measure needs.
    """

    card: MeasureCard
    function: Callable[[Predicted], float | None]


def score_all(
    task: Task,
    classes: Sequence[str],
    truth: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray | None = None,
    decision: np.ndarray | None = None,
    *,
    without: Container[str] = (),
) -> dict[str, float]:
    """Every measure of ``task`` by id, but those in ``without``; those the model can't serve are
    left out.

    ``classes`` are the labels behind the codes; the others are as in `Predicted`. A score that is
    not defined on these rows is NaN.
    """
    given = Predicted(truth, predicted, len(classes), probabilities, decision)
    scores: dict[str, float] = {}
    with warnings.catch_warnings():
        # scikit-learn warns of scores that are not defined here; the NaN says so already.
        warnings.simplefilter("ignore")
        for name, measure in MEASURES.items():
            if task in measure.card.tasks and name not in without:
                score = measure.function(given)
                if score is not None:
                    scores[name] = float(score)
    return scores


def _accuracy(given: Predicted) -> float:
    from sklearn.metrics import accuracy_score

    return accuracy_score(given.truth, given.labels)


def _balanced_accuracy(given: Predicted) -> float:
    from sklearn.metrics import balanced_accuracy_score

    return balanced_accuracy_score(given.truth, given.labels)


def _f1_macro(given: Predicted) -> float:
    from sklearn.metrics import f1_score

    every = np.arange(given.classes)
    return f1_score(given.truth, given.labels, labels=every, average="macro")


def _roc_auc(given: Predicted) -> float | None:
    """Of the positive class; with more than two classes, the mean over each against the rest.

    A class that none or all of the rows have is left out of the mean.
    """
    from sklearn.metrics import roc_auc_score

    scores = given.probabilities if given.probabilities is not None else given.decision
    if scores is None:
        return None
    positives = [1] if given.classes == 2 else range(given.classes)
    is_class = {c: given.truth == c for c in positives}
    areas = [
        roc_auc_score(member, scores[:, c])
        for c, member in is_class.items()
        if member.any() and not member.all()
    ]
    return float(np.mean(areas)) if areas else float("nan")


def _log_loss(given: Predicted) -> float | None:
    from sklearn.metrics import log_loss

    if given.probabilities is None:
        return None
    return log_loss(given.truth, given.probabilities, labels=np.arange(given.classes))


def _rmse(given: Predicted) -> float:
    from sklearn.metrics import root_mean_squared_error

    return root_mean_squared_error(given.truth, given.labels)


def _mae(given: Predicted) -> float:
    from sklearn.metrics import mean_absolute_error

    return mean_absolute_error(given.truth, given.labels)


def _r2(given: Predicted) -> float:
    from sklearn.metrics import r2_score

    return r2_score(given.truth, given.labels)


MEASURES: dict[str, Measure] = {
    measure.card.id: measure
    for measure in (
        Measure(
            MeasureCard(
                id="accuracy",
                label="Accuracy",
                maximise=True,
                tasks=CLASSES,
                summary="Share of rows whose class is predicted right.",
                help="accuracy",
            ),
            _accuracy,
        ),
        Measure(
            MeasureCard(
                id="balanced_accuracy",
                label="Balanced accuracy",
                maximise=True,
                tasks=CLASSES,
                summary="Accuracy within each class, averaged: rare classes count as much.",
                help="balanced_accuracy",
            ),
            _balanced_accuracy,
        ),
        Measure(
            MeasureCard(
                id="roc_auc",
                label="ROC AUC",
                maximise=True,
                tasks=CLASSES,
                summary="How well rows are ranked: 0.5 is chance, 1 is perfect.",
                help="roc_auc",
            ),
            _roc_auc,
        ),
        Measure(
            MeasureCard(
                id="log_loss",
                label="Log loss",
                maximise=False,
                tasks=CLASSES,
                summary="How far the predicted probabilities are from what happened.",
                help="log_loss",
                needs_probabilities=True,
            ),
            _log_loss,
        ),
        Measure(
            MeasureCard(
                id="f1_macro",
                label="F1 (macro)",
                maximise=True,
                tasks=CLASSES,
                summary="Precision and recall in one number for each class, averaged over classes.",
                help="f1_macro",
            ),
            _f1_macro,
        ),
        Measure(
            MeasureCard(
                id="rmse",
                label="RMSE",
                maximise=False,
                tasks=NUMBERS,
                summary="Root mean squared error, in the target's units; large errors weigh more.",
                help="rmse",
            ),
            _rmse,
        ),
        Measure(
            MeasureCard(
                id="mae",
                label="MAE",
                maximise=False,
                tasks=NUMBERS,
                summary="Mean absolute error, in the target's units.",
                help="mae",
            ),
            _mae,
        ),
        Measure(
            MeasureCard(
                id="r2",
                label="R²",
                maximise=True,
                tasks=NUMBERS,
                summary="Share of the target's variation that is explained: 1 is perfect.",
                help="r2",
            ),
            _r2,
        ),
    )
}
"""Every measure by its id, in the order they are listed."""
