"""Random forest surrogate with a predictive variance by the law of total variance.

Hutter et al. (2014), *Algorithm runtime prediction*, section 4.3.2: a tree predicts the mean and
the variance of the scores in a leaf; the forest's mean is the mean over trees, and its variance the
mean of the trees' variances plus the variance of their means.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.tree import ExtraTreeRegressor

from engine.tuners.bayes.encoding import Encoding

INACTIVE = -1.0
"""Stands for an inactive hyperparameter: below every value, so that one cut sets it apart."""

FLOOR = 1e-3
"""Smallest standard deviation of a prediction, in standardised scores: a leaf of one score has
none."""


class Forest:
    """Extremely randomised trees fitted to scored rows.

    Args:
        encoding: of the space.
        rows: shape (n, d).
        scores: shape (n,).
        trees: number of trees.
        seed: of the random cuts.
    """

    def __init__(
        self, encoding: Encoding, rows: np.ndarray, scores: np.ndarray, trees: int, seed: int
    ) -> None:
        self._encoding = encoding
        features = tree_features(self._encoding, rows)
        rng = np.random.default_rng(seed)
        self.trees: list[Any] = []
        self._means, self._variances = [], []
        for _ in range(trees):
            grown = ExtraTreeRegressor(
                # The shares of SMAC's forest: five sixths of the columns at each cut.
                max_features=5 / 6,
                min_samples_split=3,
                random_state=int(rng.integers(2**31)),
            ).fit(features, scores, check_input=False)
            tree = grown.tree_
            self.trees.append(tree)
            self._means.append(tree.value[:, 0, 0])
            # The impurity of a leaf under squared error is the variance of its scores.
            self._variances.append(tree.impurity)

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict mean and standard deviation of the score at ``rows``, shape ``(m, d)``: each
        shape ``(m,)``."""
        features = tree_features(self._encoding, rows)
        total, squares = np.zeros(len(rows)), np.zeros(len(rows))
        for tree, means, variances in zip(self.trees, self._means, self._variances, strict=True):
            leaf = tree.apply(features)
            mean = means[leaf]
            total += mean
            squares += mean**2 + variances[leaf]
        mean = total / len(self.trees)
        # E[var] + var[E], with squares = sum of (mean^2 + variance) over trees.
        variance = squares / len(self.trees) - mean**2
        return mean, np.sqrt(np.maximum(variance, 0.0) + FLOOR**2)


def tree_features(encoding: Encoding, rows: np.ndarray) -> np.ndarray:
    """Features of ``rows``, shape ``(m, d)``, for trees: numbers as they are, choices among three
    or more one-hot, `INACTIVE` where inactive; shape ``(m, f)``."""
    choices = encoding.choices
    blocks: Iterable[np.ndarray] = (
        rows[:, j, None] if choices[j] < 3 else _one_hot(rows[:, j], int(choices[j]))
        for j in range(encoding.width)
    )
    features = np.concatenate(list(blocks), axis=1)
    return np.where(np.isnan(features), INACTIVE, features).astype(np.float32)


def _one_hot(column: np.ndarray, count: int) -> np.ndarray:
    """A column for each of ``count`` choices, all NaN where ``column`` is."""
    hot = (np.floor(column * count)[:, None] == np.arange(count)).astype(float)
    hot[np.isnan(column)] = np.nan
    return hot
