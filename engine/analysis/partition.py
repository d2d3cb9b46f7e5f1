"""A regression tree as a partition of the unit cube into boxes, so that marginals over any
hyperparameters are exact sums (Hutter, Hoos and Leyton-Brown 2014, ICML, section 3).

Conditional hyperparameters: the score is taken as a function on the whole cube that does not depend
on the coordinate of an inactive hyperparameter. A leaf whose box constrains such a coordinate is
split in two: where the hyperparameter is active, and where it is not and its coordinate is free. So
a hyperparameter has no effect where it has no meaning, and the effect of its parent's switching it
shows as an interaction of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.space import Categorical, Integer, Parameter
from engine.tuners.bayes.encoding import Encoding
from engine.tuners.bayes.forest import INACTIVE

DISCRETE = 64
"""Integers with up to this many values have a cell for each; of more, the cuts of the tree make the
cells."""


@dataclass(frozen=True)
class Partition:
    """Boxes, b of them, that partition the cube.

    Attributes:
        value: shape (b,), predicted score in each.
        member: for each hyperparameter, shape (b, cells): whether a box contains a cell of its
            range.
        weight: for each hyperparameter, shape (cells,): width of its cells, adding up to 1.
        share: for each hyperparameter, shape (b,): width of each box along it.
        volume: shape (b,), adding up to 1.
    """

    value: np.ndarray
    member: list[np.ndarray]
    weight: list[np.ndarray]
    share: list[np.ndarray]
    volume: np.ndarray

    @property
    def mean(self) -> float:
        """Mean of the predicted score over the cube."""
        return float(self.volume @ self.value)

    @property
    def variance(self) -> float:
        """Variance of the predicted score over the cube."""
        return float(self.volume @ (self.value - self.mean) ** 2)

    def along(self, j: int) -> np.ndarray:
        """Marginal of hyperparameter ``j``, less the mean, for each of its cells: shape (cells,).

        The average over all other hyperparameters: a box contributes its value times its volume,
        divided by its width along ``j``, to every cell that it contains (Hutter et al. 2014,
        section 3).
        """
        return (self.volume * (self.value - self.mean) / self.share[j]) @ self.member[j]

    def over(self, i: int, j: int) -> np.ndarray:
        """Joint marginal of ``i`` and ``j``, less the mean: shape (cells of i, cells of j)."""
        # Dividing by the widths leaves the volume along all other hyperparameters.
        mass = self.volume * (self.value - self.mean) / (self.share[i] * self.share[j])
        return (self.member[i] * mass[:, None]).T @ self.member[j]


def partition(tree: Any, encoding: Encoding) -> Partition:
    """Partition the cube by a fitted tree.

    Args:
        tree: the ``tree_`` of a ``sklearn`` tree fitted on features of `tree_features`.
        encoding: of the space.

    Returns:
        Its leaves as boxes, split further where conditions demand it.
    """
    low, high, value = _leaves(tree)
    cells = [_cells(p, low[:, c], high[:, c], encoding) for p, c in _layout(encoding)]
    member, inactive = [], []
    for (_, columns), (_, _, features) in zip(_layout(encoding), cells, strict=True):
        lower, upper = low[:, columns, None], high[:, columns, None]
        member.append(((lower < features.T) & (upper >= features.T)).all(axis=1))
        inactive.append(((low[:, columns] < INACTIVE) & (high[:, columns] >= INACTIVE)).all(axis=1))
    member, leaf = _split(encoding, member, inactive, [units for units, _, _ in cells])
    weight = [w for _, w, _ in cells]
    share = [m @ w for m, w in zip(member, weight, strict=True)]
    volume = np.prod(share, axis=0) if share else np.ones(len(leaf))
    return Partition(value[leaf], [m.astype(float) for m in member], weight, share, volume)


def _leaves(tree: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds (low excluded, high included) of the leaves by feature, each of shape (l, f), and
    values, shape (l,)."""
    width = tree.n_features
    low, high = (
        np.full((tree.node_count, width), -np.inf),
        np.full((tree.node_count, width), np.inf),
    )
    left, right, cut, at = tree.children_left, tree.children_right, tree.threshold, tree.feature
    for node in range(tree.node_count):  # parents stand before their children
        if left[node] < 0:
            continue
        for child in (left[node], right[node]):
            low[child], high[child] = low[node], high[node]
        # ``x <= threshold`` goes left, as in sklearn.
        high[left[node], at[node]] = min(high[node, at[node]], cut[node])
        low[right[node], at[node]] = max(low[node, at[node]], cut[node])
    ends = np.flatnonzero(left < 0)
    return low[ends], high[ends], tree.value[ends, 0, 0]


def _layout(encoding: Encoding) -> list[tuple[Parameter, list[int]]]:
    """Each hyperparameter with its feature columns, in the order of `tree_features`."""
    found, start = [], 0
    for parameter, choices in zip(encoding.space.parameters, encoding.choices, strict=True):
        count = int(choices) if choices > 2 else 1
        found.append((parameter, list(range(start, start + count))))
        start += count
    return found


def _cells(
    parameter: Parameter, low: np.ndarray, high: np.ndarray, encoding: Encoding
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinate of each cell, its width, and its features, shape (cells, columns)."""
    if isinstance(parameter, Categorical):
        count = len(parameter.choices)
        units = (np.arange(count) + 0.5) / count
        features = np.eye(count) if count > 2 else units[:, None]
        return units, np.full(count, 1 / count), features
    is_parent = any(c.parent == parameter.name for c in encoding.space.conditions)
    if isinstance(parameter, Integer) and (parameter.high - parameter.low < DISCRETE or is_parent):
        values = np.arange(parameter.low, parameter.high + 1)
        units = np.array([parameter.to_unit(int(v)) for v in values])
        edges = np.append(values - 0.5, values[-1] + 0.5)
        if parameter.log:
            edges = np.log(edges)
        return units, np.diff(edges) / (edges[-1] - edges[0]), units[:, None]
    # Between two neighbouring cuts of the tree the prediction is constant.
    cuts = np.unique(np.concatenate([low, high]))
    edges = np.concatenate([[0.0], cuts[(cuts > 0) & (cuts < 1)], [1.0]])
    units = (edges[1:] + edges[:-1]) / 2
    return units, np.diff(edges), units[:, None]


def _split(
    encoding: Encoding,
    member: list[np.ndarray],
    inactive: list[np.ndarray],
    units: list[np.ndarray],
) -> tuple[list[np.ndarray], np.ndarray]:
    """Split boxes by whether each conditional hyperparameter is active; returns members and leaf
    indices."""
    space = encoding.space
    place = {name: j for j, name in enumerate(space.names)}
    leaf = np.arange(len(member[0])) if member else np.zeros(1, int)
    off = [np.zeros(len(leaf), bool) for _ in member]
    """Boxes in which the hyperparameter is inactive."""
    for j, name in enumerate(space.names):
        condition = space.condition(name)
        if condition is None:
            continue
        above = place[condition.parent]
        parent = space[condition.parent]
        wanted = np.array([parent.to_unit(v) for v in condition.values])  # type: ignore[arg-type]
        on = (np.abs(units[above][:, None] - wanted) < 1e-12).any(axis=1)
        # Active: its parent is, with one of the values.
        meets = ~off[above] & (member[above] & on).any(axis=1) & member[j].any(axis=1)
        # Inactive: the tree has it so, and its parent is inactive or may have another value.
        lacks = inactive[j][leaf] & (off[above] | (member[above] & ~on).any(axis=1))
        kept = np.concatenate([np.flatnonzero(meets), np.flatnonzero(lacks)])
        active = np.arange(len(kept)) < meets.sum()
        free = ~active
        # A leaf may be kept twice, once in each role, and then its two boxes are disjoint.
        member = [m[kept] for m in member]
        off = [o[kept] for o in off]
        member[above][active] &= on
        member[above][free & ~off[above]] &= ~on
        member[j][free] = True
        off[j] = free.copy()
        leaf = leaf[kept]
    return member, leaf
