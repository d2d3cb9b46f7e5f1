"""Learning curves of real models, every configuration of a grid at every size: for `fidelity.py`.

A forest of some trees and a boosted model of some rounds are the beginning of larger ones with the
same seed. So one full fit of each fold gives the scores at all sizes, and what a search would pay
for going on is the difference. Every configuration is fitted once; searches then look scores up.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn import datasets
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold

from engine.space import Configuration, Integer, SearchSpace

STEPS = 27
"""Of a full fit."""
TREES, ROUNDS = 54, 81
FOLDS = 3

FOREST = SearchSpace(
    (Integer("max_features", 1, 8), Integer("max_samples", 1, 6), Integer("leaf", 1, 6))
)
BOOSTING = SearchSpace(
    (Integer("learning_rate", 0, 11), Integer("depth", 1, 6), Integer("l2", 0, 3))
)
"""Levels of what `forest` and `boosting` set."""
DEFAULTS: dict[str, Configuration] = {
    "forest": {"max_features": 3, "max_samples": 6, "leaf": 1},
    "boosting": {"learning_rate": 6, "depth": 6, "l2": 0},
}
"""The library's, as near as the grid has them."""


def forest(configuration: Configuration, regression: bool) -> Any:
    family = RandomForestRegressor if regression else RandomForestClassifier
    return family(
        TREES,
        max_features=configuration["max_features"] / 8,  # type: ignore[operator]
        max_samples=configuration["max_samples"] / 6 if configuration["max_samples"] < 6 else None,  # type: ignore[operator]
        min_samples_leaf=configuration["leaf"],  # type: ignore[arg-type]
        random_state=0,
    )


def boosting(configuration: Configuration, regression: bool) -> Any:
    family = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    return family(
        max_iter=ROUNDS,
        # Four a decade, from 0.003 to 1.8.
        learning_rate=10 ** (configuration["learning_rate"] / 4 - 2.5),  # type: ignore[operator]
        max_depth=configuration["depth"],  # type: ignore[arg-type]
        l2_regularization=(0.0, 0.1, 3.0, 100.0)[configuration["l2"]],  # type: ignore[index]
        early_stopping=False,
        random_state=0,
    )


def predictions(model: Any, X: np.ndarray, regression: bool) -> np.ndarray:
    """What the fitted ``model`` predicts after each step, shape (STEPS, n) or (STEPS, n, classes):
    values or probabilities."""
    if hasattr(model, "estimators_"):
        one = "predict" if regression else "predict_proba"
        each = np.array([getattr(tree, one)(X) for tree in model.estimators_])
        counts = np.arange(1, TREES + 1).reshape(-1, *[1] * (each.ndim - 1))
        every = np.cumsum(each, axis=0) / counts
    else:
        staged = model.staged_predict if regression else model.staged_predict_proba
        every = np.array(list(staged(X)))
    size = len(every) // STEPS
    return every[size - 1 :: size]


class Curves:
    """One model on one table, costs being smaller where better, of every configuration.

    Args:
        name: model and table.
        space: of whole numbers.
        costs: shape (STEPS,) by configuration; means over the folds.
        default: of the space.
    """

    def __init__(
        self,
        name: str,
        space: SearchSpace,
        costs: dict[tuple, np.ndarray],
        default: Configuration,
    ) -> None:
        self.name, self.space, self.costs, self.default = name, space, costs, default
        full = [curve[-1] for curve in costs.values()]
        self._best, self._median = float(min(full)), float(np.median(full))

    def __call__(self, configuration: Configuration, fidelity: float = 1.0) -> float:
        """The cost of ``configuration`` at the step nearest to the share ``fidelity``."""
        curve = self.costs[tuple(configuration[name] for name in self.space.names)]
        return float(curve[max(1, round(fidelity * STEPS)) - 1])

    def regret(self, configuration: Configuration) -> float:
        """Of the full fit: 0 for the best configuration of the grid, 1 for the median one."""
        return (self(configuration) - self._best) / (self._median - self._best)


class Pair(NamedTuple):
    model: str
    table: str

    @property
    def name(self) -> str:
        return f"{self.model}/{self.table}"


PAIRS = (
    Pair("forest", "wine"),
    Pair("forest", "breast cancer"),
    Pair("forest", "digits"),
    Pair("boosting", "breast cancer"),
    Pair("boosting", "mixed"),
    Pair("boosting", "friedman"),
)
"""What is reported."""
OTHERS = (
    Pair("forest", "mixed"),
    Pair("forest", "diabetes"),
    Pair("boosting", "wine"),
    Pair("boosting", "diabetes"),
)
"""What settings may be tuned on."""
MODELS: dict[str, tuple[SearchSpace, Callable[[Configuration, bool], Any]]] = {
    "forest": (FOREST, forest),
    "boosting": (BOOSTING, boosting),
}


def table(name: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """Features, target and whether it is a number."""
    if name == "wine":
        X, y = datasets.load_wine(return_X_y=True)
    elif name == "breast cancer":
        X, y = datasets.load_breast_cancer(return_X_y=True)
    elif name == "digits":
        X, y = datasets.load_digits(return_X_y=True)
        X, y = X[:400], y[:400]
    elif name == "mixed":
        X, y = datasets.make_classification(
            400, 12, n_informative=6, n_clusters_per_class=3, flip_y=0.05, random_state=0
        )
    elif name == "diabetes":
        X, y = datasets.load_diabetes(return_X_y=True)
    else:
        X, y = datasets.make_friedman1(400, 10, noise=1.0, random_state=0)
    return X, y, name in ("friedman", "diabetes")


def curves(pair: Pair) -> Curves:
    """Fit every configuration of ``pair``: 288 of them."""
    space, make = MODELS[pair.model]
    X, y, regression = table(pair.table)
    folds = (KFold if regression else StratifiedKFold)(FOLDS, shuffle=True, random_state=0)
    measure = root_mean_squared_error if regression else log_loss
    axes = [range(p.low, p.high + 1) for p in space.parameters if isinstance(p, Integer)]
    costs = {}
    for values in itertools.product(*axes):
        configuration = dict(zip(space.names, values, strict=True))
        of_folds = []
        for train, test in folds.split(X, y):
            model = make(configuration, regression).fit(X[train], y[train])
            staged = predictions(model, X[test], regression)
            of_folds.append([measure(y[test], predicted) for predicted in staged])
        costs[values] = np.mean(of_folds, axis=0)
    return Curves(pair.name, space, costs, DEFAULTS[pair.model])
