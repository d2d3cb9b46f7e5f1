"""A run as one HTML file: scores, configuration, pictures, plan and versions.

The file needs no other: pictures are inline SVG, there is no script, and it prints well.
`page` is a pure function of what is shown; `pictures` draws; `write` puts both in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from engine.domain.cards import Catalog
from engine.domain.hypergradients import Tuning
from engine.domain.results import Confusion, Residuals, RunResult
from engine.domain.trials import Snapshot, TrialRow, TrialState, record_type
from engine.domain.understanding import Importance
from engine.export.finished_run import finished, place_text
from engine.export.gradient import TUNED, tuned_rows
from engine.export.html import Drawing, document, drawings, figure, table
from engine.plan import Budget, Plan, Resampling
from engine.space import Value

BEST = 10
"""Trials listed, the best first."""


def write(
    folder: Path,
    to: Path,
    *,
    catalog: Catalog,
    snapshot: Snapshot,
    rows: Sequence[TrialRow],
    importances: Sequence[Importance] = (),
    confusion: Confusion | None = None,
    residuals: Residuals | None = None,
    tuning: Tuning | None = None,
) -> None:
    """Write the report of the run in ``folder``.

    Args:
        folder: of a finished run.
        to: file to write.
        catalog: labels and sources of what was chosen.
        snapshot, rows: its trials.
        importances: of hyperparameters, if there are any.
        confusion, residuals: of its predictions.
        tuning: what was tuned, for a run by gradient.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``.
    """
    run = finished(folder)
    drawn = pictures(run.result, snapshot, importances, confusion, residuals, tuning)
    place_text(to, page(run.result, run.plan, rows, drawn, catalog, tuning))


def page(
    result: RunResult,
    plan: Plan,
    rows: Sequence[TrialRow],
    drawn: Sequence[Drawing],
    catalog: Catalog,
    tuning: Tuning | None = None,
) -> str:
    """The report as HTML.

    Args:
        result: of the run.
        plan: of the run.
        rows: the trials as the table shows them.
        drawn: pictures, in their order.
        catalog: for labels.
        tuning: what was tuned, for a run by gradient.
    """
    learner = _label(catalog.learners, result.learner)
    name = Path(plan.data.source.removeprefix("builtin:")).name
    title = f"{learner} for {plan.data.target} of {name}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(_opening(result, plan, catalog, rows))}</p>",
        *_scores(result, _label(catalog.measures, result.measure), record_type(plan).reference),
        *_configuration(result, tuning),
        *(figure(one) for one in drawn),
        f"<h2>The best {min(BEST, _complete(rows))} {record_type(plan).noun}s</h2>",
        _best_trials(result, plan, rows),
        "<h2>How it was searched</h2>",
        table(("choice", "value"), choices(plan, catalog)),
        "<h2>Versions and seeds</h2>",
        table(("what", "value"), _versions(result)),
    ]
    return document(title, parts)


def pictures(
    result: RunResult,
    snapshot: Snapshot,
    importances: Sequence[Importance] = (),
    confusion: Confusion | None = None,
    residuals: Residuals | None = None,
    tuning: Tuning | None = None,
) -> tuple[Drawing, ...]:
    """Draw the pictures that belong in the report and that there are data for.

    Args:
        result: of the run.
        snapshot: of the trials.
        importances: of hyperparameters.
        confusion: of a classifier's predictions.
        residuals: of a regression's predictions.
    """
    from engine.plots.picture import SearchSource

    answers = Answers(result, tuple(importances), confusion, residuals, tuning)
    return tuple(drawings("report", SearchSource(snapshot, answers)))


@dataclass(frozen=True)
class Answers:
    """Data that pictures of the report need, named as in the engine's replies."""

    result: RunResult
    importances: tuple[Importance, ...]
    confusion: Confusion | None
    residuals: Residuals | None
    tuning: Tuning | None


def _opening(result: RunResult, plan: Plan, catalog: Catalog, rows: Sequence[TrialRow]) -> str:
    method = _label(catalog.methods, plan.method.working_id)
    which, noun = "Taken" if result.selected_by_user else "The best", record_type(plan).noun
    return (
        f"{result.trials:,} {noun}s ({result.evaluations:,.6g} full evaluations) by {method} in "
        f"{_minutes(result.seconds)}. {which} is {noun} {result.trial:,}."
        f"{_paused(rows)}{_saved(result)}"
    )


def _saved(result: RunResult) -> str:
    """Say how much continued fits saved; empty where that is nothing."""
    if not result.saved_evaluations:
        return ""
    return (
        " Promoted trials went on where their fits had stopped, which saved "
        f"{result.saved_evaluations:,.3g} full evaluations, {_minutes(result.saved_seconds)} of "
        "fits."
    )


def _paused(rows: Sequence[TrialRow]) -> str:
    """Say how many trials are not final; empty where all are."""
    count = sum(row.state is TrialState.RUNNING for row in rows)
    if not count:
        return ""
    are, them = ("is", "it") if count == 1 else ("are", "them")
    return (
        f" {count:,} {are} paused: the method had not decided on {them} when the search ended, and "
        f"more budget goes on from there."
    )


def _scores(result: RunResult, measure: str, first: str) -> Iterable[str]:
    better = "larger is better" if result.maximise else "smaller is better"
    rows: list[tuple[str, str]] = []
    if result.test is not None:
        looks = "looked at once" if result.looks <= 1 else f"looked at {result.looks} times"
        yield (
            f'<p class="number">{escape(_score(result.test.score))}</p>'
            f"<p>{escape(measure)} on {result.test_rows:,} test rows, {looks} ({better}). "
            f"95 % interval {_score(result.test.low)} to {_score(result.test.high)} "
            f"({escape(result.test.method)}).</p>"
        )
        if result.looks > 1:
            yield "<p>These test rows were watched, so the score is optimistic.</p>"
        if result.test_default is not None:
            rows.append((f"test, {first}", _score(result.test_default)))
    else:
        yield (
            f'<p class="number">{escape(_score(result.validation_best))}</p>'
            f"<p>{escape(measure)} on the validation rows ({better}). There were no test rows: "
            "this score chose the winner, so it flatters.</p>"
        )
    chosen = _chosen(result)
    rows.append((f"validation, {chosen}", _score(result.validation_best)))
    if result.validation_default is not None:
        rows.append((f"validation, {first}", _score(result.validation_default)))
    rows += [
        (f"test, {name}", _score(score))
        for name, score in result.test_scores.items()
        if name != result.measure
    ]
    yield table(("score", "value"), rows, numbers_from=1)


def _chosen(result: RunResult) -> str:
    """Why the trial is the result."""
    if not result.selected_by_user:
        return "best"
    return result.selection_reason or ("taken from the front" if result.front else "chosen by hand")


def _configuration(result: RunResult, tuning: Tuning | None) -> Iterable[str]:
    """The configuration that was found, or what a gradient has tuned."""
    if tuning is None:
        yield "<h2>Configuration</h2>"
        yield table(("hyperparameter", "best", "default"), _pairs(result), numbers_from=1)
    else:
        yield "<h2>What was tuned</h2>"
        yield table(TUNED, tuned_rows(tuning), numbers_from=1)


def _pairs(result: RunResult) -> Iterable[tuple[str, str, str]]:
    names = dict.fromkeys((*result.configuration, *result.default_configuration))
    for name in names:
        best, default = (
            _value(c[name]) if name in c else "–"
            for c in (result.configuration, result.default_configuration)
        )
        yield name, best, default


def _complete(rows: Sequence[TrialRow]) -> int:
    return sum(1 for row in rows if row.state is TrialState.COMPLETE and row.value is not None)


def _best_trials(result: RunResult, plan: Plan, rows: Sequence[TrialRow]) -> str:
    done = [r for r in rows if r.state is TrialState.COMPLETE and r.value is not None]
    sign = -1 if result.maximise else 1
    done.sort(key=lambda r: (sign * (r.value or 0.0), r.number))
    names = plan.space.names
    listed = [
        (
            str(row.number),
            _score(row.value or 0.0),
            *(_value(row.configuration[n]) if n in row.configuration else "–" for n in names),
        )
        for row in done[:BEST]
    ]
    return table((record_type(plan).noun, result.measure, *names), listed, numbers_from=0)


def choices(plan: Plan, catalog: Catalog) -> Iterable[tuple[str, str]]:
    """The choices, by name."""
    card = next((c for c in catalog.methods if c.id == plan.method.working_id), None)
    yield "table", plan.data.source
    if plan.data.sha256:
        yield "table, SHA-256", plan.data.sha256
    yield "target", str(plan.data.target)
    if plan.data.leave_out:
        yield "columns left out", ", ".join(plan.data.leave_out)
    yield "model", _label(catalog.learners, plan.learner.id)
    for name, value in plan.learner.fixed.items():
        yield f"fixed {name}", _value(value)
    for parameter in plan.space.parameters:
        scale = ", log scale" if getattr(parameter, "log", False) else ""
        yield f"searched {parameter.name}", parameter.allowed + scale
    yield "measure", _label(catalog.measures, plan.evaluation.measure)
    further = (
        _label((*catalog.measures, *catalog.costs), n) for n in plan.evaluation.further_measures
    )
    if plan.evaluation.further_measures:
        yield "optimised as well", ", ".join(further)
    yield "resampling", _resampling(plan.evaluation.resampling)
    yield "outer test", _outer_test(plan)
    yield "method", _label(catalog.methods, plan.method.id)
    if plan.method.resolved_id:
        yield "method, picked", _label(catalog.methods, plan.method.resolved_id)
        yield "method, because", plan.method.reason
    if card is not None:
        yield "method, source", card.source
    for name, value in plan.method.options.items():
        yield f"method, {name}", _value(value)
    yield "budget", _budget(plan.budget)
    preparation = msgspec.to_builtins(plan.preparation)
    yield "preparation", ", ".join(f"{name} {value}" for name, value in preparation.items())
    yield "workers", str(plan.workers)


def _resampling(resampling: Resampling) -> str:
    if resampling.kind == "holdout":
        return f"holdout of {resampling.share:.0%}"
    times = f", {resampling.repeats} times" if resampling.kind == "repeated_kfold" else ""
    return f"{resampling.folds}-fold cross-validation{times}"


def _outer_test(plan: Plan) -> str:
    if plan.data.test_source:
        return plan.data.test_source
    outer = plan.evaluation.outer
    if outer is not None:
        return f"fold {outer.fold + 1} of {outer.folds} of the rows"
    share = plan.evaluation.test_share
    return f"{share:.0%} of the rows" if share else "none"


def _budget(budget: Budget) -> str:
    ends = (
        (budget.evaluations, "{:,.6g} full evaluations"),
        (budget.seconds, "{:,.6g} s"),
        (budget.target, "a score of {:.6g}"),
        (budget.stagnation, "{} evaluations without improvement"),
    )
    return " or ".join(text.format(end) for end, text in ends if end is not None)


def _versions(result: RunResult) -> Iterable[tuple[str, str]]:
    yield "seed of the search", str(result.seed)
    yield "random_state of the model", str(result.model_seed)
    yield from result.versions.items()


def _label(cards: Sequence[Any], name: str) -> str:
    return next((card.label for card in cards if card.id == name), name)


def _score(score: float) -> str:
    return f"{score:.4f}" if abs(score) < 10 else f"{score:,.6g}"


def _value(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"
