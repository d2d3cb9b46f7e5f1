"""Rows of pixels as pictures: whole ones, and turned, zoomed and moved ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates

from engine.guide.facts import Picture

MOVES = ("turn", "zoom", "right", "down")
"""What `moved` does to a picture: by how many radians against the clock, by which logarithm, and by
which shares of its edge."""


def whole(X: jax.Array, picture: Picture) -> jax.Array:
    """Rows ``X`` of shape (n, columns) with all their pixels, shape (n, side²): those without a
    column are 0."""
    full = jnp.zeros((X.shape[0], picture.side**2), X.dtype)
    return full.at[:, jnp.asarray(picture.places)].set(X)


def moved(X: jax.Array, moves: jax.Array, picture: Picture) -> jax.Array:
    """Rows of pixels as `MOVES` say, interpolated linearly, with 0 beyond the margin.

    Args:
        X: shape (n, columns).
        moves: shape (n, 4), in the order of `MOVES`.
    """
    side = picture.side
    middle = (side - 1) / 2
    images = whole(X, picture).reshape(-1, side, side)
    down, right = jnp.meshgrid(*(jnp.arange(side, dtype=X.dtype) - middle,) * 2, indexing="ij")

    def one(image: jax.Array, move: jax.Array) -> jax.Array:
        turn, zoom, x, y = move
        # Where each pixel of the moved picture comes from.
        shrink, cos, sin = jnp.exp(-zoom), jnp.cos(turn), jnp.sin(turn)
        across, along = right - x * side, down - y * side
        source_x = shrink * (cos * across - sin * along) + middle
        source_y = shrink * (sin * across + cos * along) + middle
        return map_coordinates(image, [source_y, source_x], order=1, mode="constant")

    found = jax.vmap(one)(images, moves)
    return found.reshape(-1, side * side)[:, jnp.asarray(picture.places)]
