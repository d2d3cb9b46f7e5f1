"""Configurations as rows of numbers, and rows as features whose Euclidean distances are meaningful.

An active number is a point on a line, or, where it is conditional, on an arc whose centre is the
inactive state, so that "inactive" is equally far from every value (Swersky et al. 2014, *Raiders of
the lost architecture*, section 2). A choice is a corner of a simplex, "inactive" being one more
corner. Any kernel of the Euclidean distance is therefore positive definite in mixed and conditional
spaces too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from engine.space import Categorical, Configuration, Float, Integer, SearchSpace, Value

ANGLE = math.pi / 2
"""Of the arc on which a conditional number lies; its length is 1, so its radius is 1 / `ANGLE`."""


class Encoding:
    """Encodes the configurations of one space as rows and as features.

    Attributes:
        width: number d of hyperparameters.
        numeric: shape (d,), bool: floats and integers with more than one value.
        continuous: shape (d,), bool: floats of some width.
        choices: shape (d,), int: choices of a categorical, 0 for numbers.
        owner: shape (f,), int: the hyperparameter that each feature belongs to; those with a single
            value and no condition have no feature.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.width = len(space)
        members = space.parameters
        self.continuous = np.array([isinstance(p, Float) and p.low < p.high for p in members], bool)
        whole = np.array([isinstance(p, Integer) and p.low < p.high for p in members], bool)
        self.numeric = self.continuous | whole
        self.choices = np.array(
            [len(p.choices) if isinstance(p, Categorical) else 0 for p in members], int
        )
        self._points = [
            j for j, p in enumerate(members) if isinstance(p, Float) and not p.low < p.high
        ]
        self._integers = [(j, p) for j, p in enumerate(members) if isinstance(p, Integer)]
        self._parents = self._conditions()
        self._layout()

    def _conditions(self) -> list[tuple[int, int, np.ndarray]]:
        """Children, parents, and the parents' coordinates that activate; parents first."""
        place = {name: j for j, name in enumerate(self.space.names)}
        found = []
        for j, name in enumerate(self.space.names):
            condition = self.space.condition(name)
            if condition is not None:
                parent = self.space[condition.parent]
                units = [parent.to_unit(v) for v in condition.values]  # type: ignore[arg-type]
                found.append((j, place[condition.parent], np.array(units)))
        return found

    def _layout(self) -> None:
        conditional = np.zeros(self.width, bool)
        conditional[[child for child, _, _ in self._parents]] = True
        self._plain = np.flatnonzero(self.numeric & ~conditional)
        # A single value that may be inactive is an arc too: there or not.
        single = ~self.numeric & (self.choices == 0)
        self._arcs = np.flatnonzero((self.numeric | single) & conditional)
        corners = np.where(conditional & (self.choices > 0), self.choices + 1, self.choices)
        self._simplices = [(j, int(corners[j])) for j in np.flatnonzero(corners > 1)]
        self.owner = np.concatenate(
            [self._plain, self._arcs, self._arcs]
            + [np.full(count, j) for j, count in self._simplices]
        ).astype(int)
        self._belongs = (self.owner[:, None] == np.arange(self.width)).astype(float)

    def row(self, configuration: Mapping[str, Value]) -> np.ndarray:
        """Encode ``configuration``, which lies in the space, as a row of shape ``(d,)``."""
        return self.space.to_unit(configuration)

    def configuration(self, row: np.ndarray) -> Configuration:
        """Decode ``row``, shape ``(d,)``."""
        return self.space.from_unit(np.where(np.isnan(row), 0.5, row))

    def canonical(self, raw: np.ndarray) -> np.ndarray:
        """Move points of the cube to rows: integers and choices to the middle of their cell, NaN
        where inactive.

        Args:
            raw: shape (m, d), in [0, 1] without NaN.

        Returns:
            Shape (m, d).
        """
        rows = np.array(raw)
        for j, parameter in self._integers:
            rows[:, j] = _middles(parameter, rows[:, j])
        chosen = np.flatnonzero(self.choices)
        if len(chosen):
            count = self.choices[chosen]
            cell = np.minimum(np.floor(rows[:, chosen] * count), count - 1)
            rows[:, chosen] = (cell + 0.5) / count
        # A float of a single value has one coordinate, by convention the middle.
        rows[:, self._points] = 0.5
        for child, parent, units in self._parents:
            # An inactive parent is NaN, which is close to nothing.
            active = (np.abs(rows[:, parent, None] - units) < 1e-12).any(axis=1)
            rows[~active, child] = np.nan
        return rows

    def steps(self, rows: np.ndarray) -> np.ndarray:
        """Distance of each integer of ``rows``, shape ``(m, d)``, to the next larger one, in rows'
        units: shape ``(m, d)``, 0 for all others. As far down lies in the cell of the next smaller
        one."""
        steps = np.zeros(rows.shape)
        for j, parameter in self._integers:
            if parameter.log:
                start, width = _log_span(parameter)
                steps[:, j] = np.log1p(np.exp(-start - rows[:, j] * width)) / width
            else:
                steps[:, j] = 1 / (parameter.high - parameter.low + 1)
        return steps

    def embed(self, rows: np.ndarray) -> np.ndarray:
        """Features of ``rows``, shape ``(m, d)``: shape ``(m, f)``."""
        features = np.zeros((len(rows), len(self.owner)))
        start, arcs = len(self._plain), len(self._arcs)
        features[:, :start] = rows[:, self._plain]
        if arcs:
            bent = rows[:, self._arcs]
            active = ~np.isnan(bent)
            angle = ANGLE * np.where(active, bent, 0.0)
            features[:, start : start + arcs] = active * np.sin(angle) / ANGLE
            features[:, start + arcs : start + 2 * arcs] = active * np.cos(angle) / ANGLE
        at = start + 2 * arcs
        for j, corners in self._simplices:
            value = rows[:, j] * self.choices[j]
            # "Inactive" is the last corner.
            corner = np.where(np.isnan(value), corners - 1, np.floor(value))
            # So that two corners are 1 apart, as the two ends of a range are.
            features[np.arange(len(rows)), at + corner.astype(int)] = math.sqrt(0.5)
            at += corners
        return features

    def slopes(self, rows: np.ndarray) -> np.ndarray:
        """Derivative of each feature by the coordinate of its hyperparameter at ``rows``, shape
        ``(m, d)``: shape ``(m, f)``, 0 for choices and where inactive."""
        slopes = np.zeros((len(rows), len(self.owner)))
        start, arcs = len(self._plain), len(self._arcs)
        slopes[:, :start] = 1.0
        if arcs:
            bent = rows[:, self._arcs]
            active = ~np.isnan(bent) & self.numeric[self._arcs]
            angle = ANGLE * np.where(active, bent, 0.0)
            slopes[:, start : start + arcs] = active * np.cos(angle)
            slopes[:, start + arcs : start + 2 * arcs] = active * -np.sin(angle)
        return slopes

    def gather(self, by_feature: np.ndarray) -> np.ndarray:
        """Sum over the features of each hyperparameter: shape ``(..., f)`` to ``(..., d)``."""
        return by_feature @ self._belongs


def keys(rows: np.ndarray) -> list[bytes]:
    """Keys of ``rows``, shape ``(m, d)``, equal for rows that are equal but for rounding."""
    rounded = np.round(np.where(np.isnan(rows), -1.0, rows), 9) + 0.0
    return [row.tobytes() for row in rounded]


def rows_of(encoding: Encoding, configurations: Sequence[Mapping[str, Value]]) -> np.ndarray:
    """Encode ``configurations`` as rows, shape ``(m, d)``."""
    if not configurations:
        return np.empty((0, encoding.width))
    return np.stack([encoding.row(c) for c in configurations])


def _middles(parameter: Integer, units: np.ndarray) -> np.ndarray:
    """The middles of the cells of ``parameter`` that hold ``units``."""
    if parameter.log:
        start, width = _log_span(parameter)
        values = np.floor(np.exp(start + units * width) + 0.5)
        return (np.log(np.clip(values, parameter.low, parameter.high)) - start) / width
    low, high = parameter.low - 0.5, parameter.high + 0.5
    values = np.floor(low + units * (high - low) + 0.5)
    return (np.clip(values, parameter.low, parameter.high) - low) / (high - low)


def _log_span(parameter: Integer) -> tuple[float, float]:
    """Where the cells of ``parameter`` begin on the log scale, and how far they reach."""
    start = math.log(parameter.low - 0.5)
    return start, math.log(parameter.high + 0.5) - start
