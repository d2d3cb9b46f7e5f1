"""Measures of predicted numbers: their errors, in the target's units or against its variation."""

from __future__ import annotations

import math

import numpy as np

from engine.domain.cards import MeasureCard
from engine.objective.measures.base import NUMBERS, Measure, Metric, RowMeans


def _squares(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.square(truth - predicted)[:, None]


def _sizes(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.abs(truth - predicted)[:, None]


def _squares_and_spread(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    # Centred first: the variance from means of large numbers would lose its digits.
    centred = truth - np.mean(truth)
    return np.column_stack([np.square(truth - predicted), centred, np.square(centred)])


def _share_explained(means: np.ndarray) -> float:
    variance = means[2] - means[1] ** 2
    return float(1 - means[0] / variance) if variance > 0 else math.nan


RMSE = Measure(
    MeasureCard(
        id="rmse",
        label="RMSE",
        maximise=False,
        tasks=NUMBERS,
        summary="Root mean squared error, in the target's units; large errors weigh more.",
        help="rmse",
        low=0.0,
    ),
    Metric("root_mean_squared_error"),
    order=60,
    row_means=RowMeans(_squares, lambda means: math.sqrt(means[0])),
)

MAE = Measure(
    MeasureCard(
        id="mae",
        label="MAE",
        maximise=False,
        tasks=NUMBERS,
        summary="Mean absolute error, in the target's units.",
        help="mae",
        low=0.0,
    ),
    Metric("mean_absolute_error"),
    order=70,
    row_means=RowMeans(_sizes, lambda means: float(means[0])),
)

R2 = Measure(
    MeasureCard(
        id="r2",
        label="R²",
        maximise=True,
        tasks=NUMBERS,
        summary="Share of the target's variation that is explained: 1 is perfect.",
        help="r2",
        high=1.0,
    ),
    Metric("r2_score"),
    order=80,
    row_means=RowMeans(_squares_and_spread, _share_explained),
)
