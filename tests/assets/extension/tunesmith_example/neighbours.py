"""A learner: k nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.learners.base import COMMON_TYPES, Learner, bounds, settings
from engine.plan import Task
from engine.space import Categorical, Configuration, Float, Integer, SearchSpace, Value


class Neighbours(Learner):
    """scikit-learn's k nearest neighbours, with the power of Minkowski's distance tuned."""

    card = LearnerCard(
        id="knn",
        label="Nearest neighbours",
        summary="The vote, or the mean, of the training rows that are most alike.",
        good_for="Small tables of numeric columns that are all of use.",
        cost="Fits at once; predictions grow with the training rows.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=("n_neighbors", "weights", "p"),
        help="knn",
        help_text=Path(__file__).with_name("knn.md").read_text("utf-8"),
    )
    scales = True
    bounds = bounds(
        Integer("n_neighbors", 1, 1_000_000),
        Categorical("weights", ("uniform", "distance")),
        Float("p", 1.0, 100.0),
    )
    # What skops does not trust of itself: run the conformance suite, and it names them.
    trusted = (
        *COMMON_TYPES,
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.neighbors._kd_tree.KDTree",
    )
    modules = ("sklearn.neighbors",)

    def space(self, facts: Facts) -> SearchSpace:
        # Far below the rows, since partial fits and folds have fewer of them.
        most = min(max(facts.rows // 20, 5), 50)
        return SearchSpace(
            (
                Integer("n_neighbors", 1, most, log=True),
                Categorical("weights", ("uniform", "distance")),
                Float("p", 1.0, 5.0),
            )
        )

    def default(self, facts: Facts) -> Configuration:
        return {"n_neighbors": 5, "weights": "uniform", "p": 2.0}

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        from sklearn import neighbors

        regression = task == "regression"
        family = neighbors.KNeighborsRegressor if regression else neighbors.KNeighborsClassifier
        return family(**settings(self.bounds, configuration), n_jobs=1)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        return 2e-3 + 1e-8 * facts.rows**1.5 * facts.encoded
