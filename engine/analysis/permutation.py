"""Permutation importance (Breiman 2001, *Random forests*, section 10): how much worse the forest
predicts held-out trials when the values of one hyperparameter are shuffled among them.

A conditional hyperparameter is shuffled among the trials in which it is active. Unlike fANOVA this
measures importance where the trials are, which is mostly near the good configurations.
"""

from __future__ import annotations

import numpy as np

from engine.analysis.forest_model import Model, ProgressCallback, Trees, no_progress
from engine.domain.understanding import Importance

REPEATS = 10


def permutation(
    model: Model, *, seed: int = 0, repeats: int = REPEATS, tick: ProgressCallback = no_progress
) -> tuple[Importance, ...]:
    """Compute permutation importances on the folds that each forest has not seen.

    A share is the rise of the squared error caused by a hyperparameter over the sum of all rises;
    all are 0 where no shuffle harms.

    Args:
        model: cross-validated forest.
        seed: of the shuffles.
        repeats: shuffles per hyperparameter.
        tick: progress callback.

    Returns:
        Shares of 1, largest first, with the 10th and 90th percentile over shuffles.

    Raises:
        Cancelled: if ``tick`` raises it.
    """
    names = model.encoding.space.names
    rise = np.zeros((repeats, len(names)))
    before = sum(_squares(model, trees, part, model.rows[part]) for trees, part in model.held)
    for turn in range(repeats):
        random = np.random.default_rng([seed, turn])
        for j in range(len(names)):
            after = 0.0
            for trees, part in model.held:
                rows = model.rows[part].copy()
                active = np.flatnonzero(~np.isnan(rows[:, j]))
                rows[active, j] = rows[random.permutation(active), j]
                # What depends on it is switched on or off with it; where that leaves it without a
                # value, the middle stands in.
                rows = model.encoding.canonical(np.where(np.isnan(rows), 0.5, rows))
                after += _squares(model, trees, part, rows)
            # A shuffle that helps by chance is no negative importance.
            rise[turn, j] = max(after - before, 0.0)
        tick((turn + 1) / repeats)
    total = float(rise.mean(axis=0).sum())
    shares = rise / total if total > 0 else rise
    low, high = np.percentile(shares, [10, 90], axis=0)
    found = [
        Importance(name, float(m), float(min(lo, m)), float(max(hi, m)))
        for name, m, lo, hi in zip(names, shares.mean(axis=0), low, high, strict=True)
    ]
    return tuple(sorted(found, key=lambda importance: -importance.share))


def _squares(model: Model, trees: Trees, part: np.ndarray, rows: np.ndarray) -> float:
    expected = trees.mean(model.features(rows))
    return float(np.sum((model.scores[part] - expected) ** 2))
