"""Functional ANOVA: how much of the variance of the predicted score each hyperparameter, and each
pair of them, accounts for (Hutter, Hoos and Leyton-Brown 2014, ICML, *An efficient approach for
assessing hyperparameter importance*).

For every tree of the forest the variance over the unit cube is decomposed exactly, ``V = sum V_i +
sum V_ij + ...``; the shares ``V_U / V`` are averaged over trees. The cube is the search's own: on a
log scale, values are uniform on the log scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.analysis.forest_model import Model, ProgressCallback, no_progress
from engine.analysis.partition import partition
from engine.domain.understanding import Importance, PairImportance

PAIRED = 12
"""Number of hyperparameters, the most important ones, whose pairs are computed."""
LEAST_SHARE = 0.005
"""Pairs with a smaller share are left out."""


@dataclass(frozen=True)
class Shares:
    """Shares of the variance, largest first, adding up to at most 1; ``rest`` is that of the pairs
    left out and of higher-order interactions."""

    importances: tuple[Importance, ...]
    pairs: tuple[PairImportance, ...]
    rest: float


def fanova(model: Model, *, paired: int = PAIRED, tick: ProgressCallback = no_progress) -> Shares:
    """Decompose the variance of the scores predicted by ``model``.

    Intervals reach from the 10th to the 90th percentile over trees. All shares are 0 where every
    tree is constant.

    Args:
        model: forest fitted to the scores.
        paired: number of hyperparameters whose pairs are computed.
        tick: progress callback.

    Returns:
        Main effects of all hyperparameters, pairs with a share of at least `LEAST_SHARE`, and the
        rest.

    Raises:
        Cancelled: if ``tick`` raises it.
    """
    names = model.encoding.space.names
    parts = []
    singles = []
    for done, tree in enumerate(model.trees.trees):
        # A tree without a split has no variance to share out.
        boxes = partition(tree, model.encoding)
        if boxes.variance > 0:
            parts.append(boxes)
            # V_j: variance of the marginal prediction of hyperparameter j, whose mean is subtracted
            # already.
            singles.append([boxes.along(j) ** 2 @ w for j, w in enumerate(boxes.weight)])
        tick(0.3 * (done + 1) / len(model.trees.trees))
    if not parts:
        return Shares(tuple(Importance(name, 0.0, 0.0, 0.0) for name in names), (), 0.0)
    total = np.array([boxes.variance for boxes in parts])
    # Shares are formed per tree and then averaged, so that every tree has the same weight.
    alone = np.array(singles) / total[:, None]
    # A pair costs as much as the product of its cells, so only the most important ones are paired.
    looked_at = np.sort(np.argsort(-alone.mean(axis=0), kind="stable")[:paired])
    pairs = list(combinations(looked_at.tolist(), 2))
    together = np.zeros((len(parts), len(pairs)))
    for t, boxes in enumerate(parts):
        for p, (i, j) in enumerate(pairs):
            # V_ij is the variance of the joint marginal less both main effects; rounding may make
            # it negative.
            square = boxes.weight[i] @ boxes.over(i, j) ** 2 @ boxes.weight[j]
            together[t, p] = max(square / total[t] - alone[t, i] - alone[t, j], 0.0)
        tick(0.3 + 0.7 * (t + 1) / len(parts))
    importances = [Importance(name, *_summary(alone[:, j])) for j, name in enumerate(names)]
    found = [
        PairImportance(names[i], names[j], *_summary(together[:, p]))
        for p, (i, j) in enumerate(pairs)
    ]
    kept = [pair for pair in found if pair.share >= LEAST_SHARE]
    known = sum(i.share for i in importances) + sum(p.share for p in kept)
    return Shares(
        tuple(sorted(importances, key=lambda i: -i.share)),
        tuple(sorted(kept, key=lambda p: -p.share)),
        max(1.0 - known, 0.0),
    )


def _summary(shares: np.ndarray) -> tuple[float, float, float]:
    """Mean over trees, with the 10th and 90th percentile."""
    mean = float(shares.mean())
    low, high = np.percentile(shares, [10, 90])
    return mean, float(min(low, mean)), float(max(high, mean))
