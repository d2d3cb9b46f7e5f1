"""Pictures as rows of pixels: moved ones, and convolutions as matrices."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine.data.open import load
from engine.data.pixels import named
from engine.guide.facts import Picture
from engine.learners.networks.convolutional import ConvolutionalClassifier, ConvolutionalRegressor
from engine.learners.networks.layers import apply, dense
from engine.learners.networks.pictures import moved, whole
from engine.learners.networks.shapes import Convolutions, shapes
from engine.plan import DataPlan

FULL = Picture(5, tuple(range(25)))
DRAWN = np.random.default_rng(1).normal(size=(2, 25)).astype(np.float32)


def moves(**named: float) -> jax.Array:
    row = [named.get(name, 0.0) for name in ("turn", "zoom", "right", "down")]
    return jnp.asarray([row, row], jnp.float32)


def test_no_move_changes_nothing() -> None:
    assert np.allclose(moved(jnp.asarray(DRAWN), moves(), FULL), DRAWN, atol=1e-6)


def test_a_quarter_turn_against_the_clock() -> None:
    found = moved(jnp.asarray(DRAWN), moves(turn=np.pi / 2), FULL)
    expected = np.rot90(DRAWN.reshape(-1, 5, 5), axes=(1, 2)).reshape(-1, 25)
    assert np.allclose(found, expected, atol=1e-4)


def test_a_move_of_one_pixel() -> None:
    found = np.asarray(moved(jnp.asarray(DRAWN), moves(right=0.2), FULL)).reshape(-1, 5, 5)
    assert np.allclose(found[:, :, 1:], DRAWN.reshape(-1, 5, 5)[:, :, :-1], atol=1e-5)
    assert np.allclose(found[:, :, 0], 0, atol=1e-5)
    down = np.asarray(moved(jnp.asarray(DRAWN), moves(down=-0.2), FULL)).reshape(-1, 5, 5)
    assert np.allclose(down[:, :-1], DRAWN.reshape(-1, 5, 5)[:, 1:], atol=1e-5)


def test_zooming_in_keeps_the_middle_and_doubles_distances() -> None:
    found = np.asarray(moved(jnp.asarray(DRAWN), moves(zoom=np.log(2)), FULL)).reshape(-1, 5, 5)
    images = DRAWN.reshape(-1, 5, 5)
    assert np.allclose(found[:, 2, 2], images[:, 2, 2], atol=1e-5)
    assert np.allclose(found[:, 4, 0], images[:, 3, 1], atol=1e-5)


def test_pixels_without_a_column_are_nothing() -> None:
    picture = Picture(5, (3, 24, 7))
    rows = whole(jnp.asarray(DRAWN[:, :3]), picture)
    assert rows.shape == (2, 25)
    assert np.array_equal(rows[:, jnp.asarray(picture.places)], DRAWN[:, :3])
    assert np.count_nonzero(rows) == 6


@pytest.mark.parametrize("side", [5])
def test_a_convolution_is_a_matrix(side: int) -> None:
    parts = Convolutions(Picture(side, tuple(range(side * side))), 2, 3, 3)
    rng = np.random.default_rng(side)
    drawn = [rng.normal(size=shape).astype(np.float32) for shape in shapes(0, (), 2, parts)]
    layers = tuple(zip(drawn[::2], drawn[1::2], strict=True))
    X = rng.normal(size=(6, side * side)).astype(np.float32)
    expected = apply(jax.tree.map(jnp.asarray, layers), jnp.asarray(X), "tanh")
    plain = dense(layers, side * side)
    assert [weights.ndim for weights, _ in plain] == [2, 2, 2]
    with jax.enable_x64(True):
        found = apply(jax.tree.map(jnp.asarray, tuple(plain)), jnp.asarray(X, jnp.float64), "tanh")
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_pictures_are_recognised_and_told_by_their_margin(tmp_path) -> None:
    found = load(DataPlan("builtin:digits", target="target"))
    picture = found.facts.picture
    assert picture == found.schema.picture
    assert picture is not None
    assert picture.side == 8
    assert len(picture.places) == 61  # three pixels are the same in every row
    assert {*range(64)} - {*picture.places} == {0, 32, 39}


@pytest.mark.parametrize("source", ["wine", "iris", "diabetes"])
def test_other_tables_are_no_pictures(source: str) -> None:
    assert load(DataPlan(f"builtin:{source}", target="target")).facts.picture is None


@pytest.mark.parametrize(
    ("names", "side"),
    [
        ([f"pixel_{r}_{c}" for r in range(8) for c in range(1, 8)], 8),
        ([f"pixel{n}" for n in range(784) if n % 28], 28),
        ([f"Pix{n}" for n in range(16)], 4),
        ([f"pixel{n}" for n in range(1, 785)], 28),
        ([f"x{n}" for n in range(64)], None),
        (["pixel_0_0", "pixel1"], None),
        ([f"pixel_{n}_0" for n in range(8)], None),
        ([f"pixel_{n // 8}_{n % 4}" for n in range(64)], None),
        ([], None),
    ],
)
def test_pixels_are_told_by_their_names(names: list[str], side: int | None) -> None:
    found = named(names)
    assert (None if found is None else found.side) == side
    if found is not None:
        assert len({*found.places}) == len(names)
        assert {*found.places} <= {*range(found.side**2)}


@pytest.mark.parametrize(
    ("name", "columns", "side"),
    [("x{}", 16, None), ("x{}", 36, 6), ("pixel{}", 16, 4), ("pixel{}", 14, 4)],
)
def test_a_count_alone_tells_larger_pictures_only(
    tmp_path: Path, name: str, columns: int, side: int | None
) -> None:
    names = [name.format(n) for n in range(columns)]
    rows = np.random.default_rng(0).normal(size=(30, columns)).round(3)
    lines = [
        ",".join([*names, "y"]),
        *(",".join(map(str, [*row, i % 2])) for i, row in enumerate(rows)),
    ]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(lines))
    found = load(DataPlan(str(table), target="y")).facts.picture
    assert (None if found is None else found.side) == side


def test_a_pattern_is_found_wherever_it_lies() -> None:
    """What tells a convolution from a perceptron: training pictures have the mark at the left, the
    others at the right."""
    rng = np.random.default_rng(0)
    marks = np.asarray([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], np.float32)

    def pictures(count: int, columns: range) -> tuple[np.ndarray, np.ndarray]:
        y = rng.integers(0, 2, count)
        images = 0.1 * rng.normal(size=(count, 8, 8)).astype(np.float32)
        for image, label in zip(images, y, strict=True):
            row, column = 2 * rng.integers(0, 4), 2 * rng.choice(columns)
            image[row : row + 2, column : column + 2] += marks[label]
        return images.reshape(count, 64), y

    X, y = pictures(200, range(4))
    new, truth = pictures(100, range(4))
    model = ConvolutionalClassifier(
        layers=1, filters=8, kernel=2, step_size=0.02, epochs=40, random_state=0
    ).fit(X, y)
    assert model.score(new, truth) > 0.9
    assert model.model_.hidden_layer_sizes == (4 * 4 * 8,)


def test_columns_that_are_no_such_pixels_are_refused() -> None:
    X, y = np.zeros((4, 5)), np.arange(4.0)
    for side, places in ((2, None), (3, (0, 1)), (3, (0, 1, 2, 3, 9))):
        with pytest.raises(ValueError, match="pixels"):
            ConvolutionalRegressor(side=side, places=places).fit(X, y)
    with pytest.raises(ValueError, match="filters must be a whole number"):
        ConvolutionalRegressor(filters=0).fit(X, y)


def test_training_goes_on_exactly() -> None:
    X, y = DRAWN.repeat(10, axis=0), np.arange(20) % 2
    known = {"layers": 1, "filters": 3, "random_state": 1, "batch_size": 8}
    whole_way = ConvolutionalClassifier(epochs=4, **known).fit(X, y)
    half = ConvolutionalClassifier(epochs=2, warm_start=True, **known).fit(X, y)
    half.set_params(epochs=4).fit(X, y)
    for one, other in zip(whole_way.model_.coefs_, half.model_.coefs_, strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(ValueError, match="warm start"):
        half.set_params(kernel=2).fit(X, y)
