"""Regularised linear models: the elastic net (Zou and Hastie 2005)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.learners.base import COMMON_TYPES, Learner, bounds, outputs, settings
from engine.plan import Task
from engine.space import Configuration, Float, SearchSpace, Value

STRENGTHS = (1e-4, 1e4)
"""Range of the penalty's strength s per row, on a log scale (Bischl et al. 2023)."""


class ElasticNet(Learner):
    """Logistic regression for classes, least squares for numbers.

    scikit-learn's logistic regression takes ``C = 1 / (n s)`` for n rows, so the range of C depends
    on the table; its default, 1, is kept inside. It stops after the library's 100 sweeps: only fits
    with a weak penalty take longer, and stopping those early is a little more penalty. The fold's
    warnings say so.
    """

    card = LearnerCard(
        id="elastic_net",
        label="Regularised linear model",
        summary="A weighted sum of the features, with small weights preferred (elastic net).",
        good_for="Few rows or many columns, and whenever the weights should be readable.",
        cost="Grows in proportion to rows and columns.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=("C", "alpha", "l1_ratio"),
        help="elastic_net",
    )
    order = 40
    scales = True
    bounds = bounds(
        Float("C", 1e-12, 1e12, log=True),
        Float("alpha", 1e-12, 1e12, log=True),
        Float("l1_ratio", 0.0, 1.0),
    )
    trusted = COMMON_TYPES
    modules = ("sklearn.linear_model",)
    class_weight = True
    row_weights = True

    def space(self, facts: Facts) -> SearchSpace:
        """Strength (``C`` or ``alpha``) and mixing of the penalties."""
        if facts.task == "regression":
            strength = Float("alpha", *STRENGTHS, log=True)
        else:
            # In scikit-learn the loss is summed over rows; the review's s weighs the penalty
            # against its mean.
            low, high = (float(f"{1 / (facts.rows * s):.1e}") for s in reversed(STRENGTHS))
            strength = Float("C", min(low, 1.0), max(high, 1.0), log=True)
        return SearchSpace((strength, Float("l1_ratio", 0.0, 1.0)))

    def default(self, facts: Facts) -> Configuration:
        """The library's defaults."""
        if facts.task == "regression":
            return {"alpha": 1.0, "l1_ratio": 0.5}
        return {"C": 1.0, "l1_ratio": 0.0}

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """`LogisticRegression` (SAGA, the only solver with an elastic net) or `ElasticNet`."""
        from sklearn import linear_model

        chosen = settings(self.bounds, configuration)
        if task == "regression":
            return linear_model.ElasticNet(**chosen, random_state=seed)
        return linear_model.LogisticRegression(**chosen, solver="saga", random_state=seed)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Rows times columns, for at most a hundred sweeps."""
        return 1e-3 + 5e-8 * outputs(facts) * facts.rows * facts.encoded
