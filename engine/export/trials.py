"""Trials as CSV: one row a trial, one column a hyperparameter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine.domain.trials import TrialRow, TrialState
from engine.export.folder import place_text


def write(
    rows: Sequence[TrialRow],
    names: Sequence[str],
    measure: str,
    to: Path,
    *,
    further_measures: Sequence[str] = (),
    live: bool = False,
) -> None:
    """Write ``rows`` to ``to``.

    Args:
        rows: the trials.
        names: hyperparameters, in the order of their columns; empty cells where inactive.
        measure: id of the tuned measure, which names the score's column.
        further_measures: ids of the measures optimised at once, a column each.
        live: whether a search of them is running; without one, what is not final is paused.

    Raises:
        InputError: ``export.unwritable``.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    before = ("trial", "state", measure, f"{measure}_spread", *further_measures)
    after = ("folds", "fidelity", "seconds", "started", "ended", "origin", "cause", "message")
    table.writerow((*before, *names, *after))
    table.writerows(list(_cells(row, names, len(further_measures), live=live)) for row in rows)
    place_text(to, text.getvalue())


def _cells(row: TrialRow, names: Sequence[str], n_further: int, *, live: bool) -> Iterator[object]:
    """Floats as their shortest text that reads back the same; times in UTC (ISO 8601)."""
    yield row.number
    # In a running search it is a passing state; after the end more budget resumes it.
    yield "paused" if row.state is TrialState.RUNNING and not live else row.state.value
    yield _number(row.value)
    yield _number(row.spread)
    yield from map(_number, row.further_values or [None] * n_further)
    for name in names:
        value = row.configuration.get(name)
        yield _number(value) if isinstance(value, float) else "" if value is None else value
    yield row.folds_done
    yield _number(row.fidelity)
    yield round(row.seconds, 6)
    yield _time(row.started)
    yield _time(row.ended)
    yield row.origin
    yield "" if row.cause is None else row.cause.value
    yield row.message


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _time(seconds: float | None) -> str:
    if not seconds:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
