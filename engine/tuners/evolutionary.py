"""Parts shared by the evolutionary methods: configurations as complete vectors, bounds, crossover.

A vector has one coordinate in the unit interval for every parameter, those of inactive parameters
included: they have no effect until a change of the parent activates them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace


class Kinds(NamedTuple):
    """Masks of the parameters of each kind, of shape ``(parameters,)``; those with a single value
    are in none."""

    floats: np.ndarray
    integers: np.ndarray
    choices: np.ndarray

    @property
    def numbers(self) -> np.ndarray:
        """Mask of floats and integers."""
        return self.floats | self.integers

    @property
    def size(self) -> int:
        """Parameters with more than one value."""
        return int((self.numbers | self.choices).sum())


def kinds(space: SearchSpace) -> Kinds:
    """Classify the parameters of ``space``.

    An integer of two values has no useful order, so it counts as a choice.
    """

    def kind(parameter: Parameter) -> str:
        if isinstance(parameter, Categorical):
            return "choice" if len(parameter.choices) > 1 else ""
        if parameter.low == parameter.high:
            return ""
        if isinstance(parameter, Integer):
            return "choice" if parameter.high - parameter.low == 1 else "integer"
        return "float"

    found = np.array([kind(parameter) for parameter in space.parameters])
    return Kinds(found == "float", found == "integer", found == "choice")


def complete(
    space: SearchSpace, configuration: Configuration, rng: np.random.Generator, spread: bool = False
) -> np.ndarray:
    """Turn a configuration into a vector, coordinates of inactive parameters drawn uniformly.

    Args:
        space: of the search.
        configuration: moved into the space where it lies outside.
        rng: of the drawn coordinates.
        spread: draw each integer's position within its cell instead of taking the middle, so that
            differences of vectors take more than a few values.

    Returns:
        Shape ``(parameters,)``, in the unit cube.
    """
    configuration = space.nearest(configuration)
    drawn = rng.random(len(space))
    unit = space.to_unit(configuration)
    unit = np.where(np.isnan(unit), drawn, unit)
    if spread:
        for i, parameter in enumerate(space.parameters):
            value = configuration.get(parameter.name)
            if isinstance(parameter, Integer) and isinstance(value, int):
                unit[i] = parameter.to_unit(value + drawn[i] - 0.5)  # type: ignore[arg-type]
    return unit


def reflect(unit: np.ndarray) -> np.ndarray:
    """Reflect coordinates, of any shape, at 0 and 1 until they lie between."""
    # A triangle wave of period 2.
    folded = np.abs(unit) % 2
    return np.where(folded > 1, 2 - folded, folded)


def crossover(
    space: SearchSpace, one: np.ndarray, other: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Uniform crossover: a child takes each coordinate from either parent with probability 1/2.

    A conditional parameter comes from the same parent as the parameter it depends on, unless both
    have the same value there: what was learnt under one choice means nothing under another.

    Args:
        space: of the search.
        one: a vector of shape ``(parameters,)``.
        other: another one.
        rng: of the choice.

    Returns:
        Shape ``(parameters,)``.
    """
    take = rng.random(len(space)) < 0.5
    position = {name: i for i, name in enumerate(space.names)}
    values = space.from_unit(one), space.from_unit(other)
    # Parents first, since a child follows its parent's choice.
    for condition in sorted(space.conditions, key=lambda c: position[c.parameter]):
        parent = position[condition.parent]
        mine, yours = (repr(v.get(condition.parent, math.nan)) for v in values)
        if mine != yours:
            take[position[condition.parameter]] = take[parent]
    return np.where(take, one, other)
