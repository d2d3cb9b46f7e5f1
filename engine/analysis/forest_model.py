"""A random forest fitted to the scores of a search, with its quality.

Importances, effects and the ablation path are computed from this model, not from the trials: they
can be no better than it is. So it is cross-validated, and refused where its R2 is too poor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analysis.unit_rows import unit_rows
from engine.domain.trials import Snapshot, TrialState
from engine.domain.understanding import ModelQuality
from engine.errors import RunError
from engine.tuners.bayes.encoding import Encoding
from engine.tuners.bayes.forest import tree_features

LEAST = 20
"""Fewest complete trials for a model."""
MOST = 2_000
"""Most trials it is fitted to; of more, a random sample that includes the best one."""
TREES = 64
POOR = 0.25
"""Cross-validated R2 below which the model is refused: its explanations would be mostly noise."""
FOLDS = 5

_FENCE = 3.0
"""Scores worse than the quartile by more than this many interquartile ranges (Tukey's far fence)
are winsorised: one diverged fit would otherwise be all the variance there is."""

ProgressCallback = Callable[[float], None]
"""Progress callback: called with the finished share, 0 to 1; may raise `Cancelled`."""


def no_progress(_: float) -> None:
    """Ignore progress."""


class Trees:
    """Bagged regression trees (Breiman 2001, without the random choice of columns: there are few
    hyperparameters).

    Args:
        features: shape (n, f), from `tree_features`.
        scores: shape (n,).
        count: number of trees.
        seed: of the bootstrap draws.
        tick: progress callback, called after every tree.
    """

    def __init__(
        self,
        features: np.ndarray,
        scores: np.ndarray,
        count: int = TREES,
        seed: int = 0,
        tick: ProgressCallback = no_progress,
    ) -> None:
        from sklearn.tree import DecisionTreeRegressor

        self.trees: list[Any] = []
        random = np.random.default_rng(seed)
        for done in range(count):
            drawn = random.integers(len(scores), size=len(scores))
            grown = DecisionTreeRegressor(
                min_samples_split=3, random_state=int(random.integers(2**31))
            ).fit(features[drawn], scores[drawn], check_input=False)
            self.trees.append(grown.tree_)
            tick((done + 1) / count)

    def each(self, features: np.ndarray) -> np.ndarray:
        """Predict with every tree at ``features``, shape (m, f): shape (trees, m)."""
        return np.stack([tree.value[tree.apply(features), 0, 0] for tree in self.trees])

    def mean(self, features: np.ndarray) -> np.ndarray:
        """Predict the mean over trees at ``features``, shape (m, f): shape (m,)."""
        return self.each(features).mean(axis=0)


@dataclass(frozen=True)
class Model:
    """A forest fitted to the scores of a search.

    Attributes:
        encoding: of the space.
        index: shape (n,), positions of its trials in the snapshot.
        rows: shape (n, d), their configurations in the unit cube, NaN where inactive.
        scores: shape (n,), in the measure's units, winsorised.
        trees: fitted to all of them.
        held: for each fold the trees fitted without it, and its positions among the n.
        quality: number of trials, cross-validated R2, and scores that were winsorised.
    """

    encoding: Encoding
    index: np.ndarray
    rows: np.ndarray
    scores: np.ndarray
    trees: Trees
    held: tuple[tuple[Trees, np.ndarray], ...]
    quality: ModelQuality

    def features(self, rows: np.ndarray) -> np.ndarray:
        """Features of ``rows``, shape (m, d), for the trees: shape (m, f)."""
        return tree_features(self.encoding, rows)


def learn(
    snapshot: Snapshot, *, seed: int = 0, tick: ProgressCallback = no_progress, trees: int = TREES
) -> Model:
    """Fit and cross-validate a model of the complete trials of ``snapshot``.

    Trials without a finite score or outside the space are left out.

    Args:
        snapshot: of the search.
        seed: of sampling, folds and trees.
        tick: progress callback.
        trees: number of trees of the final forest; those of the folds have half as many.

    Returns:
        The model with its quality.

    Raises:
        RunError: ``understand.few``, ``understand.equal``, or ``understand.poor`` when its
            cross-validated R2 is below `POOR`.
        Cancelled: if ``tick`` raises it.
    """
    space = snapshot.space
    rows, inside = unit_rows(space, snapshot.configurations, snapshot.number.size)
    usable = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(snapshot.value) & inside
    index = np.flatnonzero(usable)
    if index.size < LEAST:
        # A forest of a dozen trials explains their order, not the space.
        raise RunError("understand.few", trials=index.size, least=LEAST)
    random = np.random.default_rng(seed)
    if index.size > MOST:
        best = index[np.argmax(snapshot.value[index] * (1 if snapshot.maximise else -1))]
        others = random.choice(index[index != best], MOST - 1, replace=False)
        index = np.sort(np.append(others, best))
    scores, clipped = fenced(snapshot.value[index], snapshot.maximise)
    if np.ptp(scores) == 0:
        raise RunError("understand.equal")
    encoding = Encoding(space)
    features = tree_features(encoding, rows[index])

    held, predicted = [], np.empty(index.size)
    # Shuffled, since trials come in the order of a search that gets better.
    parts = np.array_split(random.permutation(index.size), FOLDS)
    for place, part in enumerate(parts):
        kept = np.setdiff1d(np.arange(index.size), part)
        step = _within(tick, place / (FOLDS + 1), 1 / (FOLDS + 1))
        grown = Trees(features[kept], scores[kept], trees // 2, seed + 1 + place, step)
        predicted[part] = grown.mean(features[part])
        held.append((grown, part))
    # Out-of-fold predictions, so an overfitted forest does not look good.
    r2 = 1 - float(np.mean((scores - predicted) ** 2) / np.var(scores))
    if r2 < POOR:
        raise RunError("understand.poor", r2=f"{r2:.2f}", least=POOR, trials=index.size)
    whole = Trees(
        features, scores, trees, seed, _within(tick, FOLDS / (FOLDS + 1), 1 / (FOLDS + 1))
    )
    quality = ModelQuality(trials=index.size, r2=r2, clipped=clipped)
    return Model(encoding, index, rows[index], scores, whole, tuple(held), quality)


def fenced(scores: np.ndarray, maximise: bool) -> tuple[np.ndarray, int]:
    """Winsorise the bad tail of ``scores``.

    Args:
        scores: shape (n,).
        maximise: whether larger is better.

    Returns:
        Scores of shape (n,), those beyond Tukey's far fence moved onto it, and how many were.
    """
    sign = -1.0 if maximise else 1.0
    # Only the bad side: an outstanding good score is what the search is for.
    turned = sign * scores
    low, high = np.percentile(turned, [25, 75])
    fence = high + _FENCE * (high - low)
    beyond = turned > fence
    if high == low or not beyond.any():
        return scores.astype(float), 0
    return sign * np.minimum(turned, fence), int(beyond.sum())


def draws(encoding: Encoding, count: int, seed: int) -> np.ndarray:
    """Draw points uniformly from the cube, before conditions are applied.

    Args:
        encoding: of the space.
        count: number of points.
        seed: of the draws.

    Returns:
        Shape (count, d).
    """
    return np.random.default_rng(seed).random((count, encoding.width))


def activated(encoding: Encoding, raw: np.ndarray, place: int, seed: int = 0) -> np.ndarray:
    """Move parents to a value with which hyperparameter ``place`` is active, where they have
    another.

    Args:
        encoding: of the space.
        raw: points of the cube, shape (m, d).
        place: position of the hyperparameter in the space.
        seed: of the choice among several activating values.

    Returns:
        A changed copy, shape (m, d).
    """
    space, moved = encoding.space, raw.copy()
    random = np.random.default_rng([seed, place])
    name = space.names[place]
    while (condition := space.condition(name)) is not None:
        above = space.names.index(condition.parent)
        parent = space[condition.parent]
        units = np.array([parent.to_unit(v) for v in condition.values])  # type: ignore[arg-type]
        rows = encoding.canonical(moved)
        # An inactive parent is looked at again at the next turn, one level up.
        value = np.where(np.isnan(rows[:, above]), -1.0, rows[:, above])
        wrong = ~(np.abs(value[:, None] - units) < 1e-12).any(axis=1)
        moved[wrong, above] = units[random.integers(len(units), size=int(wrong.sum()))]
        name = condition.parent
    return moved


def _within(tick: ProgressCallback, start: float, width: float) -> ProgressCallback:
    """Progress callback for the part of a longer computation that begins at ``start`` and has
    ``width``."""
    return lambda fraction: tick(start + width * fraction)


def parts(tick: ProgressCallback, share: float) -> Iterator[ProgressCallback]:
    """Split a progress callback in two: for the first ``share`` of the time, and for the rest."""
    yield _within(tick, 0.0, share)
    yield _within(tick, share, 1 - share)
