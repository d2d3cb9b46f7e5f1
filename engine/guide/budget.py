"""Budget: 50 to 100 full evaluations per hyperparameter, cut down to the time."""

from __future__ import annotations

import math
import re

from engine.domain.advice import Recommendation
from engine.guide import cost, size
from engine.guide.sentences import count, duration, spelled
from engine.guide.situation import Situation
from engine.plan import Budget

PER_HYPERPARAMETER = (50, 100)
"""Rule of thumb: fewest and most useful evaluations per hyperparameter."""
LEAST = 5
"""Fewest evaluations of a search."""

_SOURCE = "Bischl et al. 2023, termination"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend a budget, then the lower and the upper end of the rule of thumb if they differ."""
    if situation.space is None or situation.tuned == 0:
        return ()
    low, high = (_capped(situation, each * situation.tuned) for each in PER_HYPERPARAMETER)
    evaluations = _fitting(situation, high)
    best = Recommendation(
        choice=_choice(evaluations, situation.time),
        label=_label(evaluations, situation.time),
        reason=_reason(situation, evaluations, low, high),
        source=_SOURCE,
        would_change="It would change with more or less time, or fewer hyperparameters.",
        figures=_figures(situation, evaluations),
    )
    return (best, *(_rule_end(situation, n) for n in (high, low) if n != evaluations))


def budget_of(choice: str) -> Budget:
    """Parse ``200 evaluations or 600 s`` into a budget; either part may be left out.

    Raises:
        ValueError: if ``choice`` is of another form.
    """
    evaluations = re.search(r"(\d+) evaluations", choice)
    seconds = re.search(r"([\d.]+) s$", choice)
    if evaluations is None and seconds is None:
        raise ValueError(choice)
    return Budget(
        evaluations=float(evaluations[1]) if evaluations else None,
        seconds=float(seconds[1]) if seconds else None,
    )


def _fitting(situation: Situation, wanted: int) -> int:
    """Evaluations to plan for.

    If the user gives a time, the time decides and the rule's upper end is only a ceiling; otherwise
    the estimate of what fits the default time does, rounded down to a round number.
    """
    if situation.seconds is not None:
        return wanted
    fitting = cost.affordable(situation)
    if fitting >= wanted:
        return wanted
    return max(_rounded_down(fitting), min(LEAST, wanted))


def _rounded_down(number: float) -> int:
    step = 1 if number < 20 else 5 if number < 50 else 10 if number < 200 else 50
    return math.floor(number / step) * step


def _capped(situation: Situation, evaluations: int) -> int:
    """``evaluations``, but no more than the space has configurations."""
    assert situation.space is not None
    return int(min(evaluations, situation.space.cardinality()))


def _reason(situation: Situation, evaluations: int, low: int, high: int) -> str:
    tuned = spelled(situation.tuned, "hyperparameter")
    each = cost.stated(situation)
    fitting = cost.affordable(situation)
    time = duration(situation.time)
    if high < PER_HYPERPARAMETER[1] * situation.tuned and fitting >= high:
        return (
            f"The space has only {count(high, 'configuration')}, and at {each} each all of them "
            f"fit in {time}."
        )
    rule = (
        f"{tuned}: the rule of thumb is {PER_HYPERPARAMETER[0]} to {PER_HYPERPARAMETER[1]} "
        f"evaluations for each, {low:,} to {high:,}"
    )
    if fitting >= high:
        total = duration(high * cost.evaluation_seconds(situation) / max(situation.workers, 1))
        return f"{rule}. At {each} each the upper end takes about {total}."
    room = min(evaluations, _rounded_down(fitting)) if fitting >= 1 else 1
    enough = "." if room >= low else ", fewer than the rule asks, so expect less than the best."
    narrower = size.words(situation)
    return (
        f"{rule}. At {each} each, {time} has room for about {room:,}{enough}"
        f"{narrower and ' '}{narrower}"
    )


def _rule_end(situation: Situation, evaluations: int) -> Recommendation:
    seconds = evaluations * cost.evaluation_seconds(situation) / max(situation.workers, 1)
    per = evaluations / situation.tuned
    return Recommendation(
        choice=f"{evaluations} evaluations",
        label=count(evaluations, "evaluation"),
        reason=f"{per:.0f} evaluations a hyperparameter, about {duration(seconds)}.",
        source=_SOURCE,
    )


def _choice(evaluations: int, seconds: float) -> str:
    return f"{evaluations} evaluations or {seconds:g} s"


def _label(evaluations: int, seconds: float) -> str:
    return f"{count(evaluations, 'evaluation')} or {duration(seconds)}, whichever comes first"


def _figures(situation: Situation, evaluations: int) -> tuple[tuple[str, str], ...]:
    seconds = evaluations * cost.evaluation_seconds(situation) / max(situation.workers, 1)
    return (
        ("hyperparameters", str(situation.tuned)),
        ("one evaluation", cost.stated(situation)),
        ("workers", str(situation.workers)),
        ("cost", f"about {duration(min(seconds, situation.time))}"),
    )
