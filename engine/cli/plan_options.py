"""Convert the options of a call to fields of a plan."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

import resources
from engine.data.readers import with_options
from engine.errors import InputError
from engine.plan import DataPlan

OPTIONS = {
    "learner": "learner.id",
    "method": "method.id",
    "trials": "budget.evaluations",
    "seconds": "budget.seconds",
    "measure": "evaluation.measure",
    "workers": "workers",
    "seed": "seed",
}


GALLERY = "gallery:"
"""Before the name of a ready plan."""
METHOD_FIELDS = ("id", "options", "resolved_id", "reason")
"""What a path ``method.NAME`` names besides options."""
OPEN = (["kinds"], ["read", "options"])
"""Parts of ``data`` that take any name."""
LISTS = ("evaluation.further_measures",)
"""Fields that hold several ids."""


def plan_file(name: str) -> Path:
    """The file of a plan: a path, or ``gallery:NAME``.

    Raises:
        InputError: ``plan.unknown`` if the gallery has no such plan.
    """
    if not name.startswith(GALLERY):
        return Path(name)
    known = {recipe.id: recipe.plan for recipe in resources.gallery()}
    wanted = name.removeprefix(GALLERY)
    if wanted not in known:
        raise InputError("plan.unknown", kind="ready plan", name=wanted, known=", ".join(known))
    return known[wanted]


def data_plan(call: argparse.Namespace, changes: Mapping[str, Any]) -> DataPlan:
    """The table the call names, with the ``data.*`` fields it sets.

    Raises:
        InputError: if such a field does not exist or does not fit.
    """
    data = DataPlan(source=call.data, target=call.target, task=call.task)
    tree = msgspec.to_builtins(with_options(data))
    tree["test_source"] = getattr(call, "test", None)
    for path, value in changes.items():
        room, _, rest = path.partition(".")
        if room != "data":
            continue
        *parents, leaf = rest.split(".")
        node: Any = tree
        for parent in parents:
            node = node.get(parent) if isinstance(node, dict) else None
        if not isinstance(node, dict) or (leaf not in node and parents not in OPEN):
            raise InputError(
                "plan.unknown", kind="field", name=path, known=", ".join(f"data.{f}" for f in tree)
            )
        node[leaf] = value
    try:
        return msgspec.convert(tree, DataPlan)
    except msgspec.ValidationError as error:
        raise InputError("usage", what=f"--set data: {error}") from error


def plan_changes(call: argparse.Namespace) -> dict[str, Any]:
    """Collect the fields of the plan that the call sets, by dotted path; ``--set`` comes last."""
    changes: dict[str, Any] = {}
    for option, path in OPTIONS.items():
        value = getattr(call, option, None)
        if value is not None:
            changes[path] = value
    if getattr(call, "folds", None) is not None:
        changes["evaluation.resampling.kind"] = "kfold"
        changes["evaluation.resampling.folds"] = call.folds
    if getattr(call, "test", None) is not None or getattr(call, "nested", None) is not None:
        changes["evaluation.test_share"] = 0.0
    return {**changes, **assignments(call.set)}


def assignments(texts: Sequence[str]) -> dict[str, Any]:
    """``PATH=VALUE`` texts as a mapping; values are JSON where they can be, else text.

    ``method.gamma=0.2`` is short for ``method.options.gamma=0.2``, and those of `LISTS` may be
    written with commas.

    Raises:
        InputError: for a text without ``=``.
    """
    found = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise InputError("usage", what=f"--set takes PATH=VALUE, not “{text}”.")
        room, _, name = path.partition(".")
        if room == "method" and "." not in name and name not in METHOD_FIELDS:
            path = f"method.options.{name}"
        found[path] = _listed(value) if path in LISTS else _value(value)
    return found


def _listed(text: str) -> Any:
    """``fit_seconds,r2`` or ``["fit_seconds", "r2"]`` as a list; what is neither is refused by the
    plan."""
    value = _value(text)
    return [part.strip() for part in text.split(",") if part.strip()] if value == text else value


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return text
