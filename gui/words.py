"""Numbers and times as a person reads them. No Qt.

Estimates say *about* and round boldly, since they are no measurements.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from engine.domain.advice import ProbeResult
from engine.domain.cards import Catalog, MeasureCard
from engine.domain.results import RunResult
from engine.domain.trials import COSTS
from engine.plan import Plan
from engine.space import Value

MINUS = "−"
NOTHING = "—"
"""Shown where there is no value."""


class Card(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...


def number(x: float, digits: int = 4) -> str:
    """``x`` with ``digits`` significant digits: ``1,234``, ``0.0313``, ``1e−6``."""
    if not math.isfinite(x):
        return NOTHING if math.isnan(x) else "∞" if x > 0 else f"{MINUS}∞"
    if x == 0 or 1e-4 <= abs(x) < 1e6:
        text = f"{x:,.{digits}g}"
        text = f"{x:,.0f}" if "e" in text else text
    else:
        mantissa, _, power = f"{x:.{digits - 1}e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    return text.replace("-", MINUS)


def score(x: float | None) -> str:
    """A score: four decimals near 1, significant digits beyond; a dash without one."""
    if x is None or not math.isfinite(x):
        return NOTHING
    return f"{x:.4f}".replace("-", MINUS) if abs(x) < 10 else number(x, 5)


def measured(card: MeasureCard, x: float | None) -> str:
    """A score by ``card``, or a cost with its unit: ``0.9123``, ``0.0451 s``."""
    if card.id not in COSTS:
        return score(x)
    return NOTHING if x is None or not math.isfinite(x) else f"{number(x, 3)} s"


def value(v: Value) -> str:
    """A hyperparameter's value; a dash where it has no meaning."""
    if v is None:
        return NOTHING
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, int):
        return f"{v:,}".replace("-", MINUS)
    return number(v) if isinstance(v, float) else v


def plural(n: int, one: str, many: str = "") -> str:
    """A count with its noun: ``178 rows``, ``1 row``.

    Args:
        n: the count.
        one: the noun for one.
        many: the noun otherwise; ``one`` with an s by default.
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A measured time: ``0.8 s``, ``48 s``, ``3 min 12 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = whole // 60
    return f"{minutes // 60} h {minutes % 60} min"


def about(seconds: float) -> str:
    """An estimated time: ``a few seconds``, ``about 40 seconds``, ``about 5 minutes``."""
    if seconds < 8:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(10, round(seconds / 10) * 10)} seconds"
    minutes = seconds / 60
    if minutes < 55:
        n = round(minutes) if minutes < 15 else round(minutes / 5) * 5
        return f"about {plural(max(n, 1), 'minute')}"
    hours = minutes / 60
    if hours < 10:
        half = round(hours * 2) / 2
        return f"about {half:g} hour{'' if half == 1 else 's'}"
    if hours < 36:
        return f"about {round(hours)} hours"
    return f"about {plural(max(round(hours / 24), 2), 'day')}"


def left(seconds: float | None) -> str:
    """Time left; nothing until an estimate can be trusted."""
    return "" if seconds is None else f"{about(seconds)} left"


def search_seconds(plan: Plan, probe: ProbeResult | None) -> float | None:
    """How long a search by ``plan`` will take; None when nothing tells.

    The probe's fold, with as many trees or rounds as the space has on average, times the folds of
    an evaluation, spread over the workers, bounded by the time budget.
    """
    limit = plan.budget.seconds
    if probe is None or plan.budget.evaluations is None:
        return limit
    # Folds of one evaluation, and evaluations among each other, run side by side.
    fits = plan.budget.evaluations * plan.evaluation.resampling.n_folds
    each = probe.typical_seconds(plan.space, plan.learner.fixed)
    estimate = each * fits / min(plan.workers, max(fits, 1))
    return estimate if limit is None else min(estimate, limit)


def budget(plan: Plan) -> str:
    """``200 evaluations``, ``10 minutes``: the budget in its own unit."""
    if plan.budget.evaluations is not None:
        return plural(round(plan.budget.evaluations), "evaluation")
    if plan.budget.seconds is not None:
        return about(plan.budget.seconds).removeprefix("about ")
    if plan.budget.stagnation is not None:
        return f"until {plural(plan.budget.stagnation, 'evaluation')} bring nothing new"
    return "until the target is reached" if plan.budget.target is not None else "until you stop it"


def cost(plan: Plan | None, probe: ProbeResult | None) -> str:
    """Cost of a search: ``200 evaluations, about 5 minutes on 2 workers``."""
    if plan is None:
        return ""
    seconds = search_seconds(plan, probe)
    workers = plural(plan.workers, "worker")
    if plan.budget.evaluations is None or seconds is None:
        return f"{budget(plan)} on {workers}"
    return f"{budget(plan)}, {about(seconds)} on {workers}"


def label(cards: Iterable[Card], id_: str) -> str:
    """The label of the card ``id_``; the id itself when there is no such card."""
    return next((card.label for card in cards if card.id == id_), id_)


def cards(catalog: Catalog, ids: Iterable[str]) -> tuple[MeasureCard, ...]:
    """The cards of measures and costs by their ids; unknown ones are left out."""
    known = {card.id: card for card in (*catalog.measures, *catalog.costs)}
    return tuple(known[id_] for id_ in ids if id_ in known)


def share(fidelity: float) -> str:
    """A share of a full fit: ``1/9`` where it is such, else ``40%``."""
    parts = round(1 / fidelity)
    return f"1/{parts}" if abs(fidelity * parts - 1) < 1e-9 else f"{fidelity:.0%}"


def saved(result: RunResult) -> str:
    """Sentence on what continued fits of promoted trials saved; else empty."""
    if not result.saved_evaluations:
        return ""
    return (
        f"Going on where fits had stopped saved {number(result.saved_evaluations, 2)} evaluations, "
        f"{duration(result.saved_seconds)} of fits."
    )


def proposed(note: Mapping[str, Value]) -> str:
    """Sentence on a trial's origin, from its method's note; empty where that says nothing."""
    if note.get("phase") == "design":
        return "Proposed to fill the space, before there was a model."
    points, left_out = note.get("model_points"), note.get("model_left_out")
    if isinstance(points, int):
        text = f"Proposed by a model of {plural(points, 'result')}"
        if isinstance(left_out, int):
            total = points + left_out
            text += f" of {total:,}: the best, the latest, an even share of the rest"
        return f"{text}."
    bracket, rung = note.get("bracket"), note.get("rung")
    if isinstance(bracket, int) and isinstance(rung, int):
        return (
            f"Begun in a bracket of {plural(bracket, 'promotion')}."
            if bracket
            else "Begun in full."
        )
    race, parent = note.get("race"), note.get("parent")
    if isinstance(race, int):
        beside = "" if parent is None else f", drawn around trial {parent}"
        return f"Entered race {race:,}{beside}."
    return ""


def method(catalog: Catalog, plan: Plan) -> str:
    """The method's label; for an automatic one with the method picked: ``Automatic: Hyperband``."""
    chosen = label(catalog.methods, plan.method.id)
    picked = plan.method.resolved_id
    return f"{chosen}: {label(catalog.methods, picked)}" if picked else chosen


def name_of(source: str) -> str:
    """Name of a table: the file's, or the bundled table's."""
    return source.removeprefix("builtin:") if source.startswith("builtin:") else Path(source).name
