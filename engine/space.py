"""`SearchSpace`: hyperparameters to tune and their ranges.

A space is a tuple of parameters (float, integer, categorical), some on a log scale, and conditions
("``max_samples`` only if ``bootstrap`` is true"). A *configuration* is a plain dict from the names
of the active parameters to values. Every parameter is mapped to the unit interval, so that a method
may work in ``[0, 1]^d`` (`SearchSpace.to_unit`, `SearchSpace.from_unit`).

The definitions follow Bischl et al. (2023): real, integer and categorical components, optionally
transformed, optionally conditional on a parent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from engine.errors import SpaceError

Value = bool | int | float | str | None
Configuration = dict[str, Value]


class Float(msgspec.Struct, frozen=True, tag="float", forbid_unknown_fields=True):
    """A real number in ``[low, high]``, uniform on a linear or a log scale."""

    name: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        _check_range(self)

    def contains(self, value: object) -> bool:
        """Whether ``value`` is a number in the range."""
        return _is_number(value) and self.low <= value <= self.high  # type: ignore[operator]

    def to_unit(self, value: float) -> float:
        """Map ``value`` to ``[0, 1]`` on its scale; 0.5 when the ends coincide."""
        low, high, x = _scaled(self.low, self.high, float(value), self.log)
        return 0.5 if low == high else (x - low) / (high - low)

    def from_unit(self, unit: float) -> float:
        """Map ``unit`` in ``[0, 1]`` to a value; inverse of `to_unit`."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            value = math.exp(low + unit * (high - low))
        else:
            value = self.low + unit * (self.high - self.low)
        return float(min(max(value, self.low), self.high))  # plain, whatever ``unit`` is

    @property
    def allowed(self) -> str:
        """The range in words."""
        return f"a number from {self.low:g} to {self.high:g}"


class Integer(msgspec.Struct, frozen=True, tag="integer", forbid_unknown_fields=True):
    """A whole number from ``low`` to ``high``, both included.

    In the unit interval each integer owns a cell; on a log scale cell ``k`` spans
    ``log(k - 1/2)`` to ``log(k + 1/2)``, so that rounding favours neither end.
    """

    name: str
    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        for value in (self.low, self.high):
            if isinstance(value, bool) or value != int(value):
                raise SpaceError(
                    "space.integer", name=self.name, value=value, field=f"space.{self.name}"
                )
        _check_range(self)

    def contains(self, value: object) -> bool:
        """Whether ``value`` is a whole number in the range (of type int)."""
        if not _is_number(value) or isinstance(value, float):
            return False
        return self.low <= value <= self.high  # type: ignore[operator]

    def to_unit(self, value: int) -> float:
        """Map ``value`` to the middle of its cell, in ``(0, 1)``."""
        low, high, x = _scaled(self.low - 0.5, self.high + 0.5, float(value), self.log)
        return (x - low) / (high - low)

    def from_unit(self, unit: float) -> int:
        """Map ``unit`` to the integer whose cell contains it."""
        low, high = self.low - 0.5, self.high + 0.5
        if self.log:
            value = math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
        else:
            value = low + unit * (high - low)
        return min(max(math.floor(value + 0.5), self.low), self.high)

    @property
    def allowed(self) -> str:
        """The range in words."""
        return f"a whole number from {self.low} to {self.high}"


class Categorical(msgspec.Struct, frozen=True, tag="categorical", forbid_unknown_fields=True):
    """One of ``choices``, unordered. Choices are distinguished by type too (``1`` is not
    ``True``)."""

    name: str
    choices: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.choices or len({_key(c) for c in self.choices}) < len(self.choices):
            raise SpaceError("space.choices", name=self.name, field=f"space.{self.name}.choices")

    def index(self, value: object) -> int:
        """Position of ``value`` among the choices, or -1."""
        keys = [_key(choice) for choice in self.choices]
        return keys.index(_key(value)) if _key(value) in keys else -1

    def contains(self, value: object) -> bool:
        """Whether ``value`` is one of the choices, of the same type."""
        return self.index(value) >= 0

    def to_unit(self, value: Value) -> float:
        """Map ``value`` to the middle of its cell, in ``(0, 1)``."""
        return (self.index(value) + 0.5) / len(self.choices)

    def from_unit(self, unit: float) -> Value:
        """Map ``unit`` to the choice whose cell contains it."""
        return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]

    @property
    def allowed(self) -> str:
        """The choices in words."""
        return "one of " + ", ".join(str(choice) for choice in self.choices)


Parameter = Float | Integer | Categorical


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``parameter`` is active only while ``parent`` is active and takes one of ``values``."""

    parameter: str
    parent: str
    values: tuple[Value, ...]


class SearchSpace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters and the conditions between them.

    A parameter has at most one condition. Parents come before their children in `parameters`.

    Raises:
        SpaceError: on construction, when a name occurs twice or a condition can never be true.
    """

    parameters: tuple[Parameter, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        seen: dict[str, Parameter] = {}
        conditions = {c.parameter: c for c in self.conditions}
        if len(conditions) < len(self.conditions):
            twice = [c.parameter for c in self.conditions]
            name = next(n for n in twice if twice.count(n) > 1)
            raise _condition_error(name, "it has two")
        for parameter in self.parameters:
            name = parameter.name
            if name in seen:
                raise SpaceError("space.name", name=name, field=f"space.{name}")
            condition = conditions.pop(name, None)
            if condition is not None:
                _check_condition(condition, seen)
            seen[name] = parameter
        if conditions:
            name = next(iter(conditions))
            raise _condition_error(name, "there is no such hyperparameter")

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

    def condition(self, name: str) -> Condition | None:
        """Return the condition on the parameter ``name``, if it has one."""
        return next((c for c in self.conditions if c.parameter == name), None)

    def is_active(self, name: str, configuration: Mapping[str, Value]) -> bool:
        """Whether ``name`` is active, given the values of its parents in ``configuration``."""
        condition = self.condition(name)
        if condition is None:
            return True
        if condition.parent not in configuration:
            return False
        value = _key(configuration[condition.parent])
        return value in {_key(v) for v in condition.values}

    def validate(self, configuration: Mapping[str, Value]) -> None:
        """Check that ``configuration`` has exactly the active parameters, each with an allowed
        value.

        Raises:
            SpaceError: naming the first parameter that is wrong.
        """
        for name in configuration:
            if name not in self.names:
                raise SpaceError(
                    "plan.unknown", kind="hyperparameter", name=name, known=", ".join(self.names)
                )
        for parameter in self.parameters:
            name = parameter.name
            if not self.is_active(name, configuration):
                if name in configuration:
                    condition = self.condition(name)
                    assert condition is not None
                    parent = condition.parent
                    raise SpaceError(
                        "space.inactive",
                        name=name,
                        parent=parent,
                        value=configuration.get(parent, "inactive"),
                    )
            elif name not in configuration:
                raise SpaceError("space.missing", name=name)
            elif not parameter.contains(configuration[name]):
                raise SpaceError(
                    "space.value", name=name, value=configuration[name], allowed=parameter.allowed
                )

    def sample(self, rng: np.random.Generator) -> Configuration:
        """Draw a configuration uniformly on the (log) scales.

        One number is drawn per parameter, active or not, so that a condition never shifts the draws
        of the parameters after it.
        """
        return self.from_unit(rng.random(len(self.parameters)))

    def to_unit(self, configuration: Mapping[str, Value]) -> np.ndarray:
        """Map ``configuration`` to a point of the unit cube, shape ``(d,)``; NaN where inactive."""
        unit = [
            parameter.to_unit(configuration[parameter.name])  # type: ignore[arg-type]
            if parameter.name in configuration
            else math.nan
            for parameter in self.parameters
        ]
        return np.array(unit, dtype=float)

    def from_unit(self, unit: np.ndarray) -> Configuration:
        """Map a point of the unit cube, shape ``(d,)``, to a configuration; coordinates of inactive
        parameters are ignored.

        Raises:
            ValueError: if ``unit`` has another length than the space.
        """
        configuration: Configuration = {}
        for parameter, coordinate in zip(self.parameters, unit, strict=True):
            if self.is_active(parameter.name, configuration):
                configuration[parameter.name] = parameter.from_unit(float(coordinate))
        return configuration

    def nearest(self, configuration: Mapping[str, Value]) -> Configuration:
        """Move ``configuration`` into the space: numbers are clipped to their ranges, unknown
        choices replaced by the first, missing active values by the middle, inactive and unknown
        ones dropped."""
        result: Configuration = {}
        for parameter in self.parameters:
            if self.is_active(parameter.name, result):
                result[parameter.name] = _nearest(parameter, configuration.get(parameter.name))
        return result

    def cardinality(self) -> float:
        """Number of different configurations; infinite with an active float of some width."""

        def count(names: tuple[str, ...], chosen: Configuration) -> float:
            if not names:
                return 1
            name, rest = names[0], names[1:]
            if not self.is_active(name, chosen):
                return count(rest, chosen)
            parameter = self[name]
            if isinstance(parameter, Categorical):
                if not any(c.parent == name for c in self.conditions):
                    return len(parameter.choices) * count(rest, chosen)
                return sum(count(rest, {**chosen, name: v}) for v in parameter.choices)
            if parameter.low == parameter.high:
                return count(rest, {**chosen, name: parameter.low})
            if isinstance(parameter, Float):
                return math.inf
            if not any(c.parent == name for c in self.conditions):
                return (parameter.high - parameter.low + 1) * count(rest, chosen)
            return sum(
                count(rest, {**chosen, name: v}) for v in range(parameter.low, parameter.high + 1)
            )

        return count(self.names, {})


def _nearest(parameter: Parameter, value: Any) -> Value:
    if isinstance(parameter, Categorical):
        return value if parameter.contains(value) else parameter.choices[0]
    if not _is_number(value) or math.isnan(value):
        return parameter.from_unit(0.5)
    clipped = min(max(value, parameter.low), parameter.high)
    return round(clipped) if isinstance(parameter, Integer) else float(clipped)


def _key(value: object) -> tuple[str, object]:
    """Identity of a choice: ``1``, ``1.0`` and ``True`` are equal to Python but not to a person."""
    return type(value).__name__, value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _scaled(low: float, high: float, x: float, log: bool) -> tuple[float, float, float]:
    return (math.log(low), math.log(high), math.log(x)) if log else (low, high, x)


def _check_range(parameter: Float | Integer) -> None:
    name, low, high = parameter.name, parameter.low, parameter.high
    for end, value in (("low", low), ("high", high)):
        if not math.isfinite(value):
            raise SpaceError("space.finite", name=name, value=value, field=f"space.{name}.{end}")
    if low > high:
        raise SpaceError("space.order", name=name, low=low, high=high, field=f"space.{name}.high")
    if parameter.log and low <= 0:
        raise SpaceError("space.log", name=name, low=low, field=f"space.{name}.low")


def _check_condition(condition: Condition, earlier: Mapping[str, Parameter]) -> None:
    parent = earlier.get(condition.parent)
    if parent is None:
        raise _condition_error(
            condition.parameter, f"its parent {condition.parent} must stand before it"
        )
    if not condition.values:
        raise _condition_error(condition.parameter, "it lists no value")
    for value in condition.values:
        if not parent.contains(value):
            raise _condition_error(
                condition.parameter, f"{condition.parent} is never {value}; it is {parent.allowed}"
            )


def _condition_error(name: str, why: str) -> SpaceError:
    return SpaceError("space.condition", name=name, why=why, field=f"space.{name}")
