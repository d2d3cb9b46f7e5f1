"""A measure: Matthews' correlation of true and predicted classes."""

from __future__ import annotations

from pathlib import Path

from engine.domain.cards import MeasureCard
from engine.objective.measures.base import CLASSES, Measure, Metric

MATTHEWS = Measure(
    MeasureCard(
        id="mcc",
        label="Matthews correlation",
        maximise=True,
        tasks=CLASSES,
        summary="Correlation of true and predicted classes: 0 is chance, 1 is perfect.",
        help="mcc",
        help_text=Path(__file__).with_name("mcc.md").read_text("utf-8"),
        low=-1.0,
        high=1.0,
    ),
    Metric("matthews_corrcoef"),
)
