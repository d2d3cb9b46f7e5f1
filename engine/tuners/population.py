"""What the evolutionary methods share: configurations as complete vectors, bounds, crossover.

A vector has one coordinate in the unit interval for every parameter. Those of inactive parameters
are hidden: they make no difference until a change of the parent activates them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace


class Kinds(NamedTuple):
    """Where the parameters of each kind stand, as masks of shape ``(parameters,)``.

    Those with a single value are in none.
    """

    floats: np.ndarray
    integers: np.ndarray
    choices: np.ndarray

    @property
    def numbers(self) -> np.ndarray:
        return self.floats | self.integers

    @property
    def size(self) -> int:
        """Parameters with more than one value."""
        return int((self.numbers | self.choices).sum())


def kinds(space: SearchSpace) -> Kinds:
    """The kinds of the parameters of ``space``.

    An integer of two values has no order worth the name, so it counts as a choice.
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
    """``configuration`` as a vector, shape ``(parameters,)``, hidden coordinates drawn.

    With ``spread``, integers stand anywhere in their cells instead of in the middle, so that
    differences of vectors take more than a few values. A configuration from outside the space is
    moved into it.
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
    """Coordinates mirrored at 0 and 1 until they lie between."""
    folded = np.abs(unit) % 2
    return np.where(folded > 1, 2 - folded, folded)


def crossover(
    space: SearchSpace, one: np.ndarray, other: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A child of two vectors that has each coordinate from either with probability 1/2.

    A parameter with a condition comes from where its parent comes from, unless both have the same
    value of the parent: what was learnt under one choice says nothing under another.
    """
    take = rng.random(len(space)) < 0.5
    position = {name: i for i, name in enumerate(space.names)}
    values = space.from_unit(one), space.from_unit(other)
    for condition in sorted(space.conditions, key=lambda c: position[c.parameter]):
        parent = position[condition.parent]
        mine, yours = (repr(v.get(condition.parent, math.nan)) for v in values)
        if mine != yours:
            take[position[condition.parameter]] = take[parent]
    return np.where(take, one, other)
