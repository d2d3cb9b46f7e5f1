"""Rows of pixels as pictures: completed, and rotated, zoomed and shifted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates

from engine.guide.facts import Picture

MOVES = ("turn", "zoom", "right", "down")
"""Components of a move in `moved`: anticlockwise angle in radians, logarithm of the zoom, and
shifts as shares of the edge."""


def whole(X: jax.Array, picture: Picture) -> jax.Array:
    """Complete pictures: pixels without a column are 0.

    Args:
        X: rows, shape (n, columns).
        picture: edge in pixels, and the pixel of each column.

    Returns:
        Shape (n, side²), row by row of the picture.
    """
    full = jnp.zeros((X.shape[0], picture.side**2), X.dtype)
    return full.at[:, jnp.asarray(picture.places)].set(X)


def moved(X: jax.Array, moves: jax.Array, picture: Picture) -> jax.Array:
    """Rotate, zoom and shift rows of pixels, interpolated linearly, with 0 beyond the margin.

    Args:
        X: shape (n, columns).
        moves: shape (n, 4), in the order of `MOVES`.
        picture: where the columns lie.

    Returns:
        Shape (n, columns).
    """
    side = picture.side
    middle = (side - 1) / 2
    images = whole(X, picture).reshape(-1, side, side)
    down, right = jnp.meshgrid(*(jnp.arange(side, dtype=X.dtype) - middle,) * 2, indexing="ij")

    def one(image: jax.Array, move: jax.Array) -> jax.Array:
        turn, zoom, x, y = move
        # The inverse map, so that every pixel of the result has exactly one source.
        shrink, cos, sin = jnp.exp(-zoom), jnp.cos(turn), jnp.sin(turn)
        across, along = right - x * side, down - y * side
        source_x = shrink * (cos * across - sin * along) + middle
        source_y = shrink * (sin * across + cos * along) + middle
        return map_coordinates(image, [source_y, source_x], order=1, mode="constant")

    found = jax.vmap(one)(images, moves)
    return found.reshape(-1, side * side)[:, jnp.asarray(picture.places)]
