"""Sentences for what is not in the catalog, or does not fit a plan."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import InputError
from engine.plan import Task


def unknown(kind: str, name: str, known: Iterable[str], field: str) -> InputError:
    names = ", ".join(known)
    return InputError("plan.unknown", field=field, kind=kind, name=name, known=names)


def field_error(path: str, value: object, why: str) -> InputError:
    return InputError("plan.field", field=path, path=path, value=value, why=why)


def mismatch(what: str, task: Task, remedy: str, field: str) -> InputError:
    other = {
        "binary": "predicting one of two classes",
        "multiclass": "predicting one of several classes",
        "regression": "predicting a number",
    }[task]
    return InputError("plan.mismatch", field=field, what=what, other=other, remedy=remedy)
