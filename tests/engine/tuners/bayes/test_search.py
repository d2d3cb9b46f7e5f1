"""The search for the highest acquisition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.space import Categorical, Float, Integer, SearchSpace
from engine.testing.strategies import spaces
from engine.tuners.bayes.encoding import Encoding, keys
from engine.tuners.bayes.search import Effort, maximise, neighbours, polish


@given(spaces(), st.integers(0, 2**32 - 1))
def test_neighbours_lie_in_the_space(space: SearchSpace, seed: int) -> None:
    rng = np.random.default_rng(seed)
    encoding = Encoding(space)
    rows = encoding.canonical(rng.random((10, len(space))))
    near = neighbours(encoding, rows, np.full(10, 0.1), rng)
    assert near.shape == rows.shape
    for row in near:
        space.validate(encoding.configuration(row))
    assert keys(near) == keys(encoding.canonical(np.where(np.isnan(near), 0.5, near)))


def test_a_neighbour_differs_from_its_row() -> None:
    space = SearchSpace(
        (
            Integer("k", 1, 9),
            Categorical("c", ("a", "b")),
            Integer("m", 0, 1),
            Integer("n", 1, 1000, log=True),
        )
    )
    rng = np.random.default_rng(0)
    encoding = Encoding(space)
    rows = np.repeat(encoding.canonical(np.full((1, 4), 0.5)), 200, axis=0)
    near = neighbours(encoding, rows, np.full(200, 1e-6), rng)
    assert (near != rows).any(axis=1).all()
    assert {round(9 * x) for x in near[:, 0] - rows[:, 0]} == {-1, 0, 1}
    middle = encoding.configuration(rows[0])["n"]
    assert {encoding.configuration(row)["n"] for row in near} == {middle - 1, middle, middle + 1}  # type: ignore[operator]


def test_finds_the_top_of_a_mixed_hill() -> None:
    space = SearchSpace(
        (
            *(Float(f"x{i}", 0.0, 1.0) for i in range(4)),
            Integer("k", 0, 30),
            Categorical("c", ("a", "b", "c")),
        )
    )
    encoding = Encoding(space)
    top = encoding.canonical(np.array([[0.21, 0.34, 0.55, 0.89, 0.7, 0.9]]))[0]

    def score(rows: np.ndarray) -> np.ndarray:
        return -((rows - top) ** 2).sum(axis=1)

    def slope(row: np.ndarray) -> tuple[float, np.ndarray]:
        return float(score(row[None])[0]), -2 * (row - top)

    for gradient, near in ((None, 0.02), (slope, 1e-5)):
        rng = np.random.default_rng(1)
        found = maximise(encoding, score, np.empty((0, 6)), rng, Effort(), gradient)
        assert np.abs(found.rows[0] - top).max() < near
        assert (np.diff(found.scores) <= 0).all()


def test_polishing_moves_active_floats_only() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0), Integer("k", 0, 9)))
    row = np.array([0.2, np.nan, 0.35])

    def slope(row: np.ndarray) -> tuple[float, np.ndarray]:
        return -(float(row[0] - 2.0) ** 2), np.array([-2 * (row[0] - 2.0), np.nan, 1.0])

    moved = polish(Encoding(space), slope, row)
    assert moved[0] == 1.0 and np.isnan(moved[1]) and moved[2] == 0.35
