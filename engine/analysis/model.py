"""A random forest as a model of the scores of a search, and how far it can be trusted.

Importances, effects and the ablation path are read off this model, not off the trials: they are no
better than it is. So it is scored on trials it has not seen, and refused where it is too poor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analysis.columns import unit_rows
from engine.domain.trials import Snapshot, TrialState
from engine.domain.understanding import ModelQuality
from engine.errors import RunError
from engine.tuners.bayes.encoding import Encoding
from engine.tuners.bayes.forest import tree_features

LEAST = 20
"""Complete trials below which no model is made."""
MOST = 2_000
"""Trials it is made of at most; of more, a random sample with the best one."""
TREES = 64
POOR = 0.25
"""R2 on trials not seen, under which the model is refused: what it says then is mostly noise."""
FOLDS = 5

_FENCE = 3.0
"""Scores worse than the quartile by so many times the spread of the middle half (Tukey's far fence)
are moved to that fence: one diverged fit would else be all that varies."""

Tick = Callable[[float], None]
"""Hears how far a computation is, 0 to 1; may raise `Cancelled`."""


def unheard(_: float) -> None:
    """A `Tick` for whoever does not want to know."""


class Trees:
    """Regression trees, each grown on rows drawn with replacement (Breiman 2001, without the random
    choice of columns: there are few hyperparameters).

    Args:
        features: shape (n, f), as `tree_features` gives them.
        scores: shape (n,).
        count: how many trees.
        seed: of the draws.
        tick: heard after every tree.
    """

    def __init__(
        self,
        features: np.ndarray,
        scores: np.ndarray,
        count: int = TREES,
        seed: int = 0,
        tick: Tick = unheard,
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
        """What every tree expects at ``features``, (m, f): shape (trees, m)."""
        return np.stack([tree.value[tree.apply(features), 0, 0] for tree in self.trees])

    def mean(self, features: np.ndarray) -> np.ndarray:
        """What the trees expect on average, shape (m,)."""
        return self.each(features).mean(axis=0)


@dataclass(frozen=True)
class Model:
    """A forest that has learned the scores of a search.

    Attributes:
        encoding: of the space.
        index: shape (n,), places of its trials in the snapshot.
        rows: shape (n, d), their configurations in the unit cube, NaN where inactive.
        scores: shape (n,), in the measure's units, the worst moved to the fence.
        trees: grown on all of them.
        held: for each fold the trees grown without it, and its places among the n.
        quality: what is known of it.
    """

    encoding: Encoding
    index: np.ndarray
    rows: np.ndarray
    scores: np.ndarray
    trees: Trees
    held: tuple[tuple[Trees, np.ndarray], ...]
    quality: ModelQuality

    def features(self, rows: np.ndarray) -> np.ndarray:
        return tree_features(self.encoding, rows)


def learn(snapshot: Snapshot, *, seed: int = 0, tick: Tick = unheard, trees: int = TREES) -> Model:
    """The model of the complete trials of ``snapshot``.

    Trials without a finite score or outside the space are left out.

    Raises:
        RunError: ``understand.few``, ``understand.equal``, or ``understand.poor`` when its R2 on
            trials not seen is below `POOR`.
        Cancelled: as ``tick`` says.
    """
    space = snapshot.space
    rows, inside = unit_rows(space, snapshot.configurations, snapshot.number.size)
    usable = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(snapshot.value) & inside
    index = np.flatnonzero(usable)
    if index.size < LEAST:
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
    parts = np.array_split(random.permutation(index.size), FOLDS)
    for place, part in enumerate(parts):
        kept = np.setdiff1d(np.arange(index.size), part)
        step = _within(tick, place / (FOLDS + 1), 1 / (FOLDS + 1))
        grown = Trees(features[kept], scores[kept], trees // 2, seed + 1 + place, step)
        predicted[part] = grown.mean(features[part])
        held.append((grown, part))
    r2 = 1 - float(np.mean((scores - predicted) ** 2) / np.var(scores))
    if r2 < POOR:
        raise RunError("understand.poor", r2=f"{r2:.2f}", least=POOR, trials=index.size)
    whole = Trees(
        features, scores, trees, seed, _within(tick, FOLDS / (FOLDS + 1), 1 / (FOLDS + 1))
    )
    quality = ModelQuality(trials=index.size, r2=r2, clipped=clipped)
    return Model(encoding, index, rows[index], scores, whole, tuple(held), quality)


def fenced(scores: np.ndarray, maximise: bool) -> tuple[np.ndarray, int]:
    """``scores`` with the far worst moved to the fence, and how many were."""
    sign = -1.0 if maximise else 1.0
    turned = sign * scores
    low, high = np.percentile(turned, [25, 75])
    fence = high + _FENCE * (high - low)
    beyond = turned > fence
    if high == low or not beyond.any():
        return scores.astype(float), 0
    return sign * np.minimum(turned, fence), int(beyond.sum())


def draws(encoding: Encoding, count: int, seed: int) -> np.ndarray:
    """Points drawn uniformly from the cube, shape (count, d), before conditions are heeded."""
    return np.random.default_rng(seed).random((count, encoding.width))


def activated(encoding: Encoding, raw: np.ndarray, place: int, seed: int = 0) -> np.ndarray:
    """``raw`` points of the cube, (m, d), with the parents of hyperparameter ``place`` moved, where
    need be, to a value with which it is active."""
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


def _within(tick: Tick, start: float, width: float) -> Tick:
    """A part of a longer computation."""
    return lambda fraction: tick(start + width * fraction)


def parts(tick: Tick, share: float) -> Iterator[Tick]:
    """Two ticks for what takes ``share`` of the time and for the rest."""
    yield _within(tick, 0.0, share)
    yield _within(tick, share, 1 - share)
