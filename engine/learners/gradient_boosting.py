"""Gradient boosting with histograms (after Ke et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.learners.base import COMMON_TYPES, Learner, bounds, outputs, settings
from engine.plan import Task
from engine.space import Configuration, Float, Integer, SearchSpace, Value


class GradientBoosting(Learner):
    """scikit-learn's histogram gradient boosting.

    It never stops early by itself: the number of rounds is what is being tuned.
    """

    card = LearnerCard(
        id="gradient_boosting",
        label="Gradient boosting",
        summary="Many small trees, each correcting what the ones before it got wrong.",
        good_for="Larger tables where accuracy counts; often the best once it is tuned.",
        cost="Grows with rounds times rows times columns.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=(
            "learning_rate",
            "max_iter",
            "max_depth",
            "max_features",
            "l2_regularization",
        ),
        help="gradient_boosting",
        fidelity_parameter="max_iter",
    )
    order = 20
    scales = False
    bounds = bounds(
        Float("learning_rate", 1e-12, 1e3, log=True),
        Integer("max_iter", 1, 1_000_000),
        Integer("max_depth", 1, 1_000),
        Float("max_features", 1e-6, 1.0),
        Float("l2_regularization", 0.0, 1e12),
    )
    trusted = (
        *COMMON_TYPES,
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    )
    modules = ("sklearn.ensemble",)
    class_weight = True
    row_weights = True

    def space(self, facts: Facts) -> SearchSpace:
        """Learning rate, rounds, depth, columns per split, L2 penalty."""
        return SearchSpace(
            (
                Float("learning_rate", 1e-4, 1.0, log=True),
                Integer("max_iter", 1, 5000),
                Integer("max_depth", 1, 20),
                Float("max_features", 0.1, 1.0),
                Float("l2_regularization", 1e-3, 1e3, log=True),
            )
        )

    def default(self, facts: Facts) -> Configuration:
        """The library's defaults, as far as the space has them."""
        # The library's: no limit of the depth, no l2 penalty. The ends of the ranges come closest;
        # trees of 31 leaves are hardly ever deeper than 20.
        return {
            "learning_rate": 0.1,
            "max_iter": 100,
            "max_depth": 20,
            "max_features": 1.0,
            "l2_regularization": 1e-3,
        }

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """`HistGradientBoostingClassifier` or `HistGradientBoostingRegressor`."""
        from sklearn import ensemble

        family: Any = (
            ensemble.HistGradientBoostingRegressor
            if task == "regression"
            else ensemble.HistGradientBoostingClassifier
        )
        chosen = settings(self.bounds, configuration)
        return family(**chosen, early_stopping=False, random_state=seed)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Rounds times rows, for one tree of at most 31 leaves per class."""
        return outputs(facts) * (1e-4 + 5e-7 * facts.rows) * size
