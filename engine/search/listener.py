"""Who hears what happens in a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.domain.trials import FoldResult, TrialRecord
from engine.errors import TunesmithError
from engine.terminators import Standing


@dataclass(frozen=True)
class Counts:
    """How far a search is. ``fraction``: of the budget that will end it first, 0 to 1."""

    standing: Standing
    fraction: float
    trials: int
    complete: int
    failed: int
    pruned: int
    busy: int
    workers: int


class Listener(Protocol):
    """Called from the search's thread; must be quick."""

    def changed(self, trial: TrialRecord, fold: FoldResult | None) -> None:
        """``trial`` is new, has the new ``fold``, or has a new state."""
        ...

    def progressed(self, counts: Counts) -> None:
        """At least every second, and after every fold."""
        ...

    def paused(self, error: TunesmithError | None) -> None:
        """No new fits: by the person (None) or for a fault."""
        ...

    def proceeded(self) -> None:
        """New fits again."""
        ...
