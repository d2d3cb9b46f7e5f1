"""Measures of predicted classes: how many are right, over all rows or class by class."""

from __future__ import annotations

from engine.domain.cards import MeasureCard
from engine.objective.measures.base import CLASSES, Measure, Metric

ACCURACY = Measure(
    MeasureCard(
        id="accuracy",
        label="Accuracy",
        maximise=True,
        tasks=CLASSES,
        summary="Share of rows whose class is predicted right.",
        help="accuracy",
        low=0.0,
        high=1.0,
    ),
    Metric("accuracy_score"),
    order=10,
    proportion=True,
)

BALANCED_ACCURACY = Measure(
    MeasureCard(
        id="balanced_accuracy",
        label="Balanced accuracy",
        maximise=True,
        tasks=CLASSES,
        summary="Accuracy within each class, averaged: rare classes count as much.",
        help="balanced_accuracy",
        low=0.0,
        high=1.0,
    ),
    Metric("balanced_accuracy_score"),
    order=20,
)

F1_MACRO = Measure(
    MeasureCard(
        id="f1_macro",
        label="F1 (macro)",
        maximise=True,
        tasks=CLASSES,
        summary="Precision and recall in one number for each class, averaged over classes.",
        help="f1_macro",
        low=0.0,
        high=1.0,
    ),
    Metric("f1_score", {"average": "macro", "zero_division": 0.0}, every_class=True),
    order=50,
)
