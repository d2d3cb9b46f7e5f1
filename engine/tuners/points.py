"""Configurations as points: when two are the same, and what of a finite space is left."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping

from engine.errors import SpaceError
from engine.space import Categorical, Configuration, Float, Parameter, SearchSpace, Value

Key = tuple[float | None, ...]
"""One number a parameter: its value, the position of its choice, or None where inactive."""

ENUMERATED = 1000
"""How many remaining configurations are listed to choose from."""


def identify(space: SearchSpace, configuration: Mapping[str, Value]) -> Key | None:
    """What tells ``configuration`` from all others of ``space``; None if it lies outside."""
    try:
        space.validate(configuration)
    except SpaceError:
        return None
    return tuple(_number(parameter, configuration) for parameter in space.parameters)


def some_unseen(space: SearchSpace, seen: Container[Key | None]) -> list[Configuration]:
    """Up to `ENUMERATED` configurations of ``space`` that are not in ``seen``, in a fixed order.

    Floats of some width are left out of the count: of a space that has an active one, only the
    configurations at its lower end are listed.
    """
    unseen = (c for c in enumerate_space(space) if identify(space, c) not in seen)
    return list(itertools.islice(unseen, ENUMERATED))


def enumerate_space(space: SearchSpace) -> Iterator[Configuration]:
    """Every configuration of ``space``, lazily; floats stand at their lower end."""

    def extend(index: int, chosen: Configuration) -> Iterator[Configuration]:
        if index == len(space):
            yield chosen
            return
        parameter = space.parameters[index]
        if not space.is_active(parameter.name, chosen):
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
