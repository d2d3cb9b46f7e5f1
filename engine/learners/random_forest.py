"""Random forests (Breiman 2001)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.learners.base import COMMON_TYPES, Learner, bounds, settings
from engine.plan import Task
from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace, Value


class RandomForest(Learner):
    """A random forest.

    ``max_features`` is the share of columns that each split may choose from; 0 means one column.
    """

    card = LearnerCard(
        id="random_forest",
        label="Random forest",
        summary="The vote of many decision trees, each grown on other rows and columns.",
        good_for="Most tables, with little preparation; a strong start that seldom fails badly.",
        cost="Grows with trees times rows times columns tried.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=("n_estimators", "max_features", "bootstrap", "max_samples"),
        help="random_forest",
        fidelity_parameter="n_estimators",
    )
    order = 10
    scales = False
    bounds = bounds(
        Integer("n_estimators", 1, 1_000_000),
        Float("max_features", 0.0, 1.0),
        Categorical("bootstrap", (True, False)),
        Float("max_samples", 1e-6, 1.0),
    )
    trusted = (*COMMON_TYPES, "sklearn.tree._tree.Tree")
    modules = ("sklearn.ensemble",)
    class_weight = True
    row_weights = True

    def space(self, facts: Facts) -> SearchSpace:
        """Trees, columns per split, bootstrap and its share of rows."""
        return SearchSpace(
            (
                Integer("n_estimators", 1, 2000),
                Float("max_features", 0.0, 1.0),
                Categorical("bootstrap", (True, False)),
                Float("max_samples", 0.1, 1.0),
            ),
            (Condition("max_samples", "bootstrap", (True,)),),
        )

    def default(self, facts: Facts) -> Configuration:
        """The library's defaults; its square root of the columns as a share."""
        share = 1.0 if facts.task == "regression" else root_share(max(facts.encoded, 1))
        return {
            "n_estimators": 100,
            "max_features": share,
            "bootstrap": True,
            "max_samples": 1.0,
        }

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """`RandomForestClassifier` or `RandomForestRegressor`."""
        from sklearn import ensemble

        chosen = settings(self.bounds, configuration)
        if chosen.get("max_features") == 0.0:
            chosen["max_features"] = 1  # scikit-learn refuses a share of 0; this is one column
        if not chosen.get("bootstrap", True):
            chosen.pop("max_samples", None)
        regression = task == "regression"
        family = ensemble.RandomForestRegressor if regression else ensemble.RandomForestClassifier
        return family(**chosen, n_jobs=1, random_state=seed)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Trees times a sort of the rows on each level, for half the columns on average."""
        sorting = facts.rows * math.log2(facts.rows + 1)
        return (6e-4 + 2.1e-8 * sorting * facts.encoded**0.8) * size


def root_share(columns: int) -> float:
    """Share equivalent to the square root: ``int(share * columns) == int(sqrt(columns))``."""
    share = math.sqrt(columns) / columns
    while int(share * columns) < math.isqrt(columns):
        # Rounding may land just below the whole number that ``int`` needs.
        share = math.nextafter(share, 1.0)
    return share
