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
import numpy as np
from jax.flatten_util import ravel_pytree

from engine.errors import InputError
from engine.gradient.engines.base import Differentiate, Engine, chosen
from engine.gradient.engines.unrolled import advance
from engine.gradient.problem import Bilevel, Hyper, Hypergradient, Names
from engine.tuners.hyper.engines import AT_ONCE, MOST_FORWARD, Figures


class Forward(Engine):
    """Forward mode, `AT_ONCE` directions a pass.

    Args:
        share: steps, from 1, over which a schedule of the dynamics shares its values (Micaelli and
            Storkey 2021): fewer directions, and less noise in them. Steps that share get the mean
            of their derivatives, with which they move as one.
    """

    id = "forward"
    exact = True

    def __init__(self, share: int = 1) -> None:
        self._share = share

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Raises:
        InputError: ``gradient.window`` if a share is not of at least 1 step,
            ``gradient.forward_many`` for more than `MOST_FORWARD` directions.
        """
        if self._share < 1:
            raise InputError("gradient.window", value=self._share)
        count = self._count(problem, hyper, tuned)
        if count > MOST_FORWARD:
            raise InputError("gradient.forward_many", count=f"{count:,}", most=MOST_FORWARD)
        super().check(problem, hyper, tuned)

    def figures(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Figures:
        count = self._count(problem, hyper, tuned)
        return super().figures(problem, hyper, tuned)._replace(tuned=count)

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
            belongs, count = self._directions(problem, hyper, tuned)
            rows = math.ceil(count / AT_ONCE) * AT_ONCE
            units = jnp.asarray(np.arange(rows)[:, None] == belongs, flat.dtype)
            slopes = []
            value = w = None
            for chunk in units.reshape(-1, AT_ONCE, flat.size):
                value, w, slope = along(hyper, jax.vmap(unravel)(chunk), jnp.asarray(draw))
                slopes.append(slope)
            assert value is not None and w is not None, "there is at least one hyperparameter"
            mean = jnp.concatenate(slopes)[:count] / jnp.asarray(np.bincount(belongs), flat.dtype)
            stored = self.cost(problem, hyper, tuned).stored_bytes
            return Hypergradient(float(value), unravel(mean[belongs]), w, {"stored_bytes": stored})

        return differentiate

    def _count(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> int:
        return self._directions(problem, hyper, tuned)[1]

    def _directions(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> tuple[np.ndarray, int]:
        """Of each number of the tuned λ, in the order in which it is made one vector, the direction
        it belongs to; and how many there are."""
        parts, count = [], 0
        for name in sorted(tuned):
            shape = hyper[name].shape
            part = np.arange(math.prod(shape)).reshape(shape)
            if name in problem.dynamics.settings and shape and shape[0] == problem.steps:
                part = part[np.arange(problem.steps) // self._share]
            parts.append(part.ravel() + count)
            count += part.size and int(part.max()) + 1
        return np.concatenate(parts), count
