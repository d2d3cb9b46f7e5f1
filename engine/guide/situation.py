"""`Situation`: the input of all rules. Outer test scores are no part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from engine.domain.advice import ProbeResult, Recommendation
from engine.domain.cards import Catalog, LearnerCard
from engine.guide.facts import Facts
from engine.plan import Resampling, middle
from engine.space import Categorical, Parameter, SearchSpace, Value

Fidelity = Literal["model", "rows", "folds", "none"]
"""Kind of partial fit: by trees or rounds of the model, training rows, folds, or none."""

FULL_SIZE = 100
"""Trees or rounds of a full fit by default, as in the library."""
DEFAULT_SECONDS = 600.0
"""Time of a search by default."""


class FitSeconds(Protocol):
    """Expected seconds of one fit of a learner, averaged over its recommended space, by a rule of
    thumb (`engine.learners.Learner.fit_seconds`).

    Args:
        facts: of the table.
        size: trees, rounds or epochs of the fit, for a learner that counts some.
        probabilities: whether the model must give probabilities.
    """

    def __call__(self, facts: Facts, size: float, *, probabilities: bool = False) -> float: ...


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """Facts and the user's settings. None: not set."""

    facts: Facts
    catalog: Catalog
    costs: Mapping[str, FitSeconds]
    """Of each learner of the catalog, by its id."""
    workers: int = 1
    """Physical cores that fits may use."""
    learner: str | None = None
    space: SearchSpace | None = None
    """Search space of `learner`."""
    whole: SearchSpace | None = None
    """The learner's full space, where the guide has narrowed `space` for lack of time."""
    resampling: Resampling | None = None
    evaluations: float | None = None
    """Full evaluations of the search."""
    seconds: float | None = None
    """Wall time the user has for the search."""
    fixed: Mapping[str, Value] = {}
    """Hyperparameters of `learner` with a fixed value."""
    measure: str | None = None
    """Measure that is optimised."""
    further_measures: tuple[str, ...] = ()
    """Further objectives."""
    probe: ProbeResult | None = None
    """Cost and scores of folds of the default configuration of `learner`."""
    fidelity: Fidelity | None = None
    """How fits can be partial. None: as the learner's card says, else by rows."""
    test_share: float | None = None
    """Share of the rows that the outer test keeps. None: as recommended."""
    test_rows: int | None = None
    """Rows of a separate test file; not among those of `facts`."""

    @property
    def time(self) -> float:
        """Wall time to plan for, in seconds."""
        return DEFAULT_SECONDS if self.seconds is None else self.seconds

    @property
    def n_folds(self) -> int:
        """Fits of one full evaluation."""
        return 1 if self.resampling is None else self.resampling.n_folds

    @property
    def card(self) -> LearnerCard | None:
        """Card of `learner`."""
        return next((card for card in self.catalog.learners if card.id == self.learner), None)

    @property
    def full_size(self) -> float:
        """Trees or rounds of a fit: fixed, or the middle of the space."""
        fidelity_parameter = "" if self.card is None else self.card.fidelity_parameter
        return middle(self.space or SearchSpace(), self.fixed, fidelity_parameter) or FULL_SIZE

    @property
    def tuned(self) -> int:
        """Number of hyperparameters of the space that can take more than one value."""
        return 0 if self.space is None else sum(1 for p in self.space.parameters if _varies(p))

    @property
    def choices(self) -> int:
        """Number of tuned hyperparameters that are categorical."""
        parameters = () if self.space is None else self.space.parameters
        return sum(1 for p in parameters if isinstance(p, Categorical) and _varies(p))

    @property
    def numeric_space(self) -> bool:
        """Whether every tuned hyperparameter is a number."""
        return self.choices == 0

    @property
    def conditional(self) -> bool:
        """Whether the space has conditions."""
        return self.space is not None and bool(self.space.conditions)


Rule = Callable[[Situation], Recommendation | None]
"""Returns a recommendation, or None where it does not apply."""


def first(rules: tuple[Rule, ...], situation: Situation) -> Recommendation | None:
    """Return the recommendation of the first rule that applies."""
    return next((r for rule in rules if (r := rule(situation)) is not None), None)


def imbalance(facts: Facts) -> tuple[str, int] | None:
    """Return the rarest class and its rows, if it has less than half its fair share of the rows."""
    if not facts.classes:
        return None
    label, count = min(facts.classes, key=lambda pair: pair[1])
    total = sum(n for _, n in facts.classes)
    return (label, count) if count < total / len(facts.classes) / 2 else None


def _varies(parameter: Parameter) -> bool:
    if isinstance(parameter, Categorical):
        return len(parameter.choices) > 1
    return parameter.low < parameter.high
