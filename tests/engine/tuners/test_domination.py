"""Fronts, ranks and crowding, against their definitions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.tuners.domination import crowding, ranks

# Few values, so that there are ties and equals.
LOSSES = arrays.arrays(
    float,
    st.tuples(st.integers(0, 25), st.integers(1, 4)),
    elements=st.integers(0, 5).map(float),
)


def dominates(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one <= other).all() and (one < other).any())


@given(LOSSES)
def test_ranks_are_what_the_definition_says(losses):
    found = ranks(losses)
    assert found.shape == (len(losses),)
    for front in range(found.max(initial=-1) + 1):
        rest = losses[found >= front]
        beaten = [any(dominates(a, b) for a in rest) for b in rest]
        np.testing.assert_array_equal(found[found >= front] > front, beaten)


@given(LOSSES, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order(losses, random):
    order = np.arange(len(losses))
    random.shuffle(order)
    np.testing.assert_array_equal(ranks(losses[order]), ranks(losses)[order])


def test_crowding_is_the_gap_between_the_neighbours():
    front = np.array([[0.0, 10.0], [4.0, 1.0], [1.0, 6.0], [10.0, 0.0]])
    inner = [(10 - 1) / 10 + (6 - 0) / 10, (4 - 0) / 10 + (10 - 1) / 10]
    np.testing.assert_allclose(crowding(front), [np.inf, inner[0], inner[1], np.inf])


@given(LOSSES.filter(len), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_crowding_does_not_depend_on_units(losses, scale, shift):
    np.testing.assert_allclose(crowding(losses * scale + shift), crowding(losses), rtol=1e-6)


def test_equals_have_no_room():
    assert crowding(np.array([[1.0, 1.0]] * 5))[1:-1].tolist() == [0, 0, 0]
