"""Rows and features: what they keep, and what distances between them mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace
from engine.testing.strategies import spaces
from engine.testing.tuner_suite import MIXED
from engine.tuners.bayes.encoding import ANGLE, Encoding, keys, rows_of


@given(spaces(), st.integers(0, 2**32 - 1))
def test_canonical_rows_are_the_rows_of_configurations(space: SearchSpace, seed: int) -> None:
    raw = np.random.default_rng(seed).random((10, len(space)))
    encoding = Encoding(space)
    rows = encoding.canonical(raw)
    expected = rows_of(encoding, [space.from_unit(point) for point in raw])
    np.testing.assert_allclose(rows, expected, atol=1e-9)
    if not encoding.continuous.any():
        assert keys(rows) == keys(expected)
    for row in rows:
        space.validate(encoding.configuration(row))


@given(spaces(), st.integers(0, 2**32 - 1))
def test_slopes_are_derivatives_of_the_features(space: SearchSpace, seed: int) -> None:
    encoding = Encoding(space)
    rows = encoding.canonical(np.random.default_rng(seed).random((5, len(space))))
    assert encoding.embed(rows).shape == (5, len(encoding.owner))
    step = 1e-6 * encoding.numeric
    measured = (encoding.embed(rows + step) - encoding.embed(rows - step)) / 2e-6
    np.testing.assert_allclose(encoding.slopes(rows), measured, atol=1e-8)


def distance(space: SearchSpace, one: Configuration, other: Configuration) -> np.ndarray:
    """Squared distances by hyperparameter, shape (d,)."""
    encoding = Encoding(space)
    features = encoding.embed(rows_of(encoding, [one, other]))
    return encoding.gather((features[0] - features[1]) ** 2)


def test_inactive_is_equally_far_from_every_value() -> None:
    off: Configuration = {"rate": 0.1, "trees": 9, "kind": "b"}
    found = [
        distance(MIXED, off, {"rate": 0.1, "trees": 9, "kind": kind, "share": share})[3]
        for kind in ("a", None)
        for share in (0.1, 0.4, 1.0)
    ]
    assert found == pytest.approx([1 / ANGLE**2] * 6)
    assert distance(MIXED, off, {**off, "trees": 400})[3] == 0.0


def test_any_two_choices_are_equally_far() -> None:
    space = SearchSpace(
        (Categorical("k", (1, True, "a", None)), Categorical("child", ("x", "y"))),
        (Condition("child", "k", ("a", None)),),
    )
    a: Configuration = {"k": "a", "child": "x"}
    assert distance(space, a, {"k": None, "child": "x"}) == pytest.approx([1.0, 0.0])
    assert distance(space, a, {"k": "a", "child": "y"}) == pytest.approx([0.0, 1.0])
    assert distance(space, a, {"k": 1}) == pytest.approx([1.0, 1.0])
    assert distance(space, {"k": 1}, {"k": True}) == pytest.approx([1.0, 0.0])


def test_a_single_value_has_no_feature_unless_it_may_be_inactive() -> None:
    space = SearchSpace(
        (
            Float("x", 2.0, 2.0),
            Categorical("only", ("a",)),
            Integer("k", 1, 2),
            Float("y", 3.0, 3.0),
        ),
        (Condition("y", "k", (2,)),),
    )
    assert set(Encoding(space).owner) == {2, 3}
    assert (
        distance(space, {"x": 2.0, "only": "a", "k": 1}, {"x": 2.0, "only": "a", "k": 1}).sum() == 0
    )
    assert (
        distance(space, {"x": 2.0, "only": "a", "k": 1}, {"x": 2.0, "only": "a", "k": 2, "y": 3.0})[
            3
        ]
        > 0
    )
