"""The empirical distribution function of scores: how much of a search was how good."""

from __future__ import annotations

import numpy as np


def distribution(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of trials with a score up to each score, as a step function from the left.

    Trials without a finite score never come in: with them the last share is below 1.

    Args:
        scores: shape (n,).

    Returns:
        Different scores in ascending order, shape (m,), and shares, shape (m,).
    """
    at, count = np.unique(scores[np.isfinite(scores)], return_counts=True)
    return at, np.cumsum(count) / max(scores.size, 1)
