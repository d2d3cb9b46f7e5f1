"""When a search ends: tiny values that look at where it stands, alone or combined.

The kinds are those of Bischl et al. (2023): evaluations, time, target performance,
stagnation, and combinations of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from engine.plan import Budget


@dataclass(frozen=True)
class BudgetUse:
    """Where a search stands.

    Attributes:
        evaluations: full evaluations spent; partial work counts its share.
        elapsed: seconds of searching, pauses not counted.
        best: best score so far in the measure's own units, None before there is one.
        since_improvement: full evaluations since ``best`` last improved.
    """

    evaluations: float = 0.0
    elapsed: float = 0.0
    best: float | None = None
    since_improvement: float = 0.0


class Terminator(Protocol):
    """Something that can end a search."""

    def reached(self, used: BudgetUse) -> bool:
        """Whether the search is over."""
        ...

    def fraction(self, used: BudgetUse) -> float:
        """How much of the way is done, in ``[0, 1]``; 1 exactly when reached."""
        ...

    def reason(self, used: BudgetUse) -> str:
        """Why the search ends here, as a sentence; empty while it does not."""
        ...


@dataclass(frozen=True)
class Evaluations:
    """Ends after ``n`` full evaluations."""

    n: float

    def reached(self, used: BudgetUse) -> bool:
        # Shares of folds add up with rounding: 3 x (1/3) must count as 1.
        return used.evaluations >= self.n - 1e-9

    def fraction(self, used: BudgetUse) -> float:
        return _share(used.evaluations, self.n, self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        if not self.reached(used):
            return ""
        return f"The budget of {_count(self.n, 'evaluation')} is spent."


@dataclass(frozen=True)
class Seconds:
    """Ends after ``s`` seconds of searching."""

    s: float

    def reached(self, used: BudgetUse) -> bool:
        return used.elapsed >= self.s

    def fraction(self, used: BudgetUse) -> float:
        return _share(used.elapsed, self.s, self.reached(used))

    def reason(self, used: BudgetUse) -> str:
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
        best = used.best
        if best is None or math.isnan(best):
            return False
        return best >= self.value if self.maximise else best <= self.value

    def fraction(self, used: BudgetUse) -> float:
        return float(self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        return f"The target of {self.value:g} is met." if self.reached(used) else ""


@dataclass(frozen=True)
class Stagnation:
    """Ends after ``n`` full evaluations without a better score."""

    n: float

    def reached(self, used: BudgetUse) -> bool:
        return used.since_improvement >= self.n - 1e-9

    def fraction(self, used: BudgetUse) -> float:
        return _share(used.since_improvement, self.n, self.reached(used))

    def reason(self, used: BudgetUse) -> str:
        if not self.reached(used):
            return ""
        return f"The score has not improved for {_count(self.n, 'evaluation')}."


@dataclass(frozen=True)
class AnyOf:
    """Ends as soon as one of ``parts`` is reached; without parts, never."""

    parts: tuple[Terminator, ...]

    def reached(self, used: BudgetUse) -> bool:
        return any(part.reached(used) for part in self.parts)

    def fraction(self, used: BudgetUse) -> float:
        return max((part.fraction(used) for part in self.parts), default=0.0)

    def reason(self, used: BudgetUse) -> str:
        return next((part.reason(used) for part in self.parts if part.reached(used)), "")


def of(budget: Budget, maximise: bool) -> AnyOf:
    """The terminator that ``budget`` describes, for a measure that is to be maximised or not."""
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
