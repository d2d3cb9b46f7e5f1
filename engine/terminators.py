"""Terminators: small values that decide when a search ends, alone or combined.

The kinds are those of Bischl et al. (2023): evaluations, time, target performance, stagnation, and
combinations of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from engine.plan import Budget


@dataclass(frozen=True)
class BudgetUse:
    """Progress of a search against its budget.

    Attributes:
        evaluations: full evaluations spent; partial work counts its share.
        elapsed: seconds of searching, pauses excluded.
        best: best score so far in the measure's own units, None before there is one.
        since_improvement: full evaluations since ``best`` last improved.
    """

    evaluations: float = 0.0
    elapsed: float = 0.0
    best: float | None = None
    since_improvement: float = 0.0


class Terminator(Protocol):
    """Interface of a stopping criterion."""

    def reached(self, used: BudgetUse) -> bool:
        """Whether the search is over."""
        ...

    def fraction(self, used: BudgetUse) -> float:
        """Progress towards the end, in ``[0, 1]``; 1 exactly when reached."""
        ...

    def reason(self, used: BudgetUse) -> str:
        """Why the search ends, as a sentence; empty unless reached."""
        ...


@dataclass(frozen=True)
class Evaluations:
    """Ends after ``n`` full evaluations."""

    n: float

    def reached(self, used: BudgetUse) -> bool:
        """Whether ``n`` evaluations are spent."""
        # Shares of folds add up with rounding: 3 x (1/3) must count as 1.
        return used.evaluations >= self.n - 1e-9

    def fraction(self, used: BudgetUse) -> float:
        """Share of ``n`` that is spent."""
        return _share(used.evaluations, self.n, self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        """The sentence once they are."""
        if not self.reached(used):
            return ""
        return f"The budget of {_count(self.n, 'evaluation')} is spent."


@dataclass(frozen=True)
class Seconds:
    """Ends after ``s`` seconds of searching."""

    s: float

    def reached(self, used: BudgetUse) -> bool:
        """Whether ``s`` seconds have passed."""
        return used.elapsed >= self.s

    def fraction(self, used: BudgetUse) -> float:
        """Share of ``s`` that has passed."""
        return _share(used.elapsed, self.s, self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        """The sentence once they have."""
        are = "is" if self.s == 1 else "are"
        return f"The {_count(self.s, 'second')} {are} over." if self.reached(used) else ""


@dataclass(frozen=True)
class Target:
    """Ends once the score is at least as good as ``value``.

    How far away a target is can't be told from scores, so its fraction is 0 or 1.
    """

    value: float
    maximise: bool

    def reached(self, used: BudgetUse) -> bool:
        """Whether the best score is as good as ``value``."""
        best = used.best
        if best is None or math.isnan(best):
            return False
        return best >= self.value if self.maximise else best <= self.value

    def fraction(self, used: BudgetUse) -> float:
        """1 if reached, else 0."""
        return float(self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        """The sentence once it is."""
        return f"The target of {self.value:g} is met." if self.reached(used) else ""


@dataclass(frozen=True)
class Stagnation:
    """Ends after ``n`` full evaluations without a better score."""

    n: float

    def reached(self, used: BudgetUse) -> bool:
        """Whether the last ``n`` evaluations brought no improvement."""
        return used.since_improvement >= self.n - 1e-9

    def fraction(self, used: BudgetUse) -> float:
        """Share of ``n`` since the last improvement."""
        return _share(used.since_improvement, self.n, self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        """The sentence once it is reached."""
        if not self.reached(used):
            return ""
        return f"The score has not improved for {_count(self.n, 'evaluation')}."


@dataclass(frozen=True)
class AnyOf:
    """Ends as soon as one of ``parts`` is reached; without parts, never."""

    parts: tuple[Terminator, ...]

    def reached(self, used: BudgetUse) -> bool:
        """Whether a part is reached."""
        return any(part.reached(used) for part in self.parts)

    def fraction(self, used: BudgetUse) -> float:
        """The largest of the parts' fractions."""
        return max((part.fraction(used) for part in self.parts), default=0.0)

    def reason(self, used: BudgetUse) -> str:
        """The sentence of the first part that is reached."""
        return next((part.reason(used) for part in self.parts if part.reached(used)), "")


def of(budget: Budget, maximise: bool) -> AnyOf:
    """Make the terminator that ``budget`` describes, for a measure to maximise or to minimise."""
    parts: list[Terminator] = []
    if budget.evaluations is not None:
        parts.append(Evaluations(budget.evaluations))
    if budget.seconds is not None:
        parts.append(Seconds(budget.seconds))
    if budget.target is not None:
        parts.append(Target(budget.target, maximise))
    if budget.stagnation is not None:
        parts.append(Stagnation(budget.stagnation))
    return AnyOf(tuple(parts))


def _share(done: float, whole: float, reached: bool) -> float:
    if reached:
        return 1.0
    # The last float below 1, so that 1 always means reached.
    return min(max(done / whole, 0.0), math.nextafter(1.0, 0.0))


def _count(number: float, unit: str) -> str:
    return f"{number:g} {unit}" + ("" if number == 1 else "s")
