"""Advice of the guide, measurements of a probe, and problems of a plan."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.plan import Resampling, middle
from engine.space import SearchSpace, Value


class Recommendation(msgspec.Struct, frozen=True):
    """One choice with its reason: what a card shows."""

    choice: str
    """An id (learner, method, measure) or a short value (``10-fold``)."""
    label: str
    reason: str
    """In the user's own figures."""
    source: str
    would_change: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    """Name and value of the facts it rests on."""
    fits: bool = True
    """False for what is listed but not advised."""


class Advice(msgspec.Struct, frozen=True):
    """Ranked recommendations for each choice; the first of each is in `Advised.plan`."""

    learner: tuple[Recommendation, ...] = ()
    measure: tuple[Recommendation, ...] = ()
    resampling: tuple[Recommendation, ...] = ()
    method: tuple[Recommendation, ...] = ()
    budget: tuple[Recommendation, ...] = ()
    workers: tuple[Recommendation, ...] = ()
    estimate: tuple[Recommendation, ...] = ()
    """How to know what the result is worth; the choices are shares for the outer test."""


class ProbeResult(msgspec.Struct, frozen=True):
    """Cost and scores of folds of the default configuration."""

    seconds: float
    """Wall time of one fold, the median."""
    evaluation_seconds: float
    """One full evaluation: all folds, one after another."""
    memory_mb: float
    score: float
    """Mean over the folds that were fitted."""
    fidelity_parameter: str = ""
    """The hyperparameter that counts trees or rounds, as on the learner's card."""
    size: float = 0.0
    """Its value in the default configuration; 0 where nothing grows."""
    fold_scores: dict[str, tuple[float, ...]] = {}
    """Scores of the folds that were fitted, by measure."""
    resampling: Resampling | None = None
    """Scheme that the folds belong to."""

    def typical_seconds(self, space: SearchSpace, fixed: Mapping[str, Value]) -> float:
        """Expected wall time of one fold in the middle of a space, in seconds.

        A search fits as many trees or rounds as its range has on average, often ten times the
        default's.

        Args:
            space: that is searched.
            fixed: hyperparameters with a fixed value.
        """
        size = middle(space, fixed, self.fidelity_parameter)
        return self.seconds * size / self.size if size and self.size else self.seconds


class PlanProblem(msgspec.Struct, frozen=True):
    """Why a plan can't run: the sentence and the plan's field it is about."""

    code: str
    sentence: str
    field: str | None = None
