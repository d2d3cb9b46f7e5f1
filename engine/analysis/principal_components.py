"""Configurations in two dimensions: the first two principal components of their features.

The features are those in which Euclidean distances are meaningful in mixed and conditional spaces
(`engine.tuners.bayes.encoding`), scaled so that all hyperparameters vary alike. Unlike
multidimensional scaling this takes milliseconds with ten thousand trials, and a trial keeps its
relative place when another is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis.unit_rows import unit_rows
from engine.domain.trials import Snapshot
from engine.tuners.bayes.encoding import Encoding


@dataclass(frozen=True)
class Footprint:
    """Positions of the trials in the plane.

    Attributes:
        index: shape (m,), positions in the snapshot of the trials whose configurations lie in the
            space.
        place: shape (m, 2); distances between places are at most those between configurations.
        kept: explained variance of the two components, as a share from 0 to 1.
    """

    index: np.ndarray
    place: np.ndarray
    kept: float


def footprint(snapshot: Snapshot) -> Footprint:
    """Compute the footprint of all trials of ``snapshot``, whatever their state."""
    rows, inside = unit_rows(snapshot.space, snapshot.configurations, snapshot.number.size)
    index = np.flatnonzero(inside)
    encoding = Encoding(snapshot.space)
    features = encoding.embed(rows[index])
    centred = features - features.mean(axis=0) if index.size else features
    if index.size < 2 or not (np.abs(centred) > 1e-12).any():
        return Footprint(index, np.zeros((index.size, 2)), 1.0)
    # Scaled per hyperparameter rather than per feature: a choice among five has five features and
    # must not count five times.
    spread = np.sqrt(encoding.gather((centred**2).mean(axis=0)))
    centred = centred / np.where(spread > 1e-12, spread, 1.0)[encoding.owner]
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    if axes.shape[1] < 2:
        axes = np.column_stack([axes, np.zeros(len(axes))])
    # A direction and its opposite are the same component: the largest weight is made positive, so
    # that the picture does not flip while trials arrive.
    heavy = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[heavy, [0, 1]] < 0, -1.0, 1.0)
    return Footprint(index, centred @ axes, float(values[-2:].sum() / values.sum()))
