"""Entrants of a race, and the race itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.space import Configuration
from engine.tuners.points import Key
from engine.tuners.race.sampling import Model


@dataclass(eq=False)
class Entrant:
    """A configuration that takes part in races, or one chosen by the user that may."""

    configuration: Configuration
    key: Key | None
    model: Model
    race: int
    """Number of the race it was drawn for."""
    parent: int | None = None
    """Trial of the elite it was drawn around."""
    trial: int | None = None
    """None until its first proposal."""
    costs: dict[int, float] = field(default_factory=dict)
    """Fold -> score, turned so that smaller is better."""
    failed: bool = False


@dataclass
class Race:
    """State of a race."""

    number: int
    alive: list[Entrant]
    until: int
    """Folds used since the beginning of the search at which the race ends."""
    split: int
    """Number of splits that everybody alive is evaluated on."""
    quiet: int = 0
    """Tests since a configuration was dropped."""
    over: bool = False
    """Whether only the survivors' missing folds are being evaluated."""


def behind(entrants: Iterable[Entrant], best: Entrant) -> list[float]:
    """Mean cost difference of each entrant to ``best``, on the folds that the entrant has.

    A plain mean would favour entrants dropped after easy folds.

    Args:
        entrants: with a cost or a failure each.
        best: has all folds.

    Returns:
        One difference each; infinite for a failure.
    """
    return [
        math.inf
        if entrant.failed
        else math.fsum(cost - best.costs[fold] for fold, cost in entrant.costs.items())
        / len(entrant.costs)
        for entrant in entrants
    ]
