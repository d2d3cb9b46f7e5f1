"""Who takes part in a race, and the race itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.space import Configuration
from engine.tuners.points import Key
from engine.tuners.race.sampling import Model


@dataclass(eq=False)
class Entrant:
    """A configuration that takes part, or a person's own that may."""

    configuration: Configuration
    key: Key | None
    model: Model
    race: int
    """In which race it came in."""
    parent: int | None = None
    """Trial of the elite it was drawn around."""
    trial: int | None = None
    """None until it is first asked for."""
    costs: dict[int, float] = field(default_factory=dict)
    """Fold -> score, turned so that smaller is better."""
    failed: bool = False


@dataclass
class Race:
    """A race under way."""

    number: int
    alive: list[Entrant]
    until: int
    """Folds that may be used, counted from the beginning of the search, when it is over."""
    split: int
    """How many splits everybody alive is to have."""
    quiet: int = 0
    """Tests since somebody was dropped."""
    over: bool = False
    """Whether the survivors are only being completed."""


def behind(entrants: Iterable[Entrant], best: Entrant) -> list[float]:
    """How far the mean cost of each is behind that of ``best``, which has all folds, on the folds
    that it has itself; infinite for a failure."""
    return [
        math.inf
        if entrant.failed
        else math.fsum(cost - best.costs[fold] for fold, cost in entrant.costs.items())
        / len(entrant.costs)
        for entrant in entrants
    ]
