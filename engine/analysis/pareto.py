"""The Pareto front: the trials that no other beats on every measure."""

from __future__ import annotations

import numpy as np


def front(values: np.ndarray, maximise: tuple[bool, ...]) -> np.ndarray:
    """Mask of the rows that no other row beats, shape ``(n,)``.

    A row beats another if it is as good on every measure and better on one; so equals stand or fall
    together. A row with a value that is not finite is not on the front and beats nothing.

    Args:
        values: shape ``(n, measures)``.
        maximise: whether larger is better, of each measure.
    """
    mask = np.zeros(len(values), dtype=bool)
    usable = np.flatnonzero(np.isfinite(values).all(axis=1))
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
