"""Sorting and filtering of columns with numpy: quick at ten thousand rows. No Qt."""

from __future__ import annotations

import numpy as np


def sort_key(column: np.ndarray) -> np.ndarray:
    """Float key, of shape (n,), by which a ``column`` of n values sorts; NaN for a missing value,
    which belongs at the end."""
    if column.dtype != object:
        return column.astype(float)
    present = np.array([value is not None for value in column], dtype=bool)
    key = np.full(len(column), np.nan)
    values = column[present]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        key[present] = values.astype(float)
    else:
        _, codes = np.unique([str(v) for v in values], return_inverse=True)
        key[present] = codes
    return key


def sorted_rows(key: np.ndarray, rows: np.ndarray, *, descending: bool) -> np.ndarray:
    """Sort rows; equal ones keep their order, NaN always comes last.

    Args:
        key: shape (n,), of all rows.
        rows: shape (k,), indices into ``key``.
        descending: the largest key first.

    Returns:
        ``rows`` in their new order, shape (k,).
    """
    values = key[rows]
    return rows[np.argsort(-values if descending else values, kind="stable")]


def runs(positions: np.ndarray) -> list[tuple[int, int]]:
    """Ascending ``positions``, shape (k,), as closed ranges without gaps."""
    if not len(positions):
        return []
    breaks = np.flatnonzero(np.diff(positions) != 1)
    starts = positions[np.concatenate(([0], breaks + 1))]
    ends = positions[np.concatenate((breaks, [len(positions) - 1]))]
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]
