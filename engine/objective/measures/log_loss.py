"""The log loss: how far predicted probabilities are from what happened."""

from __future__ import annotations

import numpy as np

from engine.domain.cards import MeasureCard
from engine.objective.measures.base import CLASSES, Measure, Metric, RowMeans

_CLIP = 1e-15


def _of_rows(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    own = probabilities[np.arange(len(truth)), truth.astype(int)]
    return -np.log(own.clip(_CLIP, 1 - _CLIP))[:, None]


LOG_LOSS = Measure(
    MeasureCard(
        id="log_loss",
        label="Log loss",
        maximise=False,
        tasks=CLASSES,
        summary="How far the predicted probabilities are from what happened.",
        help="log_loss",
        needs="probabilities",
        low=0.0,
    ),
    Metric("log_loss", every_class=True),
    order=40,
    row_means=RowMeans(_of_rows, lambda means: float(means[0])),
)
