"""The area under the ROC curve: how well rows are ranked by what a model says of a class."""

from __future__ import annotations

import numpy as np

from engine.domain.cards import MeasureCard
from engine.objective.measures.base import CLASSES, Measure


def mean_area(truth: np.ndarray, scores: np.ndarray, classes: int) -> float:
    """Area under the ROC curve of the positive class; with more than two classes, the mean over
    each against the rest. A class that none or all of the rows have is left out of the mean.

    Args:
        truth: shape (n,), class codes.
        scores: shape (n, classes), larger where a class is more likely.
        classes: how many there are.
    """
    from sklearn.metrics import roc_auc_score

    positives = [1] if classes == 2 else range(classes)
    areas = [
        roc_auc_score(truth == code, scores[:, code])
        for code in positives
        if 0 < np.count_nonzero(truth == code) < len(truth)
    ]
    return float(np.mean(areas)) if areas else float("nan")


ROC_AUC = Measure(
    MeasureCard(
        id="roc_auc",
        label="ROC AUC",
        maximise=True,
        tasks=CLASSES,
        summary="How well rows are ranked: 0.5 is chance, 1 is perfect.",
        help="roc_auc",
        needs="scores",
        low=0.0,
        high=1.0,
    ),
    mean_area,
    order=30,
    # A curve for each class can take as long as a small fit.
    dear_from=3,
)
