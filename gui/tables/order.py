"""Sorting and filtering of columns with numpy: quick at ten thousand rows. No Qt."""

from __future__ import annotations

import numpy as np


def sort_key(column: np.ndarray) -> np.ndarray:
    """A float key by which ``column`` sorts; NaN for what has no value and belongs at the end.

    Numbers sort by size; anything else (choices, mixtures) by its text.
    """
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
    """``rows`` ordered by ``key[rows]``; equals stay in their order, NaN always comes last."""
    values = key[rows]
    return rows[np.argsort(-values if descending else values, kind="stable")]


def runs(positions: np.ndarray) -> list[tuple[int, int]]:
    """Ascending ``positions`` as closed ranges without gaps."""
    if not len(positions):
        return []
    breaks = np.flatnonzero(np.diff(positions) != 1)
    starts = positions[np.concatenate(([0], breaks + 1))]
    ends = positions[np.concatenate((breaks, [len(positions) - 1]))]
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]
