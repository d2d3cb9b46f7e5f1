"""Empirical distribution function of the scores of a search."""

from __future__ import annotations

import numpy as np


def distribution(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the share of trials with a score up to each score, a right-continuous step function.

    Trials without a finite score are never counted in, so with them the last share is below 1.

    Args:
        scores: shape (n,).

    Returns:
        Distinct scores in ascending order, shape (m,), and cumulative shares, shape (m,).
    """
    at, count = np.unique(scores[np.isfinite(scores)], return_counts=True)
    return at, np.cumsum(count) / max(scores.size, 1)
