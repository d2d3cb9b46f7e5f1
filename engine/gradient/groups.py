"""Groups of hyperparameters that a gradient may tune: where they start, their scale and bounds.

What may be tuned at all, and the difference between *free* and *natural* values, is in
`engine.gradient.spec.tunable`.
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
        name: in λ.
        start: natural values at the start, of any shape.
        scale: on which they are moved.
        low, high: natural bounds; finite, inside (0, top) on a logit scale and above 0 on a log
            scale.
        top: upper end of a logit scale.
    """

    name: str
    start: jax.Array
    scale: Scale
    low: float
    high: float
    top: float = 1.0

    def natural(self, free: jax.Array) -> jax.Array:
        """The values the problem takes."""
        return tunable.natural(free, self.scale, self.top, exp=jnp.exp, sigmoid=jax.nn.sigmoid)

    def free(self, natural: jax.Array) -> jax.Array:
        """The free values of natural ones within the bounds."""
        if self.scale == "log":
            return jnp.log(natural)
        if self.scale == "logit":
            return jnp.log(natural) - jnp.log(self.top - natural)
        return natural

    def project(self, free: jax.Array) -> jax.Array:
        """``free``, moved to the nearest values within the bounds."""
        dtype = self.start.dtype
        low, high = (self.free(jnp.asarray(bound, dtype)) for bound in (self.low, self.high))
        return jnp.clip(free, low, high)


def begin(groups: Sequence[Group]) -> Hyper:
    """Free values at the start."""
    return {g.name: g.project(g.free(jnp.clip(g.start, g.low, g.high))) for g in groups}


def natural(groups: Sequence[Group], free: Hyper) -> Hyper:
    """What the problem takes."""
    return {g.name: g.natural(free[g.name]) for g in groups}


def pull(groups: Sequence[Group], free: Hyper, gradient: Hyper) -> Hyper:
    """The derivative by the free values, from that by the natural ones."""
    return jax.vjp(lambda free: natural(groups, free), free)[1](gradient)[0]


def project(groups: Sequence[Group], free: Hyper) -> Hyper:
    """All values within their bounds."""
    return {g.name: g.project(free[g.name]) for g in groups}
