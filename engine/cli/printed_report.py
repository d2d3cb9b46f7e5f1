"""Announcement and result of a search, in plain text."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import catalog
from engine.domain.advice import Recommendation
from engine.domain.hypergradients import Tuning, TuningOutlook
from engine.domain.results import RunResult
from engine.domain.trials import record_type
from engine.export.gradient import TUNED, tuned_rows
from engine.gradient.spec.engine_advice import cost
from engine.guide.sentences import count, duration
from engine.plan import Plan
from engine.runs.planning import Draft


def announce(draft: Draft, changes: Mapping[str, Any]) -> None:
    """Print on standard error what will be done, and what of it the guide chose and why."""
    plan, advice = draft.plan, draft.advice
    learner = catalog.learner(plan.learner.id).card.label
    say = [
        f"Predicting {plan.data.target} with {learner}, "
        f"{draft.train_rows:,} rows to search with, {draft.test_rows:,} test rows."
    ]
    chosen = {
        "learner.id": ("Model", advice.learner),
        "evaluation.resampling": ("Resampling", advice.resampling),
        "method.id": ("Method", advice.method),
        "budget": ("Budget", advice.budget),
    }
    for path, (what, ranked) in chosen.items():
        if ranked and not any(p == path or p.startswith(f"{path}.") for p in changes):
            say.append(f"{what}, recommended: {ranked[0].label}. {ranked[0].reason}")
    if plan.method.resolved_id:
        picked = catalog.method_card(plan.method.resolved_id).label
        say.append(f"Method, picked: {picked}. {plan.method.reason}")
    against = next((r for r in advice.method if r.choice == plan.method.id and not r.fits), None)
    if against is not None:
        say.append(f"note: {against.label} does not suit this search. {against.reason}")
    if draft.tuning is not None:
        say += tuned(draft.tuning, str(plan.method.options["engine"]))
    print("\n".join(say), file=sys.stderr)


def tuned(tuning: TuningOutlook, engine: str) -> list[str]:
    """Describe the hyperparameters tuned by gradient, and the cost of a hyper-step by
    ``engine``."""
    groups = [f"{g.label.lower()} ({g.choice}) {g.size:,}" for g in tuning.groups if g.size]
    lines = [f"Tuned by gradient: {count(tuning.size, 'number')}: {', '.join(groups)}."]
    for choice in tuning.engines:
        if choice.id == engine:
            lines.append(f"Engine: {choice.label}. {choice.refusal or cost(choice)}")
    if tuning.advice and tuning.advice[0].choice != engine:
        lines.append(f"Engine, recommended: {tuning.advice[0].label}. {tuning.advice[0].reason}")
    return lines


def summary(plan: Plan, result: RunResult, width: int, tuning: Tuning | None = None) -> str:
    """Summarise a result in a few lines: scores, what was found, why the search ended.

    Args:
        plan: of the run.
        result: of the run.
        width: columns of the terminal.
        tuning: what a gradient run has tuned; None shows the configuration beside the default.
    """
    measure = catalog.measure_card(result.measure)
    lines = [""]
    if result.test is not None:
        watched = ", watched, optimistic" if result.looks > 1 else ""
        lines.append(
            f"{measure.label} on {result.test_rows:,} test rows: {result.test.score:.4f}"
            f"  (95 % interval {result.test.low:.4f} to {result.test.high:.4f}{watched})"
        )
        if result.test_default is not None:
            first = "before tuning" if tuning else "the default configuration there"
            lines.append(f"  {first}: {result.test_default:.4f}")
    default = result.validation_default
    first = "before tuning" if tuning else "default"
    beside = "" if default is None else f", {first} {default:.4f}"
    which, noun = "best", record_type(plan).noun
    if result.selected_by_user:
        why = result.selection_reason or (
            "taken from the front" if result.front else "chosen by you"
        )
        which = f"{noun} {result.trial}, {why[:1].lower()}{why[1:]},"
    lines.append(f"Validation: {which} {result.validation_best:.4f}{beside}")
    lines += _front(plan, result)
    lines += ["", *(_configurations(result) if tuning is None else _tuned(tuning)), ""]
    ended = f"{result.stopped_by} " if result.stopped_by else ""
    lines.append(f"{ended}{result.trials} {noun}s in {result.seconds:.0f} s.")
    if result.saved_evaluations:
        evaluations, time = f"{result.saved_evaluations:.3g}", duration(result.saved_seconds)
        lines.append(
            "Promoted trials went on where their fits had stopped, which saved "
            f"{evaluations} evaluations ({time} of fits)."
        )
    return "\n".join(lines)


def _configurations(result: RunResult) -> list[str]:
    """The configuration that was found beside the default, a hyperparameter a line."""
    names = list(dict.fromkeys([*result.configuration, *result.default_configuration]))
    column = max(map(len, names), default=0) + 2
    lines = [f"{'':{column}}{'taken' if result.selected_by_user else 'best':>14}{'default':>14}"]
    for name in names:
        best, usual = result.configuration.get(name), result.default_configuration.get(name)
        lines.append(f"{name:{column}}{_value(best):>14}{_value(usual):>14}")
    return lines


def _tuned(tuning: Tuning) -> list[str]:
    """What a gradient has tuned, a group a line."""
    rows = [TUNED, *tuned_rows(tuning)]
    column = max(len(row[0]) for row in rows) + 2
    return [f"{row[0]:{column}}" + "".join(f"{text:>12}" for text in row[1:]) for row in rows]


def _front(plan: Plan, result: RunResult) -> list[str]:
    """List the trials on the Pareto front, one per line; nothing with one objective."""
    if not result.front:
        return []
    labels = [catalog.measure_card(result.measure).label]
    labels += [card.label for card in catalog.further_cards(plan)]
    widths = [max(12, len(label) + 2) for label in labels]
    headers = "".join(f"{label:>{width}}" for label, width in zip(labels, widths, strict=True))
    lines = [
        "",
        "The front, trials that no other beats on every measure:",
        f"{'trial':>7}{headers}",
    ]
    for member in result.front:
        mark = " <- this result" if member.trial == result.trial else ""
        values = zip(member.values, widths, strict=True)
        figures = "".join(f"{value:>{width}.4g}" for value, width in values)
        lines.append(f"{member.trial:>7}{figures}{mark}")
    return lines


def closing(folder: Path, front: Sequence[int] = ()) -> str:
    """Tell where the run is and what can be done with it; ``front``: other trials that may be
    selected."""
    other = front[0] if front else None
    take = "" if other is None else f"  {command('take', folder)} --trial {other}\n"
    return (
        f"The run is in {folder}\n"
        f"{take}"
        f"  {command('export', folder)} --what script --to model.py\n"
        f"  {command('predict', folder)} NEW.csv --to predictions.csv"
    )


def command(name: str, folder: Path) -> str:
    """Shell command ``name`` for the run in ``folder``, as the user started the program
    (``TUNESMITH_COMMAND``, set by the launch script)."""
    called = os.environ.get("TUNESMITH_COMMAND", "tunesmith")
    return f"{called} {name} {shlex.quote(str(folder))}"


def recommendations(title: str, ranked: tuple[Recommendation, ...], width: int) -> str:
    """Format the ranked recommendations of a choice.

    Args:
        title: name of the choice.
        ranked: the advised one first.
        width: columns of the terminal.
    """
    lines = [title]
    for place, one in enumerate(ranked):
        mark = "->" if place == 0 else "  "
        lines.append(f"{mark} {one.label}")
        body = [one.reason, one.would_change, one.source]
        for text in filter(None, body if place == 0 else body[:1]):
            lines += textwrap.wrap(
                text, width - 5, initial_indent="     ", subsequent_indent="     "
            )
    return "\n".join(lines)


def _value(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
