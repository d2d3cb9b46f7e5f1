"""Ranks of contenders evaluated on the same things, the basis of the rank tests."""

from __future__ import annotations

import numpy as np


def ranks(scores: np.ndarray, maximise: bool) -> np.ndarray:
    """Rank within each row from 1, the best; ties share the mean of their ranks.

    A missing score (NaN) is worse than any other: a contender that failed lost.

    Args:
        scores: shape (n, k), or (..., k): a row for each thing evaluated, a column for each
            contender.
        maximise: whether larger is better.

    Returns:
        Ranks, of the same shape.
    """
    loss = np.where(np.isnan(scores), np.inf, -scores if maximise else scores)
    # Rank = number that are better + mean position among the equals, itself included.
    better = (loss[..., None, :] < loss[..., :, None]).sum(axis=-1)
    equal = (loss[..., None, :] == loss[..., :, None]).sum(axis=-1)
    return better + (equal + 1) / 2


def average_ranks(scores: np.ndarray, maximise: bool) -> np.ndarray:
    """Mean rank of each contender over the rows of ``scores``, shape (n, k), n > 0; shape (k,)."""
    return ranks(scores, maximise).mean(axis=0)


def win_tie_loss(
    scores: np.ndarray, maximise: bool, margin: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Count how often each contender was better than each other one.

    Rows in which either has no score (NaN) count for neither.

    Args:
        scores: shape (n, k).
        maximise: whether larger is better.
        margin: the region of practical equivalence: scores no further apart than this are a tie.

    Returns:
        Wins ``[i, j]``, rows in which i was better than j, and ties, each of shape (k, k); losses
        are the transpose of the wins. A contender has no ties with itself.

    Raises:
        ValueError: if ``margin`` is negative or NaN.
    """
    if not margin >= 0:
        raise ValueError(f"a margin of {margin}")
    gain = scores if maximise else -scores
    with np.errstate(invalid="ignore"):
        ahead = gain[:, :, None] - gain[:, None, :]
    # Scores such as 0.9 and 0.8 lie 0.1 apart whatever the last bit says.
    finite = np.abs(scores[np.isfinite(scores)])
    slack = margin + 1e-12 * float(finite.max(initial=0.0))
    wins = (ahead > slack).sum(axis=0)
    ties = (np.abs(ahead) <= slack).sum(axis=0)
    np.fill_diagonal(ties, 0)
    return wins, ties
