"""Meaning of a person's gestures on a column for the `DataPlan`. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.domain.tables import Column
from engine.plan import ColumnKind, DataPlan

KINDS: tuple[tuple[ColumnKind, str], ...] = (
    ("number", "number"),
    ("category", "category"),
    ("date", "date"),
    ("text", "text"),
)
"""Kinds of a column and what they are called."""


def leave_out(data: DataPlan, names: Iterable[str]) -> dict[str, Any]:
    """Leave the columns ``names`` out; the target never is."""
    added = [n for n in names if n not in data.leave_out and n != data.target]
    return {"leave_out": (*data.leave_out, *dict.fromkeys(added))}


def use(data: DataPlan, column: Column) -> dict[str, Any]:
    """Let the learner see ``column``.

    A column that was left out of its own accord (as an id, or free text) is used once the person
    says what it is, so its kind is set; free text then counts as categories.
    """
    if column.name in data.leave_out:
        return {"leave_out": tuple(n for n in data.leave_out if n != column.name)}
    kind: ColumnKind = "category" if column.kind == "text" else column.kind
    return as_kind(data, column.name, kind)


def as_kind(data: DataPlan, name: str, kind: ColumnKind | None) -> dict[str, Any]:
    """Read a column as another kind.

    Args:
        data: present choices.
        name: of the column.
        kind: to read it as; None for the kind found in it.

    Returns:
        Changed fields of ``data``.
    """
    others = {n: k for n, k in data.kinds.items() if n != name}
    return {"kinds": others if kind is None else {**others, name: kind}}


def missing_share(column: Column, rows: int) -> float:
    """Share of the rows without a value, 0 to 1."""
    return column.missing / rows if rows else 0.0


def in_words(column: Column, rows: int, *, target: bool = False) -> str:
    """The card above a column as a sentence, for those who can't see it.

    Args:
        column: that the card is of.
        rows: of the table.
        target: whether it is the one to predict.
    """
    parts = [f"{column.name}, {column.kind}"]
    if target:
        parts.append("the column to predict")
    elif not column.used:
        parts.append("left out")
    parts.append(f"{column.missing:,} of {rows:,} values missing" if column.missing else "complete")
    parts.append(f"{column.distinct:,} different values")
    if column.minimum:
        parts.append(f"from {column.minimum} to {column.maximum}")
    elif column.examples:
        parts.append("such as " + ", ".join(column.examples))
    return "; ".join(parts) + "."
