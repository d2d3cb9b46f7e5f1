"""The choices of a person, as one small value, and how a choice changes it. No Qt.

Only what was really chosen is in here; everything else the guide recommends around it. Choices that
make sense for one learner or one method only (a search space, a method's options) are parked when
another is chosen and come back with it, so nothing is wiped silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.plan import DataPlan, Plan

LEARNER = "learner.id"
METHOD = "method.id"
SCOPES: dict[str, tuple[str, ...]] = {
    LEARNER: ("space", "learner.fixed"),
    METHOD: ("method.options",),
}
"""Choices that belong to the value of another choice."""


class Choices(msgspec.Struct, frozen=True):
    """The person's own choices.

    Attributes:
        data: the table as asked for; what was left open is None, as in a fresh `DataPlan`.
        learner: the learner's id, or None to follow the guide.
        changes: plan fields by dotted path, but for ``data.*`` and ``learner.id``.
        parked: ``"learner.id=svm"`` -> the changes that wait for that learner to be chosen again.
    """

    data: DataPlan | None = None
    learner: str | None = None
    changes: dict[str, Any] = {}
    parked: dict[str, dict[str, Any]] = {}


def covers(prefix: str, path: str) -> bool:
    """Whether ``path`` is the field ``prefix`` or lies inside it."""
    return path == prefix or path.startswith(prefix + ".")


def is_set(choices: Choices, path: str) -> bool:
    """Whether the person set ``path``, something inside it, or something it lies inside."""
    if path == LEARNER:
        return choices.learner is not None
    if path == "data" or path.startswith("data."):
        return choices.data is not None
    return any(covers(path, set_) or covers(set_, path) for set_ in choices.changes)


def with_changes(
    choices: Choices, changes: Mapping[str, Any], *, current: Mapping[str, str] | None = None
) -> Choices:
    """``choices`` with plan fields set by path.

    Args:
        current: the ids now in force (by `LEARNER` and `METHOD`), recommended ones included; they
            tell for whom scoped changes are parked.
    """
    for selector in SCOPES:
        if selector in changes:
            before = (current or {}).get(selector) or _chosen(choices, selector)
            choices = _rescoped(choices, selector, before, str(changes[selector]))
    learner = changes.get(LEARNER, choices.learner)
    merged = dict(choices.changes)
    for path, value in changes.items():
        if path == LEARNER:
            continue
        # A field set as a whole replaces what was set inside it.
        merged = {k: v for k, v in merged.items() if k == path or not covers(path, k)}
        merged[path] = value
    return msgspec.structs.replace(choices, learner=learner, changes=merged)


def without(choices: Choices, *paths: str) -> Choices:
    """``choices`` with ``paths`` and what lies inside them left to the guide again."""
    kept = {k: v for k, v in choices.changes.items() if not any(covers(p, k) for p in paths)}
    dropped = any(covers(path, LEARNER) for path in paths)
    return msgspec.structs.replace(
        choices, changes=kept, learner=None if dropped else choices.learner
    )


def with_data(choices: Choices, fields: Mapping[str, Any]) -> Choices:
    """``choices`` with fields of the table changed.

    A new target leaves task and positive class open again, a new task the positive class; the
    target itself is never left out.
    """
    assert choices.data is not None
    settled = dict(fields)
    if "target" in settled:
        settled.setdefault("task", None)
        out = settled.get("leave_out", choices.data.leave_out)
        settled["leave_out"] = tuple(name for name in out if name != settled["target"])
    if "task" in settled:
        settled.setdefault("positive", None)
    return msgspec.structs.replace(choices, data=msgspec.structs.replace(choices.data, **settled))


def from_plan(plan: Plan) -> Choices:
    """A plan as if a person had chosen all of it, but for what a machine decides (workers)."""
    how = plan.evaluation
    parts: dict[str, Any] = {"learner.fixed": plan.learner.fixed, METHOD: plan.method.id}
    if not plan.by_gradient:
        parts["space"] = plan.space
    parts |= {f"method.options.{name}": value for name, value in plan.method.options.items()}
    parts |= {
        f"evaluation.{name}": getattr(how, name)
        for name in ("measure", "test_share", "further_measures", "watch_outer")
    }
    inside = {"evaluation.resampling": how.resampling, "budget": plan.budget}
    for prefix, part in inside.items():
        parts |= {f"{prefix}.{name}": v for name, v in msgspec.structs.asdict(part).items()}
    parts["seed"] = plan.seed
    return Choices(data=plan.data, learner=plan.learner.id, changes=parts)


def _chosen(choices: Choices, selector: str) -> str:
    chosen = choices.learner if selector == LEARNER else choices.changes.get(selector)
    return chosen or ""


def _rescoped(choices: Choices, selector: str, before: str, after: str) -> Choices:
    if before == after:
        return choices
    scope = SCOPES[selector]

    def in_scope(path: str) -> bool:
        return any(covers(prefix, path) for prefix in scope)

    parked = dict(choices.parked)
    away = {path: value for path, value in choices.changes.items() if in_scope(path)}
    if away and before:
        parked[f"{selector}={before}"] = away
    kept = {path: value for path, value in choices.changes.items() if not in_scope(path)}
    kept |= parked.pop(f"{selector}={after}", {})
    return msgspec.structs.replace(choices, changes=kept, parked=parked)
