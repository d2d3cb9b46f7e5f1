"""`Situation`: all that a rule may look at. Nothing in it comes from outer test scores."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.guide.facts import Facts
from engine.plan import Resampling
from engine.protocol import Catalog, ProbeResult, Recommendation
from engine.space import Categorical, Parameter, SearchSpace

DEFAULT_SECONDS = 600.0
"""How long a search may take when nobody says: about ten minutes."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known and what the person has settled. None: not settled."""

    facts: Facts
    catalog: Catalog
    workers: int = 1
    """Physical cores that fits may use."""
    learner: str | None = None
    space: SearchSpace | None = None
    """Search space of `learner`."""
    resampling: Resampling | None = None
    evaluations: float | None = None
    """Full evaluations the search will do."""
    seconds: float | None = None
    """Wall time the person has for the search."""
    probe: ProbeResult | None = None
    """What the first fold of the default configuration of `learner` cost."""

    @property
    def time(self) -> float:
        """Wall time to plan for, seconds."""
        return DEFAULT_SECONDS if self.seconds is None else self.seconds

    @property
    def jobs(self) -> int:
        """Fits of one full evaluation."""
        return 1 if self.resampling is None else self.resampling.jobs

    @property
    def tuned(self) -> int:
        """Hyperparameters of the space that can take more than one value."""
        return 0 if self.space is None else sum(1 for p in self.space.parameters if _varies(p))

    @property
    def numeric_space(self) -> bool:
        """Whether every tuned hyperparameter is a number."""
        return self.space is None or not any(
            isinstance(p, Categorical) for p in self.space.parameters if _varies(p)
        )

    @property
    def conditional(self) -> bool:
        return self.space is not None and bool(self.space.conditions)


Rule = Callable[[Situation], Recommendation | None]
"""A rule recommends, or has nothing to say."""


def first(rules: tuple[Rule, ...], situation: Situation) -> Recommendation | None:
    """The recommendation of the first rule that has one."""
    return next((r for rule in rules if (r := rule(situation)) is not None), None)


def imbalance(facts: Facts) -> tuple[str, int] | None:
    """The rarest class and its rows, if it has less than half its fair share of the rows."""
    if not facts.classes:
        return None
    label, count = min(facts.classes, key=lambda pair: pair[1])
    total = sum(n for _, n in facts.classes)
    return (label, count) if count < total / len(facts.classes) / 2 else None


def _varies(parameter: Parameter) -> bool:
    if isinstance(parameter, Categorical):
        return len(parameter.choices) > 1
    return parameter.low < parameter.high
