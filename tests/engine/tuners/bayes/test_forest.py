"""The forest's mean and sd."""

from __future__ import annotations

import numpy as np
import pytest

from engine.space import Float, SearchSpace
from engine.testing.tuner_suite import MIXED
from engine.tuners.bayes.encoding import Encoding
from engine.tuners.bayes.forest import FLOOR, Forest, tree_features


def test_the_variance_is_that_of_a_leaf_drawn_at_random() -> None:
    encoding = Encoding(MIXED)
    rng = np.random.default_rng(0)
    rows = encoding.canonical(rng.random((80, 4)))
    scores = rng.standard_normal(80)
    forest = Forest(encoding, rows, scores, 20, 0)
    row = encoding.canonical(rng.random((1, 4)))
    mean, sd = forest.predict(row)
    # Draw a tree, then one of the scores in the leaf that the row falls into.
    drawn = []
    for tree in forest.trees:
        leaf = tree.apply(tree_features(encoding, rows)) == tree.apply(tree_features(encoding, row))
        inside = scores[leaf]
        drawn.append((inside.mean(), (inside**2).mean()))
    first, second = np.mean(drawn, axis=0)
    assert mean[0] == pytest.approx(first)
    assert sd[0] == pytest.approx(np.sqrt(second - first**2 + FLOOR**2))


def test_doubt_is_greater_where_nothing_is_known() -> None:
    encoding = Encoding(SearchSpace((Float("x", 0.0, 1.0),)))
    rows = np.concatenate([np.linspace(0, 0.3, 20), np.linspace(0.7, 1.0, 20)])[:, None]
    forest = Forest(encoding, rows, np.sin(8 * rows[:, 0]), 50, 0)
    _, sd = forest.predict(np.array([[0.5], [0.15], [0.85]]))
    assert sd[0] > 2 * sd[1:].max()


def test_inactive_is_told_from_every_value() -> None:
    encoding = Encoding(MIXED)
    rows = encoding.canonical(np.random.default_rng(1).random((60, 4)))
    scores = np.where(np.isnan(rows[:, 3]), 1.0, -1.0)
    mean, _ = Forest(encoding, rows, scores, 20, 0).predict(rows)
    np.testing.assert_allclose(mean, scores, atol=1e-9)
