"""Convert the configurations of a snapshot to rows of the unit cube, one column at a time:
vectorised, so that a picture can do it on every update."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.space import Categorical, Float, Parameter, SearchSpace


def unit_rows(
    space: SearchSpace, configurations: Mapping[str, np.ndarray], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Encode configurations as `SearchSpace.to_unit` does, all at once.

    Args:
        space: of the search.
        configurations: name -> shape (n,) object array, None where inactive (None may be a choice
            as well: the conditions tell which it is).
        count: n.

    Returns:
        Rows of shape (n, d), NaN where inactive; mask of shape (n,) of the configurations in which
        every active hyperparameter has a value of the space.
    """
    rows = np.full((count, len(space)), np.nan)
    inside = np.ones(count, bool)
    place = {name: j for j, name in enumerate(space.names)}
    for j, parameter in enumerate(space.parameters):
        column = configurations.get(parameter.name)
        units = np.full(count, np.nan) if column is None else _units(parameter, column)
        active = np.ones(count, bool)
        condition = space.condition(parameter.name)
        if condition is not None:
            parent = space[condition.parent]
            activating = [parent.to_unit(value) for value in condition.values]  # type: ignore[arg-type]
            # Parents come before their children, so their column is already filled in; NaN for an
            # inactive parent compares unequal to every value, which switches the child off, too.
            above = rows[:, place[condition.parent], None]
            active = (np.abs(above - np.array(activating)) < 1e-12).any(axis=1)
        rows[:, j] = np.where(active, units, np.nan)
        inside &= ~active | np.isfinite(units)
    return rows, inside


def _units(parameter: Parameter, column: np.ndarray) -> np.ndarray:
    """Unit-interval coordinates of the values of ``column``; NaN for impossible values."""
    if isinstance(parameter, Categorical):
        # By type as well, since True == 1 and 1 == 1.0 in Python.
        keys = {(type(c), c): parameter.to_unit(c) for c in parameter.choices}
        return np.array([keys.get((type(v), v), np.nan) for v in column], dtype=float)
    real = isinstance(parameter, Float)
    kinds = (int, float) if real else (int,)
    plain = np.array(
        [v if isinstance(v, kinds) and not isinstance(v, bool) else np.nan for v in column], float
    )
    plain[~((plain >= parameter.low) & (plain <= parameter.high))] = np.nan
    # An integer is the middle of a cell of width 1, so the range reaches half a cell further.
    half = 0.0 if real else 0.5
    low, high = parameter.low - half, parameter.high + half
    if low == high:
        return np.where(np.isnan(plain), np.nan, 0.5)
    if parameter.log:
        low, high, plain = np.log(low), np.log(high), np.log(plain)
    return (plain - low) / (high - low)
