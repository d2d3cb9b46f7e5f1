"""Forward mode (Franceschi et al. 2018, section 3.5; algorithm 2 of Franceschi et al. 2017).

Derivatives of the state by the hyperparameters go along with the training:
Z_t = A_t Z_{t-1} + B_t. The memory does not depend on the number of steps, and the time is one more
training a hyperparameter.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from engine.errors import InputError
from engine.gradient.engines.base import Differentiate, Engine, chosen
from engine.gradient.engines.unrolled import advance, state_bytes
from engine.gradient.problem import Bilevel, Cost, Hyper, Hypergradient, Names

MOST = 200
"""Hyperparameters beyond which forward mode takes hours where reverse mode takes minutes."""
AT_ONCE = 16
"""Tangents that go along together."""


class Forward(Engine):
    """Forward mode, `AT_ONCE` hyperparameters a pass."""

    id = "forward"
    exact = True

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Raises:
        InputError: ``gradient.forward_many`` for more than `MOST` hyperparameters.
        """
        count = _count(chosen(hyper, tuned))
        if count > MOST:
            raise InputError("gradient.forward_many", count=f"{count:,}", most=MOST)

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        count = _count(chosen(hyper, tuned))
        return Cost(float(AT_ONCE * state_bytes(problem, hyper)), 1 + 2 * count)

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        @jax.jit
        def along(hyper: Hyper, directions: Hyper, draw: jax.Array) -> Any:
            def loss(part: Hyper) -> Any:
                whole = {**hyper, **part}
                state = problem.begin(whole, draw)
                state = advance(problem, whole, draw)(state, jnp.arange(problem.steps))
                return problem.end(state, whole), problem.dynamics.weights(state)

            def one(direction: Hyper) -> Any:
                part = chosen(hyper, tuned)
                (value, w), (slope, _) = jax.jvp(loss, (part,), (direction,))
                return value, w, slope

            return jax.vmap(one, out_axes=(None, None, 0))(directions)

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            self.check(problem, hyper, tuned)
            flat, unravel = ravel_pytree(chosen(hyper, tuned))
            units = jnp.eye(math.ceil(flat.size / AT_ONCE) * AT_ONCE, flat.size, dtype=flat.dtype)
            slopes = []
            value = w = None
            for chunk in units.reshape(-1, AT_ONCE, flat.size):
                value, w, slope = along(hyper, jax.vmap(unravel)(chunk), jnp.asarray(draw))
                slopes.append(slope)
            assert value is not None and w is not None, "there is at least one hyperparameter"
            gradient = unravel(jnp.concatenate(slopes)[: flat.size])
            stored = self.cost(problem, hyper, tuned).stored_bytes
            return Hypergradient(float(value), gradient, w, {"stored_bytes": stored})

        return differentiate


def _count(hyper: Hyper) -> int:
    return sum(values.size for values in hyper.values())
