"""What every model family is: `Learner`, a description with a constructor.

A learner declares what can be tuned and where (the review's search space), what its estimator
accepts at all, how a configuration becomes an unfitted scikit-learn estimator, what a fit costs and
what a saved model contains. It imports scikit-learn only when it builds an estimator. The spaces
are those of Bischl et al. (2023), as published in mlr3tuningspaces (its "default" spaces), under
scikit-learn's names.
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
"""Types in every saved model that skops does not trust of itself."""


class Learner(ABC):
    """A model family.

    Attributes:
        card: how it is shown.
        order: its place in lists, the lowest first.
        scales: whether it needs features on one scale.
        bounds: for each hyperparameter, what its estimator accepts; a space may not go beyond.
        trusted: names of the types in its saved models that skops may open.
        modules: what its workers import before their first fit, beside what all import.
        packages: distributions that its fits need beside scikit-learn.
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
        """The recommended search space for a table."""

    @abstractmethod
    def default(self, facts: Facts) -> Configuration:
        """The library's default configuration, as a point of `space`."""

    @abstractmethod
    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """An unfitted scikit-learn estimator that uses one thread.

        Args:
            task: what is predicted.
            configuration: hyperparameters by name; those left out have the library's default.
            seed: decides all randomness of the fit, below 2**31.
            probabilities: whether ``predict_proba`` is needed. Learners that have it anyway ignore
                this; others calibrate, which takes several fits.
        """

    @abstractmethod
    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """What a fit may take on one core of an ordinary desktop computer, in seconds, averaged
        over the recommended space.

        It only sizes the first budget, so a factor of two does no harm: folds that are timed before
        the search take its place.

        Args:
            facts: of the table.
            size: trees, rounds or epochs of the fit, where the card names what counts them.
            probabilities: as for `build`.
        """

    def portable(self, model: Any) -> Any:
        """A fitted estimator as scikit-learn's own, which predicts the same; to be saved."""
        return model


def bounds(*parameters: Parameter) -> dict[str, Parameter]:
    """``parameters`` by their names."""
    return {parameter.name: parameter for parameter in parameters}


def settings(legal: Mapping[str, Parameter], configuration: Mapping[str, Value]) -> dict[str, Any]:
    """The hyperparameters of ``configuration`` that ``legal`` knows, in the types of their bounds.

    scikit-learn reads a whole number as a count where a real one is a share, so types matter.
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
