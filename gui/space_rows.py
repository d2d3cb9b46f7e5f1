"""The search space as rows a person edits, and back. No Qt.

A row is tuned over a range or choices, or held at a fixed value. What is fixed leaves the space; a
child of a fixed parent loses its condition if the parent's value allows it, and has no meaning
otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.errors import SpaceError
from engine.space import (
    Categorical,
    Condition,
    Configuration,
    Float,
    Integer,
    Parameter,
    SearchSpace,
    Value,
)


class Row(msgspec.Struct, frozen=True):
    """A hyperparameter as it is edited.

    Attributes:
        tuned: on (searched) or off (held at `fixed`).
        parameter: its range or choices, kept while it is off.
        recommended: what the guide recommends; the ends of its drawn axis.
        condition: when it has a meaning, if not always.
    """

    parameter: Parameter
    recommended: Parameter
    tuned: bool
    fixed: Value
    condition: Condition | None = None

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def kind(self) -> str:
        """``number``, ``whole number`` or ``choice``."""
        if isinstance(self.parameter, Categorical):
            return "choice"
        return "whole number" if isinstance(self.parameter, Integer) else "number"

    @property
    def edited(self) -> bool:
        return not self.tuned or self.parameter != self.recommended


def rows(
    space: SearchSpace,
    recommended: SearchSpace,
    default: Configuration,
    fixed: Mapping[str, Value],
) -> tuple[Row, ...]:
    """One row for each hyperparameter the learner has, in the recommended order."""
    return tuple(
        Row(
            parameter=space[advised.name] if advised.name in space.names else advised,
            recommended=advised,
            tuned=advised.name in space.names,
            fixed=fixed.get(advised.name, default.get(advised.name, _middle(advised))),
            condition=recommended.condition(advised.name),
        )
        for advised in recommended.parameters
    )


def build(edited: Sequence[Row]) -> tuple[SearchSpace, dict[str, Value]]:
    """The space and the fixed values that ``edited`` means.

    Raises:
        SpaceError: naming the hyperparameter, if nothing is tuned, a fixed value is impossible, or
            a condition can't hold any more.
    """
    fixed: dict[str, Value] = {}
    parameters: list[Parameter] = []
    conditions: list[Condition] = []
    present: set[str] = set()
    for row in edited:
        condition = row.condition
        if condition is not None and condition.parent in fixed:
            if not _allows(condition, fixed[condition.parent]):
                continue
            condition = None
        elif condition is not None and condition.parent not in present:
            continue  # its parent has no meaning either
        if not row.tuned:
            if not _possible(row.recommended, row.fixed):
                raise SpaceError(
                    "space.value",
                    name=row.name,
                    value=row.fixed,
                    allowed=_allowed(row.recommended),
                    field=f"learner.fixed.{row.name}",
                )
            fixed[row.name] = row.fixed
            continue
        parameters.append(row.parameter)
        present.add(row.name)
        if condition is not None:
            conditions.append(_narrowed(condition, edited))
    if not parameters:
        raise SpaceError("space.empty", field="space")
    return SearchSpace(tuple(parameters), tuple(conditions)), fixed


def with_range(
    row: Row, *, low: float | None = None, high: float | None = None, log: bool | None = None
) -> Row:
    """``row`` with another end or scale.

    Raises:
        SpaceError: if the range makes no sense.
    """
    old = row.parameter
    assert not isinstance(old, Categorical)
    changes: dict[str, object] = {}
    if low is not None:
        changes["low"] = _of_kind(old, low)
    if high is not None:
        changes["high"] = _of_kind(old, high)
    if log is not None:
        changes["log"] = log
    return msgspec.structs.replace(row, parameter=msgspec.structs.replace(old, **changes))


def with_choices(row: Row, choices: Sequence[Value]) -> Row:
    """``row`` with these of its choices.

    Raises:
        SpaceError: if none is left.
    """
    return msgspec.structs.replace(row, parameter=Categorical(row.name, tuple(choices)))


def _of_kind(parameter: Float | Integer, value: float) -> float | int:
    if isinstance(parameter, Float):
        return float(value)
    if value != int(value):
        raise SpaceError(
            "space.integer", name=parameter.name, value=value, field=f"space.{parameter.name}"
        )
    return int(value)


def _middle(parameter: Parameter) -> Value:
    return parameter.from_unit(0.5)


def _possible(parameter: Parameter, value: Value) -> bool:
    """Whether ``value`` has the kind of ``parameter``; the learner's bounds are the engine's."""
    if isinstance(parameter, Categorical):
        return parameter.contains(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(parameter, Float) or isinstance(value, int)


def _allowed(parameter: Parameter) -> str:
    if isinstance(parameter, Categorical):
        return parameter.allowed
    return "a whole number" if isinstance(parameter, Integer) else "a number"


def _allows(condition: Condition, value: Value) -> bool:
    return Categorical("parent", condition.values).contains(value)


def _narrowed(condition: Condition, edited: Sequence[Row]) -> Condition:
    """``condition`` without the values its parent can't take any more."""
    parent = next(row.parameter for row in edited if row.name == condition.parent)
    possible = tuple(value for value in condition.values if parent.contains(value))
    if not possible:
        return condition  # the space itself says why this can't hold
    return msgspec.structs.replace(condition, values=possible)
