"""Support vector machines with a radial kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.learners.base import COMMON_TYPES, Learner, bounds, settings
from engine.plan import Task
from engine.space import Configuration, Float, SearchSpace, Value

CALIBRATED = 5.0
"""Probabilities take five more fits on four fifths of the rows, and their predictions."""


class Svm(Learner):
    """An SVM with RBF kernel.

    scikit-learn's default ``gamma="scale"`` is one over columns times variance; on standardised
    features that is one over the number of columns. Probabilities, where a measure needs them, come
    from a sigmoid fitted to five-fold decision values (Platt 1999).
    """

    card = LearnerCard(
        id="svm",
        label="Support vector machine (RBF)",
        summary="Compares each row with the hard cases among the training rows.",
        good_for="Small and middling tables with numeric columns and a smooth, curved relation.",
        cost="Grows with the square of the rows or faster: slow beyond some 10,000.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=("C", "gamma"),
        help="svm",
        most_rows=10_000,
        cost_source="scikit-learn user guide, 1.4.4 Complexity",
    )
    order = 30
    scales = True
    bounds = bounds(
        Float("C", 1e-12, 1e12, log=True),
        Float("gamma", 1e-12, 1e12, log=True),
    )
    trusted = (
        *COMMON_TYPES,
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
    )
    modules = ("sklearn.svm", "sklearn.calibration")
    class_weight = True
    row_weights = True

    def space(self, facts: Facts) -> SearchSpace:
        """Penalty and kernel width."""
        return SearchSpace(
            (Float("C", 1e-4, 1e4, log=True), Float("gamma", 1e-4, 1e4, log=True)),
        )

    def default(self, facts: Facts) -> Configuration:
        """The library's defaults for standardised features."""
        gamma = 1.0 / max(facts.encoded, 1)
        return self.space(facts).nearest({"C": 1.0, "gamma": gamma})

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """`SVC`, calibrated if probabilities are needed, or `SVR`."""
        from sklearn import svm
        from sklearn.calibration import CalibratedClassifierCV

        chosen = settings(self.bounds, configuration)
        if task == "regression":
            return svm.SVR(**chosen)
        classifier = svm.SVC(**chosen, random_state=seed)
        if not probabilities:
            return classifier
        calibrated: Any = CalibratedClassifierCV
        # One SVM of all rows with one sigmoid, instead of an average of five.
        return calibrated(classifier, ensemble=False)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """The square of the rows times columns (scikit-learn user guide, 1.4.4); probabilities take
        five more fits on four fifths of the rows."""
        once = 2e-3 + 7e-10 * facts.rows**2 * facts.encoded
        return once * CALIBRATED if probabilities and facts.classes else once
