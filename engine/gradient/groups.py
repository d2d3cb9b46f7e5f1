"""Groups of hyperparameters tuned by gradient: start values, scale and bounds, as arrays.

`engine.gradient.spec.tunable` says what can be tuned, and defines *free* and *natural* values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from engine.gradient.problem import Hyper
from engine.gradient.spec import tunable
from engine.gradient.spec.tunable import Scale


@dataclass(frozen=True, eq=False)
class Group:
    """Hyperparameters of one kind.

    Attributes:
        name: key in λ.
        start: natural values at the start, of any shape.
        scale: scale on which the values are moved.
        low: natural lower bound; finite, above 0 on a log or logit scale.
        high: natural upper bound; finite, below ``top`` on a logit scale.
        top: upper end of a logit scale.
    """

    name: str
    start: jax.Array
    scale: Scale
    low: float
    high: float
    top: float = 1.0

    def natural(self, free: jax.Array) -> jax.Array:
        """Convert free values, of any shape, to those that the problem takes."""
        return tunable.natural(free, self.scale, self.top, exp=jnp.exp, sigmoid=jax.nn.sigmoid)

    def free(self, natural: jax.Array) -> jax.Array:
        """Convert natural values within the bounds, of any shape, to free ones."""
        if self.scale == "log":
            return jnp.log(natural)
        if self.scale == "logit":
            return jnp.log(natural) - jnp.log(self.top - natural)
        return natural

    def project(self, free: jax.Array) -> jax.Array:
        """Clip free values, of any shape, to the bounds."""
        dtype = self.start.dtype
        low, high = (self.free(jnp.asarray(bound, dtype)) for bound in (self.low, self.high))
        return jnp.clip(free, low, high)


def begin(groups: Sequence[Group]) -> Hyper:
    """Return the free values of all groups before the first hyper-step, by name."""
    return {g.name: g.project(g.free(jnp.clip(g.start, g.low, g.high))) for g in groups}


def natural(groups: Sequence[Group], free: Hyper) -> Hyper:
    """Convert free values by name to the natural ones that the problem takes."""
    return {g.name: g.natural(free[g.name]) for g in groups}


def pull(groups: Sequence[Group], free: Hyper, gradient: Hyper) -> Hyper:
    """Apply the chain rule: the derivative by the free values, from that by the natural ones.

    Args:
        groups: groups of hyperparameters.
        free: free values by name, at which to differentiate.
        gradient: derivative by the natural values, shaped like ``free``.

    Returns:
        Derivative by the free values, shaped like ``free``.
    """
    return jax.vjp(lambda free: natural(groups, free), free)[1](gradient)[0]


def project(groups: Sequence[Group], free: Hyper) -> Hyper:
    """Clip all free values, by name, to their bounds."""
    return {g.name: g.project(free[g.name]) for g in groups}
