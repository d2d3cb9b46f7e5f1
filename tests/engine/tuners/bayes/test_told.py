"""Which results a model is made of."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tuners.bayes.told import gather, share


def test_few_are_all_kept() -> None:
    assert list(share(np.array([3.0, 1.0, 2.0]), 5)) == [0, 1, 2]


def test_of_many_the_best_the_latest_and_some_of_the_rest() -> None:
    values = np.random.default_rng(0).random(1000)
    kept = share(values, 100)
    assert len(kept) == 100 and (np.diff(kept) > 0).all()
    assert set(np.argsort(values)[:50]) <= set(kept) and set(range(975, 1000)) <= set(kept)
    rest = values[kept][np.argsort(values[kept])][50:]
    assert rest.max() > 0.8


def test_one_more_result_changes_little() -> None:
    values = np.random.default_rng(1).random(1001)
    kept = [set(share(values[:count], 100)) for count in (1000, 1001)]
    assert len(kept[0] & kept[1]) >= 95


def test_failures_score_as_the_worst() -> None:
    told = gather(np.zeros((4, 1)), np.array([1.0, np.nan, 5.0, 2.0]), 10)
    assert told.scores[1] == told.scores[2] == told.scores.max()
    with pytest.raises(ValueError, match="no score"):
        gather(np.zeros((2, 1)), np.full(2, np.nan), 10)
