"""Interface of learners: `Learner` describes a model family and constructs its estimator.

A learner declares its recommended search space, the bounds that its estimator accepts, how a
configuration becomes an unfitted scikit-learn estimator, the cost of a fit and the types in a saved
model. It imports scikit-learn only when it builds one. The spaces are those of Bischl et al.
(2023), as published in mlr3tuningspaces (its "default" spaces), under scikit-learn's names.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.plan import Task
from engine.registry import LAST
from engine.space import Configuration, Float, Integer, Parameter, SearchSpace, Value

COMMON_TYPES = ("numpy.dtype",)
"""Types in every saved model that skops does not trust by default."""


class Learner(ABC):
    """A model family.

    Attributes:
        card: how it is shown.
        order: its place in lists, the lowest first.
        scales: whether it needs features on one scale.
        bounds: for each hyperparameter, what its estimator accepts; a space may not go beyond.
        trusted: names of the types in its saved models that skops may open.
        modules: imported by its workers before their first fit, in addition to the common ones.
        packages: distributions that its fits need in addition to scikit-learn.
        class_weight: whether its classifier takes ``class_weight``.
        row_weights: whether its fits take ``sample_weight``.
    """

    card: ClassVar[LearnerCard]
    order: ClassVar[float] = LAST
    scales: ClassVar[bool]
    bounds: ClassVar[Mapping[str, Parameter]]
    trusted: ClassVar[tuple[str, ...]]
    modules: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ()
    class_weight: ClassVar[bool] = False
    row_weights: ClassVar[bool] = False

    @abstractmethod
    def space(self, facts: Facts) -> SearchSpace:
        """Return the recommended search space for a table."""

    @abstractmethod
    def default(self, facts: Facts) -> Configuration:
        """Return the library's default configuration, as a point of `space`."""

    @abstractmethod
    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """Construct an unfitted scikit-learn estimator that uses one thread.

        Args:
            task: what is predicted.
            configuration: hyperparameters by name; those left out have the library's default.
            seed: of all randomness of the fit, below 2**31.
            probabilities: whether ``predict_proba`` is needed. Learners that have it anyway ignore
                this; others calibrate, which takes several fits.

        Returns:
            The estimator.
        """

    @abstractmethod
    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Estimate the time of a fit on one core of an ordinary desktop computer, in seconds,
        averaged over the recommended space.

        It only sizes the first budget, so a factor of two does no harm: folds that are timed before
        the search replace it.

        Args:
            facts: of the table.
            size: trees, rounds or epochs of the fit, where the card names a hyperparameter that
                grows.
            probabilities: as for `build`.
        """

    def portable(self, model: Any) -> Any:
        """Convert a fitted estimator to one of scikit-learn's own with the same predictions, to be
        saved."""
        return model


def bounds(*parameters: Parameter) -> dict[str, Parameter]:
    """Index ``parameters`` by name."""
    return {parameter.name: parameter for parameter in parameters}


def settings(legal: Mapping[str, Parameter], configuration: Mapping[str, Value]) -> dict[str, Any]:
    """Select the hyperparameters of ``configuration`` that ``legal`` has, converted to the types of
    their bounds.

    scikit-learn reads an integer as a count where a float is a share, so types matter.
    """
    kinds = {Float: float, Integer: int}
    chosen = {name: configuration[name] for name in legal if name in configuration}
    return {name: kinds.get(type(legal[name]), _unchanged)(value) for name, value in chosen.items()}


def outputs(facts: Facts) -> int:
    """Functions that a classifier learns one for each class: one will do for two classes, as for a
    number."""
    return len(facts.classes) if len(facts.classes) > 2 else 1


def _unchanged(value: Any) -> Any:
    return value
