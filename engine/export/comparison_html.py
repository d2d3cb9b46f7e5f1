"""A comparison as one HTML file: scores, what they support, nested estimates, pictures, plans.

`page` is a pure function of what is shown; `pictures` draws; `write` puts both in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np

from engine.domain.cards import Catalog
from engine.domain.comparison import Comparison, Findings, NestedEstimate
from engine.errors import InputError
from engine.export.finished_run import place_text
from engine.export.html import Drawing, document, drawings, figure, table
from engine.export.report import choices
from engine.plan import Plan


def write(
    to: Path,
    comparison: Comparison,
    said: Findings,
    *,
    plans: Sequence[Plan],
    catalog: Catalog,
    nested: Sequence[NestedEstimate] = (),
) -> None:
    """Write the report of ``comparison`` to ``to``.

    Args:
        plans: of the cases.

    Raises:
        InputError: ``experiment.nothing_done`` or ``export.unwritable``.
    """
    if not np.isfinite(comparison.scores("validation")).any():
        raise InputError("experiment.nothing_done", path=comparison.path)
    drawn = pictures(comparison, said, plans)
    place_text(to, page(comparison, said, plans, catalog, nested, drawn))


def pictures(comparison: Comparison, said: Findings, plans: Sequence[Plan]) -> tuple[Drawing, ...]:
    """Draw the pictures that belong in the report: case by case, then over all.

    Args:
        comparison: with its scores.
        said: what the data support.
        plans: of its cases, in their order.
    """
    from engine.plots.picture import ComparisonSource

    several_cases = len(comparison.cases) > 1
    drawn: list[Drawing] = []
    for case, plan in zip(comparison.cases, plans, strict=True):
        source = ComparisonSource(comparison, case.name, said, plan.space)
        drawn += drawings("comparison report", source, f", {case.name}" if several_cases else "")
    drawn += drawings("comparison report, once", ComparisonSource(comparison, "", said))
    return tuple(drawn)


def page(
    comparison: Comparison,
    said: Findings,
    plans: Sequence[Plan],
    catalog: Catalog,
    nested: Sequence[NestedEstimate] = (),
    drawn: Sequence[Drawing] = (),
) -> str:
    """The report as HTML.

    Args:
        comparison: with its scores.
        said: what the data support.
        plans: of its cases, in their order.
        catalog: for labels.
        nested: estimates of nested resampling, if it is one.
        drawn: pictures, in their order.
    """
    asked = [one.label for one in comparison.contenders if not one.reference]
    what = "Nested resampling of " if comparison.kind == "nested" else ""
    tables = ", ".join(case.name for case in comparison.cases)
    title = f"{what}{', '.join(asked)} on {tables}"
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(_opening(comparison))}</p>"]
    for one in nested:
        parts += _nested(comparison, one)
    if said.sentences:
        parts.append("<h2>What the data support</h2>")
        parts += [f"<p>{escape(sentence.text)}</p>" for sentence in said.sentences]
    for place in range(len(comparison.cases)):
        parts += _scores(comparison, place)
    if said.ranking is not None:
        labels = _labels(comparison)
        rows = [
            (labels[name], f"{rank:.2f}")
            for name, rank in zip(said.ranking.contenders, said.ranking.ranks, strict=True)
        ]
        parts.append("<h2>Average rank over data sets, 1 is best</h2>")
        parts.append(table(("method", "rank"), rows, numbers_from=1))
    if said.differences:
        parts.append("<h2>Differences</h2>")
        parts.append(_differences(comparison, said))
    parts += [figure(one) for one in drawn]
    parts.append("<h2>Time</h2>")
    parts.append(_time(comparison))
    failed = [(m.path, m.problem) for m in comparison.members if m.problem]
    if failed:
        parts.append("<h2>What failed</h2>")
        parts.append(table(("search", "why"), [(Path(p).name, why) for p, why in failed]))
    for case, plan in zip(comparison.cases, plans, strict=True):
        parts.append(f"<h2>How it was searched, {escape(case.name)}</h2>")
        skip = ("method", "outer test") if comparison.kind == "nested" else ("method",)
        rows = [(name, value) for name, value in choices(plan, catalog) if not _of(name, skip)]
        parts.append(table(("choice", "value"), rows))
    parts.append("<h2>Methods</h2>")
    parts.append(table(("method", "options"), list(_methods(comparison))))
    return document(title, parts)


def _opening(comparison: Comparison) -> str:
    budget = comparison.budget
    ends = []
    if budget.evaluations is not None:
        ends.append(f"{budget.evaluations:,.6g} full evaluations")
    if budget.seconds is not None:
        ends.append(f"{budget.seconds:,.6g} s")
    each = f"Each search had {' or '.join(ends)}" if ends else "See the plans for the budgets"
    better = "larger" if comparison.maximise else "smaller"
    if comparison.kind == "nested":
        how = (
            f"The whole search was run again in each of {comparison.repetitions} outer folds, and "
            "tested on rows that it had not seen."
        )
    elif comparison.kind == "loose":
        how = "Runs put side by side; those of one seed share folds and test rows."
    else:
        how = (
            f"{comparison.repetitions} repetitions: within each, all methods share seed, folds and "
            "test rows; between them all are drawn anew."
        )
    return f"{how} {each}. {comparison.measure_label}, {better} is better."


def _nested(comparison: Comparison, one: NestedEstimate) -> Iterable[str]:
    yield f"<h2>{escape(_labels(comparison)[one.contender])}, {escape(one.case)}</h2>"
    if one.estimate is None:
        yield "<p>Fewer than two outer folds have a score, so there is no estimate.</p>"
        return
    yield (
        f'<p class="number">{escape(_figure(one.estimate.score))}</p>'
        f"<p>{escape(comparison.measure_label)} of tuning and fitting on new rows. 95 % interval "
        f"{_figure(one.estimate.low)} to {_figure(one.estimate.high)} "
        f"({escape(one.estimate.method)}).</p>"
    )
    if one.naive is not None and one.gap is not None:
        how = "better" if one.gap > 0 else "worse"
        yield (
            f"<p>The validation score that chose the winner is {_figure(one.naive)}; it looks "
            f"{how} by {_figure(abs(one.gap))}.</p>"
        )
    rows = [
        (str(fold + 1), _figure(outer), _figure(inner))
        for fold, (outer, inner) in enumerate(zip(one.outer, one.validation, strict=True))
    ]
    yield table(("outer fold", "test", "validation"), rows, numbers_from=1)
    if one.spread:
        yield table(("hyperparameter", "what the folds chose"), list(one.spread.items()))


def _scores(comparison: Comparison, place: int) -> Iterable[str]:
    case = comparison.cases[place]
    on = f"{case.test_rows:,} test rows" if comparison.judge == "test" else "validation rows"
    scores, chosen = comparison.scores()[place], comparison.scores("validation")[place]
    yield f"<h2>{escape(comparison.measure_label)} on the {on}, {escape(case.name)}</h2>"
    unit = "fold" if comparison.kind == "nested" else "repetition"
    headers = ["method", "mean", *(f"{unit} {n + 1}" for n in range(comparison.repetitions))]
    headers.append("validation, mean")
    rows = []
    for one, row, inner in zip(comparison.contenders, scores, chosen, strict=True):
        label = f"{one.label} (reference)" if one.reference else one.label
        rows.append((label, _mean(row), *map(_figure, row.tolist()), _mean(inner)))
    yield table(headers, rows, numbers_from=1)


def _differences(comparison: Comparison, said: Findings) -> str:
    labels = _labels(comparison)
    headers = ("case", "method", "than", "better by", "95 % interval", "p", "wins", "verdict")
    rows = [
        (
            d.case,
            labels[d.one],
            labels[d.other],
            _figure(d.mean),
            f"{_figure(d.low)} to {_figure(d.high)}",
            f"{d.p:.3f}",
            f"{d.wins} of {d.repetitions}",
            {"better": "supported", "alike": "as good", "open": "open"}[d.verdict],
        )
        for d in said.differences
    ]
    return table(headers, rows, numbers_from=3)


def _time(comparison: Comparison) -> str:
    rows = []
    for one in comparison.contenders:
        done = [m for m in comparison.members if m.contender == one.name and m.path and m.trials]
        if not done:
            continue
        seconds = sum(m.seconds for m in done) / len(done)
        offered = sum(m.seconds * m.workers for m in done)
        busy = sum(m.fit_seconds for m in done) / offered if offered else 0.0
        trials = sum(m.trials for m in done) / len(done)
        failed = sum(m.failed for m in done)
        rows.append((one.label, f"{seconds:,.1f} s", f"{busy:.0%}", f"{trials:,.6g}", str(failed)))
    headers = ("method", "time of a search", "of it in fits", "trials", "failed trials in all")
    return table(headers, rows, numbers_from=1)


def _methods(comparison: Comparison) -> Iterable[tuple[str, str]]:
    for one in comparison.contenders:
        if one.method is not None:
            options = ", ".join(f"{name} {value}" for name, value in one.method.options.items())
            yield one.label, options or "as recommended"


def _labels(comparison: Comparison) -> dict[str, str]:
    return {one.name: one.label for one in comparison.contenders}


def _of(name: str, skip: Sequence[str]) -> bool:
    return any(name == one or name.startswith(f"{one},") for one in skip)


def _mean(scores: np.ndarray) -> str:
    known = scores[np.isfinite(scores)]
    return _figure(float(known.mean()) if known.size else None)


def _figure(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.6g}"
