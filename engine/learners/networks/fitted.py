"""Base of estimators that train a network and predict by scikit-learn's own.

After `fit`, ``model_`` is an `MLPClassifier` or `MLPRegressor` with the trained weights. It makes
the predictions, and it is all that a saved model needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class Fitted(BaseEstimator, ABC):
    """Shared by classifiers and regressors. A subclass implements the training."""

    @abstractmethod
    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int) -> list[Any]:
        """Train a network and set ``seed_``.

        Args:
            X: features, shape (n, columns), float32.
            y: class codes, int32, or standardised numbers, float32; shape (n,).
            outputs: number of classes, or 1 for a number.

        Returns:
            Pairs (W, b) of the layers, in float64.
        """

    @abstractmethod
    def _described(self) -> dict[str, Any]:
        """Arguments of scikit-learn's estimator that describe the training."""

    def _history(self) -> tuple[Sequence[float], int]:
        """Losses of the epochs, empty if there are none, and the steps of the training."""
        return (), 0

    def _as_plain(self, kind: Any, layers: list[Any], columns: int, output: str) -> Any:
        """An `MLPClassifier` or `MLPRegressor` with ``layers``, ready to predict."""
        sizes = tuple(biases.size for _, biases in layers[:-1])
        plain = kind(hidden_layer_sizes=sizes, **self._described())
        plain.coefs_ = [weights for weights, _ in layers]
        plain.intercepts_ = [biases for _, biases in layers]
        plain.n_layers_ = len(layers) + 1
        plain.n_outputs_ = layers[-1][1].size
        plain.out_activation_ = output
        plain.n_features_in_ = columns
        losses, steps = self._history()
        plain.loss_curve_ = list(losses)
        plain.n_iter_ = max(1, len(losses))
        plain.t_ = steps
        return plain

    def _rows(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        return np.asarray(validate_data(self, X, reset=False, dtype=np.float64))


class FittedClassifier(ClassifierMixin, Fitted):
    """Classifier for two or more classes."""

    def fit(self, X: Any, y: Any) -> FittedClassifier:
        """Train a network and convert it to scikit-learn's own.

        Args:
            X: features, shape (n, columns).
            y: labels, shape (n,).

        Returns:
            Itself.

        Raises:
            ValueError: for fewer than 2 classes, or arguments out of their range.
        """
        X, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if self.classes_.size < 2:
            raise ValueError("There must be rows of at least 2 classes, but there is 1 class.")
        layers = self._train(X, codes.astype(np.int32), self.classes_.size)
        output = "softmax"
        if self.classes_.size == 2:
            # One logistic output is the same as the difference of two in a softmax.
            weights, biases = layers[-1]
            layers[-1] = (weights[:, 1:] - weights[:, :1], biases[1:] - biases[:1])
            output = "logistic"
        self.model_ = self._as_plain(MLPClassifier, layers, X.shape[1], output)
        self.model_._label_binarizer = LabelBinarizer().fit(self.classes_)
        self.model_.classes_ = self.classes_
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the most likely label of each row.

        Args:
            X: features, shape (n, columns).

        Returns:
            Labels, shape (n,).
        """
        rows = self._rows(X)
        return self.model_.predict(rows)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class for each row.

        Args:
            X: features, shape (n, columns).

        Returns:
            Probabilities in the order of ``classes_``, shape (n, classes).
        """
        rows = self._rows(X)
        return self.model_.predict_proba(rows)


class FittedRegressor(RegressorMixin, Fitted):
    """Regressor for one number; trained on the standardised target."""

    def fit(self, X: Any, y: Any) -> FittedRegressor:
        """Train a network on the standardised target and convert it to scikit-learn's own.

        Args:
            X: features, shape (n, columns).
            y: numbers, shape (n,).

        Returns:
            Itself.

        Raises:
            ValueError: for arguments out of their range.
        """
        X, y = validate_data(self, X, y, dtype=np.float32, y_numeric=True)
        y = np.asarray(y, np.float64)
        middle, spread = y.mean(), y.std() or 1.0
        layers = self._train(X, ((y - middle) / spread).astype(np.float32), 1)
        weights, biases = layers[-1]
        # Undo the standardisation in the linear last layer, so that predictions are in the target's
        # units.
        layers[-1] = (weights * spread, biases * spread + middle)
        self.model_ = self._as_plain(MLPRegressor, layers, X.shape[1], "identity")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the number of each row.

        Args:
            X: features, shape (n, columns).

        Returns:
            Numbers in the units of the target, shape (n,).
        """
        rows = self._rows(X)
        return self.model_.predict(rows)


def plain(model: Any) -> Any:
    """Return the scikit-learn estimator that a fitted network predicts with; it needs no JAX."""
    return model.model_
