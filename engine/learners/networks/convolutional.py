"""Small convolutional networks as scikit-learn estimators.

A convolution is a matrix with many equal and many empty places. So a fitted one is saved as
scikit-learn's own perceptron too, with hidden layers as large as the filtered pictures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.guide.facts import Picture
from engine.learners.networks.estimator import COUNTS, Network
from engine.learners.networks.fitted import FittedClassifier, FittedRegressor, plain
from engine.learners.networks.layers import dense
from engine.learners.networks.shapes import Convolutions

__all__ = ["ConvolutionalClassifier", "ConvolutionalRegressor", "plain"]


class Convolutional(Network):
    """Convolutions, each of which halves the edge of the pictures and doubles the filters, then a
    linear output layer.

    Args:
        layers: convolutions.
        filters: of the first.
        kernel: edge of a filter, in pixels.
        side: edge of the square pictures, in pixels; 0: as large as the columns need, row by row,
            where pixels missing at the end count as 0.
        places: number of the pixel of each column, from 0; None: in the columns' order. Pixels
            without a column count as 0.

    The others are those of `Network`.
    """

    def __init__(
        self,
        *,
        layers: int = 2,
        filters: int = 16,
        kernel: int = 3,
        activation: str = "relu",
        solver: str = "adam",
        step_size: float = 1e-3,
        momentum: float = 0.9,
        l2: float | Sequence[float] = 1e-6,
        batch_size: int = 128,
        epochs: int = 100,
        schedule: str = "constant",
        schedule_epochs: int = 100,
        initial_scale: float | Sequence[float] = 1.0,
        patience: int = 0,
        side: int = 0,
        places: Sequence[int] | None = None,
        warm_start: bool = False,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            layers=layers,
            activation=activation,
            solver=solver,
            step_size=step_size,
            momentum=momentum,
            l2=l2,
            batch_size=batch_size,
            epochs=epochs,
            schedule=schedule,
            schedule_epochs=schedule_epochs,
            initial_scale=initial_scale,
            patience=patience,
            warm_start=warm_start,
            random_state=random_state,
        )
        self.filters = filters
        self.kernel = kernel
        self.side = side
        self.places = places

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int) -> list[Any]:
        self._check()
        picture = self._picture(X.shape[1])
        pixels = np.zeros((X.shape[0], picture.side**2), X.dtype)
        pixels[:, picture.places] = X  # a column is a pixel, wherever it lies
        self.pixels_ = pixels.shape[1]
        layers = super()._train(pixels, y, outputs)
        # Constant pixels have no column, so their rows of the first matrix are dropped.
        weights, biases = layers[0]
        return [(weights[list(picture.places)], biases), *layers[1:]]

    def _picture(self, columns: int) -> Picture:
        side = self.side or math.isqrt(columns - 1) + 1
        places = range(columns) if self.places is None else self.places
        picture = Picture(side, tuple(int(place) for place in places))
        if len(picture.places) != columns or not 0 <= max(picture.places) < side * side:
            raise ValueError(
                f"{columns} columns are not {len(picture.places)} of {side} x {side} pixels."
            )
        return picture

    def _sizes(self, columns: int, outputs: int) -> tuple[Any, Any]:
        picture = Picture(math.isqrt(columns), ())
        parts = Convolutions(picture, self.layers, self.filters, self.kernel)
        return (parts.outputs, outputs), parts.kernels

    def _kept(self, sizes: tuple[int, ...]) -> list[Any]:
        return dense(self.training_.kept, self.pixels_)

    def _counts(self) -> dict[str, int]:
        others = {name: least for name, least in COUNTS.items() if name != "width"}
        return {**others, "filters": 1, "kernel": 1, "side": 0}


class ConvolutionalClassifier(Convolutional, FittedClassifier):
    """Classifier for two or more classes. For its arguments see `Convolutional`."""


class ConvolutionalRegressor(Convolutional, FittedRegressor):
    """Regressor for one number. For its arguments see `Convolutional`."""
