"""Errors for unknown components, and for values that do not fit a plan."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import InputError
from engine.plan import Task


def unknown(kind: str, name: str, known: Iterable[str], field: str) -> InputError:
    """Make the error for a name that is not in the catalog.

    Args:
        kind: of component, as a noun.
        name: that was asked for.
        known: names there are.
        field: of the plan.
    """
    names = ", ".join(known)
    return InputError("plan.unknown", field=field, kind=kind, name=name, known=names)


def field_error(path: str, value: object, why: str) -> InputError:
    """Make the error for a field of a plan with an impossible value.

    Args:
        path: of the field, dotted.
        value: that was given.
        why: it is impossible, as a clause.
    """
    return InputError("plan.field", field=path, path=path, value=value, why=why)


def mismatch(what: str, task: Task, remedy: str, field: str) -> InputError:
    """Make the error for a component that does not fit the task.

    Args:
        what: component, as the subject of the sentence.
        task: of the table.
        remedy: sentence.
        field: of the plan.
    """
    other = {
        "binary": "predicting one of two classes",
        "multiclass": "predicting one of several classes",
        "regression": "predicting a number",
    }[task]
    return InputError("plan.mismatch", field=field, what=what, other=other, remedy=remedy)
