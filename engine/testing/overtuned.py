"""Searches that overtune by construction, and ones that do not.

Two classes differ by a little in some of forty columns; a configuration says which columns are
used, the default uses all of them. The model assigns a row to the nearer of two class means. Where
all columns tell the classes apart, leaving some out can only harm, but with few validation rows
some subset looks better by luck. Where most columns are loud noise, leaving them out helps indeed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis.overtuning_estimate import Watched

COLUMNS = 40
LOUD = 8.0
"""Standard deviation of the columns that tell nothing."""
TEST_ROWS = 1_000
DRAWS = 200


@dataclass(frozen=True)
class Setting:
    """How configurations are scored, and how many there are.

    Attributes:
        rows: for the search.
        folds: 1 for a holdout of ``validation`` rows.
        validation: rows of the holdout.
        trials: random configurations besides the default.
        telling: columns in which the classes differ.
        shift: distance of the class means there, in standard deviations.
    """

    rows: int
    folds: int
    validation: int
    trials: int
    telling: int
    shift: float


OVERTUNED = Setting(rows=200, folds=1, validation=16, trials=300, telling=40, shift=0.28)
CLEAN = Setting(rows=400, folds=10, validation=0, trials=30, telling=34, shift=0.3)


def subset_search(seed: int, setting: Setting) -> list[Watched]:
    """The default and every incumbent of a random search, with accuracies outside."""
    random = np.random.default_rng(seed)
    features, labels = _table(random, setting, setting.rows)
    outside, truth = _table(random, setting, TEST_ROWS)
    draws = random.integers(TEST_ROWS, size=(DRAWS, TEST_ROWS))
    every = np.arange(setting.rows)
    parts = [every[: setting.validation]]
    if setting.folds > 1:
        parts = np.array_split(random.permutation(every), setting.folds)
    path, best = [], -np.inf
    for trial in range(setting.trials + 1):
        used = np.ones(COLUMNS, bool) if trial == 0 else random.random(COLUMNS) < 0.5
        scores = []
        for part in parts:
            rest = np.setdiff1d(every, part)
            hits = _hits(features[rest], labels[rest], features[part], labels[part], used)
            scores.append(hits.mean())
        validation = float(np.mean(scores))
        if trial == 0 or validation > best:
            best = max(best, validation)
            hits = _hits(features, labels, outside, truth, used)
            path.append(Watched(trial, validation, float(hits.mean()), hits[draws].mean(axis=1)))
    return path


def _table(
    random: np.random.Generator, setting: Setting, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    labels = random.integers(2, size=rows)
    telling = np.arange(COLUMNS) < setting.telling
    noise = random.standard_normal((rows, COLUMNS)) * np.where(telling, 1.0, LOUD)
    return noise + setting.shift * telling * labels[:, None], labels


def _hits(
    features: np.ndarray,
    labels: np.ndarray,
    new: np.ndarray,
    truth: np.ndarray,
    used: np.ndarray,
) -> np.ndarray:
    """Whether each new row is assigned to its own class, shape (n,)."""
    if not used.any():
        return truth == 0
    means = [features[labels == c][:, used].mean(axis=0) for c in (0, 1)]
    apart = [((new[:, used] - mean) ** 2).sum(axis=1) for mean in means]
    return (apart[1] < apart[0]) == (truth == 1)
