"""`Measure`: how good predictions are, as one declaration.

What a measure is called, which way is better, what it needs of a model, how it is computed, here
and in an exported script: all of it stands in the measure's own file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.domain.cards import MeasureCard
from engine.plan import Task
from engine.registry import LAST

CLASSES: tuple[Task, ...] = ("binary", "multiclass")
NUMBERS: tuple[Task, ...] = ("regression",)


@dataclass(frozen=True)
class Predicted:
    """Predictions for n rows, with the truth.

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

    def at(self, rows: np.ndarray) -> Predicted:
        """The predictions for ``rows``, shape (m,), which may repeat."""
        probabilities, decision = self.probabilities, self.decision
        return Predicted(
            self.truth[rows],
            self.labels[rows],
            self.classes,
            None if probabilities is None else probabilities[rows],
            None if decision is None else decision[rows],
        )


Function = Callable[[np.ndarray, np.ndarray, int], float]
"""(truth, what the measure needs, number of classes) -> score; NaN where it is not defined.

Its source text goes into exported scripts with all that it uses of its own module, so it may use
numpy, scikit-learn and its module's other functions.
"""


@dataclass(frozen=True)
class Metric:
    """A function of `sklearn.metrics` as a measure's `Function`.

    Attributes:
        name: of the function.
        keywords: arguments that it is called with.
        every_class: whether it gets ``labels``, so that classes absent from the rows count.
    """

    name: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    every_class: bool = False

    def __call__(self, truth: np.ndarray, given: np.ndarray, classes: int) -> float:
        from sklearn import metrics

        every = {"labels": range(classes)} if self.every_class else {}
        return getattr(metrics, self.name)(truth, given, **every, **self.keywords)


@dataclass(frozen=True)
class RowMeans:
    """A measure as a function of means over rows, which makes its bootstrap fast.

    Attributes:
        parts: (truth, what the measure needs) -> what each row adds to the means, shape (n, parts).
        combine: means of the parts, shape (parts,) -> score; NaN where it is not defined.
    """

    parts: Callable[[np.ndarray, np.ndarray], np.ndarray]
    combine: Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Measure:
    """A measure: how it is shown, and how it is computed.

    Attributes:
        card: how it is shown, its direction, bounds and what it needs of a model.
        function: its computation; one that is not a `Metric` is carried by exported scripts.
        order: its place in lists, the lowest first.
        dear_from: with so many classes and more it takes too long to be computed where it is not
            what is tuned; None: never.
        proportion: whether it is the share of rows predicted right, whose interval has a formula.
        row_means: the same from means over rows, if it can be had so.
    """

    card: MeasureCard
    function: Function
    order: float = LAST
    dear_from: int | None = None
    proportion: bool = False
    row_means: RowMeans | None = None

    def given(self, found: Predicted) -> np.ndarray | None:
        """The part of ``found`` that the measure needs; None where the model does not give it."""
        if self.card.needs == "labels":
            return found.labels
        if self.card.needs == "scores" and found.probabilities is None:
            return found.decision
        return found.probabilities

    def score(self, found: Predicted) -> float | None:
        """The score of ``found``, NaN where it is not defined; None where the model lacks what the
        measure needs."""
        given = self.given(found)
        return None if given is None else float(self.function(found.truth, given, found.classes))
