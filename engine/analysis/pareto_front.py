"""Pareto front: the trials that no other dominates."""

from __future__ import annotations

import numpy as np


def front(values: np.ndarray, maximise: tuple[bool, ...]) -> np.ndarray:
    """Find the non-dominated rows.

    A row dominates another if it is as good on every measure and better on one; so equal rows are
    on the front together or not at all. A row with a value that is not finite is not on the front
    and dominates nothing.

    Args:
        values: shape ``(n, measures)``.
        maximise: whether larger is better, for each measure.

    Returns:
        Boolean mask of shape ``(n,)``.
    """
    mask = np.zeros(len(values), dtype=bool)
    usable = np.flatnonzero(np.isfinite(values).all(axis=1))
    # Everything is minimised from here on.
    losses = np.where(maximise, -values[usable], values[usable])
    # From the best on the first measure on, a row can only be beaten by one before it, and if it is
    # by any, then by one that is not beaten itself.
    order = np.lexsort(losses.T[::-1])
    kept = np.empty_like(losses)
    count = 0
    for place in order:
        row = losses[place]
        as_good = (kept[:count] <= row).all(axis=1)
        if not (as_good & (kept[:count] < row).any(axis=1)).any():
            kept[count] = row
            count += 1
            mask[usable[place]] = True
    return mask
