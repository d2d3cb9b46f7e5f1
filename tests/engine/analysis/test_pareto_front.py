"""The front, against its definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.analysis.pareto_front import front

# Few values, so that there are ties and equals.
VALUES = st.integers(1, 4).flatmap(
    lambda measures: st.tuples(
        arrays.arrays(
            float,
            st.tuples(st.integers(0, 25), st.just(measures)),
            elements=st.sampled_from([*map(float, range(6)), np.nan, np.inf]),
        ),
        st.tuples(*[st.booleans()] * measures),
    )
)


def beats(one: np.ndarray, other: np.ndarray, maximise: tuple[bool, ...]) -> bool:
    better = [a > b if m else a < b for a, b, m in zip(one, other, maximise, strict=True)]
    return any(better) and all(b or a == o for b, a, o in zip(better, one, other, strict=True))


@given(VALUES)
def test_the_front_is_what_the_definition_says(given_):
    values, maximise = given_
    usable = np.isfinite(values).all(axis=1)
    expected = [
        bool(ok) and not any(beats(other, row, maximise) for other in values[usable])
        for row, ok in zip(values, usable, strict=True)
    ]
    assert front(values, maximise).tolist() == expected


def test_many_rows_are_no_trouble():
    values = np.random.default_rng(0).random((20_000, 3))
    mask = front(values, (True, False, True))
    assert 0 < mask.sum() < 1000
    assert mask[values[:, 0].argmax()] and mask[values[:, 1].argmin()]


def test_without_rows():
    assert front(np.empty((0, 2)), (True, False)).tolist() == []
