"""Training data of a surrogate: results as rows and scores, a bounded share of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.tuners.bayes.outputs import PowerTransform


@dataclass(frozen=True)
class Told:
    """Results that a model is fitted to.

    Attributes:
        rows: shape (n, d).
        scores: shape (n,), standardised, lower being better; failures have the worst.
        transform: from values (to be minimised) to scores.
    """

    rows: np.ndarray
    scores: np.ndarray
    transform: PowerTransform


def gather(rows: np.ndarray, values: np.ndarray, most: int) -> Told:
    """Select and transform results.

    Args:
        rows: shape (n, d).
        values: shape (n,), to be minimised, NaN for failures.
        most: largest number kept.

    Returns:
        At most ``most`` of them.

    Raises:
        ValueError: if all of them failed.
    """
    kept = share(np.where(np.isnan(values), np.inf, values), most)
    rows, values = rows[kept], values[kept]
    scored = np.isfinite(values)
    if not scored.any():
        raise ValueError("there is no score")
    transform = PowerTransform(values[scored])
    scores = np.empty(len(values))
    scores[scored] = transform(values[scored])
    # A failure is as bad as the worst score, so that its region is avoided without distorting the
    # fit.
    scores[~scored] = scores[scored].max()
    return Told(rows, scores, transform)


def share(values: np.ndarray, most: int) -> np.ndarray:
    """Choose results to keep: the best half, the latest quarter, the rest spread evenly over the
    earlier ones, so that the model knows the bad regions too.

    Args:
        values: shape (n,), to be minimised, without NaN.
        most: at least 4; all are kept if there are no more.

    Returns:
        Ascending positions, shape (at most ``most``,).
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    kept = np.zeros(count, bool)
    kept[np.argsort(values, kind="stable")[: most // 2]] = True
    kept[count - most // 4 :] = True
    others = np.flatnonzero(~kept)
    wanted = most - int(kept.sum())
    # By the fraction of a golden multiple, a fixed order of all results that is even everywhere:
    # one more result changes little of what is kept.
    rank = (others * 0.6180339887498949) % 1.0
    kept[others[np.argsort(rank, kind="stable")[:wanted]]] = True
    return np.flatnonzero(kept)
