"""Results of a comparison as lines of text and as one JSON object."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from engine.analysis.ranks import average_ranks
from engine.domain.comparison import Comparison, Findings, Judge, NestedEstimate


def summary(
    comparison: Comparison, said: Findings, nested: Sequence[NestedEstimate], width: int
) -> str:
    """Format scores by case and contender, and the findings.

    Args:
        comparison: finished or not.
        said: its findings.
        nested: estimates of nested resampling, if it is one.
        width: columns of the terminal.
    """
    lines: list[str] = []
    if nested:
        lines += _nested(comparison, nested)
    labels = {one.name: one.label for one in comparison.contenders}
    column = max(map(len, labels.values())) + 2
    on = "test rows" if comparison.judge == "test" else "validation rows"
    for place, case in enumerate(comparison.cases):
        headers = f"{'mean':>10}{'lowest':>10}{'highest':>10}{'validation':>12}{'done':>6}"
        lines += ["", f"{comparison.measure_label} on the {on}, {case.name}"]
        lines.append(f"{'':{column}}{headers}")
        scores, validation = comparison.scores()[place], comparison.scores("validation")[place]
        for one, row, inner in zip(comparison.contenders, scores, validation, strict=True):
            known, chosen = row[np.isfinite(row)], inner[np.isfinite(inner)]
            figures = [known.mean(), known.min(), known.max()] if known.size else [None] * 3
            figures.append(chosen.mean() if chosen.size else None)
            text = "".join(
                f"{_figure(v):>{w}}" for v, w in zip(figures, (10, 10, 10, 12), strict=True)
            )
            lines.append(f"{one.label:{column}}{text}{known.size:>6}")
    lines.append("")
    for sentence in said.sentences:
        lines += textwrap.wrap(sentence.text, width, subsequent_indent="  ")
    return "\n".join(lines)


def tree(
    comparison: Comparison, said: Findings, nested: Sequence[NestedEstimate] = ()
) -> dict[str, Any]:
    """Build the JSON object: final scores by case, contender and repetition (null where there is
    none), average ranks (1 is best) over cases and repetitions, tests and sentences.

    Args:
        comparison: finished or not.
        said: its findings.
        nested: estimates of nested resampling, if it is one.
    """
    found = {
        "comparison": comparison.path,
        "kind": comparison.kind,
        "measure": comparison.measure,
        "maximise": comparison.maximise,
        "judged_by": comparison.judge,
        "budget": comparison.budget,
        "repetitions": comparison.repetitions,
        "cases": comparison.cases,
        "contenders": comparison.contenders,
        "scores": _scores(comparison, comparison.judge),
        "validation": _scores(comparison, "validation"),
        "ranks": ranks(comparison),
        "ranking": said.ranking,
        "tests": said.differences,
        "sentences": [sentence.text for sentence in said.sentences],
        "problems": [m.problem for m in comparison.members if m.problem],
    }
    if nested:
        found["nested"] = nested
    return msgspec.to_builtins(found)


def ranks(comparison: Comparison) -> dict[str, float]:
    """Average rank of each contender over the cases and repetitions in which all have a score."""
    blocks = comparison.scores().transpose(0, 2, 1).reshape(-1, len(comparison.contenders))
    complete = blocks[np.isfinite(blocks).all(axis=1)]
    if not len(complete):
        return {}
    average = average_ranks(complete, comparison.maximise)
    return {one.name: float(r) for one, r in zip(comparison.contenders, average, strict=True)}


def _scores(comparison: Comparison, judge: Judge) -> dict[str, dict[str, list[float | None]]]:
    scores = comparison.scores(judge)
    return {
        case.name: {
            one.name: [float(s) if np.isfinite(s) else None for s in row]
            for one, row in zip(comparison.contenders, of_case, strict=True)
        }
        for case, of_case in zip(comparison.cases, scores, strict=True)
    }


def _nested(comparison: Comparison, nested: Sequence[NestedEstimate]) -> list[str]:
    labels = {one.name: one.label for one in comparison.contenders}
    lines = []
    for one in nested:
        lines += ["", f"{labels[one.contender]}, {one.case}"]
        if one.estimate is None:
            lines.append("  Fewer than two outer folds have a score, so there is no estimate.")
            continue
        low, high = _figure(one.estimate.low), _figure(one.estimate.high)
        lines.append(
            f"  {comparison.measure_label} of tuning and fitting, over {len(one.outer)} outer "
            f"folds: {_figure(one.estimate.score)} (95 % interval {low} to {high}, "
            f"{one.estimate.method})"
        )
        if one.naive is not None and one.gap is not None:
            flatters = "looks better by" if one.gap > 0 else "looks worse by"
            lines.append(
                f"  The validation score that chose the winner is {_figure(one.naive)}: it "
                f"{flatters} {_figure(abs(one.gap))}."
            )
        if one.spread:
            lines.append("  What the folds chose:")
            column = max(map(len, one.spread)) + 2
            lines += [f"    {name:{column}}{text}" for name, text in one.spread.items()]
        if one.path:
            lines.append(f"  The model fitted after the search on all rows: {one.path}")
    return lines


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}" if abs(value) < 1000 else f"{value:.6g}"
