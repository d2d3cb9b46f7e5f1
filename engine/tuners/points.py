"""Configurations as points: identity, and enumeration of a finite space."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping

from engine.errors import SpaceError
from engine.space import Categorical, Configuration, Float, Parameter, SearchSpace, Value

Key = tuple[float | None, ...]
"""One number per parameter: its value, the index of its choice, or None where inactive."""

ENUMERATED = 1000
"""Most configurations listed by `some_unseen`."""


def identify(space: SearchSpace, configuration: Mapping[str, Value]) -> Key | None:
    """Return a key that is equal for equal configurations only; None if ``configuration`` lies
    outside ``space``."""
    try:
        # A user's own configuration may lie outside the space.
        space.validate(configuration)
    except SpaceError:
        return None
    return tuple(_number(parameter, configuration) for parameter in space.parameters)


def some_unseen(space: SearchSpace, seen: Container[Key | None]) -> list[Configuration]:
    """List configurations of ``space`` that are not in ``seen``, in a fixed order.

    A float counts with its lower end only.

    Args:
        space: may have conditions.
        seen: keys of known configurations.

    Returns:
        At most `ENUMERATED` configurations.
    """
    unseen = (c for c in enumerate_space(space) if identify(space, c) not in seen)
    return list(itertools.islice(unseen, ENUMERATED))


def enumerate_space(space: SearchSpace) -> Iterator[Configuration]:
    """Iterate over every configuration of ``space``, lazily; floats have their lower end only."""

    def extend(index: int, chosen: Configuration) -> Iterator[Configuration]:
        if index == len(space):
            yield chosen
            return
        parameter = space.parameters[index]
        if not space.is_active(parameter.name, chosen):
            # An inactive parameter has no value: one branch instead of one per value.
            yield from extend(index + 1, chosen)
            return
        for value in _values(parameter):
            yield from extend(index + 1, {**chosen, parameter.name: value})

    return extend(0, {})


def _values(parameter: Parameter) -> tuple[Value, ...] | range:
    if isinstance(parameter, Categorical):
        return parameter.choices
    if isinstance(parameter, Float):
        return (parameter.low,)
    return range(parameter.low, parameter.high + 1)


def _number(parameter: Parameter, configuration: Mapping[str, Value]) -> float | None:
    if parameter.name not in configuration:
        return None
    value = configuration[parameter.name]
    if isinstance(parameter, Categorical):
        return parameter.index(value)
    return float(value)  # type: ignore[arg-type]
