"""Real-time hyperparameter optimisation (Franceschi et al. 2017, section 4.2): hyperparameters move
while the training goes on, by forward mode that is never begun anew.

Derivatives of the state by the hyperparameters, Z_t = A_t Z_{t-1} + B_t, go along. After some steps
they give a hypergradient of the outer loss as it is then; the hyperparameters move, and training
goes on from where it is. One training may do, but the derivatives are of hyperparameters that have
moved since, so the hypergradient is biased. Forgetting them at every move (a *warm restart*) leaves
those of the last stretch.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.flatten_util import ravel_pytree

from engine.errors import InputError
from engine.gradient.dynamics import State
from engine.gradient.engines.base import chosen
from engine.gradient.engines.forward import MOST_TUNED
from engine.gradient.problem import Bilevel, Hyper, Names


class Running(NamedTuple):
    """A training that goes on.

    Attributes:
        state: of the dynamics.
        tangents: of each part of the state, shape (hyperparameters, n).
        done: steps.
    """

    state: State
    tangents: State
    done: jax.Array


class Online:
    """Goes on with a training, a stretch at a time.

    Args:
        problem: its number of steps has no meaning here.
        tuned: names in λ to differentiate by; few numbers, and none by step.
    """

    def __init__(self, problem: Bilevel, tuned: Names) -> None:
        self._problem = problem
        self._tuned = tuned
        self._advance = jax.jit(self._go, static_argnames="steps")
        self._slopes = jax.jit(self._end)

    def begin(self, hyper: Hyper, draw: int) -> Running:
        """Before the first step.

        Raises:
            InputError: ``gradient.forward_many`` for too many numbers.
        """
        flat, unravel = ravel_pytree(chosen(hyper, self._tuned))
        if flat.size > MOST_TUNED:
            raise InputError("gradient.forward_many", count=f"{flat.size:,}", most=MOST_TUNED)

        def first(part: Hyper) -> State:
            return self._problem.begin({**hyper, **part}, jnp.asarray(draw))

        along = partial(jax.jvp, first, (chosen(hyper, self._tuned),))
        state, tangents = jax.vmap(lambda unit: along((unravel(unit),)), out_axes=(None, 0))(
            jnp.eye(flat.size, dtype=flat.dtype)
        )
        return Running(state, tangents, jnp.asarray(0))

    def advance(self, running: Running, hyper: Hyper, draw: int, steps: int) -> Running:
        """After ``steps`` more."""
        return self._advance(running, hyper, jnp.asarray(draw), steps=steps)

    def hypergradient(self, running: Running, hyper: Hyper) -> tuple[float, Hyper]:
        """The outer loss now, and its derivative by the tuned hyperparameters."""
        value, gradient = self._slopes(running, hyper)
        return float(value), gradient

    @staticmethod
    def forget(running: Running) -> Running:
        """The same training, as if it had begun here."""
        return running._replace(tangents=jax.tree.map(jnp.zeros_like, running.tangents))

    def _go(self, running: Running, hyper: Hyper, draw: jax.Array, *, steps: int) -> Running:
        flat, unravel = ravel_pytree(chosen(hyper, self._tuned))
        units = jnp.eye(flat.size, dtype=flat.dtype)

        def step(running: Running, _: None) -> tuple[Running, None]:
            state, tangents, t = running

            def one(state: State, part: Hyper) -> State:
                return self._problem.step(state, {**hyper, **part}, t, draw)

            def along(tangent: State, unit: jax.Array) -> Any:
                here = (state, chosen(hyper, self._tuned))
                return jax.jvp(one, here, (tangent, unravel(unit)))

            state, tangents = jax.vmap(along, out_axes=(None, 0))(tangents, units)
            return Running(state, tangents, t + 1), None

        return lax.scan(step, running, None, length=steps)[0]

    def _end(self, running: Running, hyper: Hyper) -> tuple[jax.Array, Hyper]:
        part = chosen(hyper, self._tuned)
        _, unravel = ravel_pytree(part)

        def end(state: State, part: Hyper) -> jax.Array:
            return self._problem.end(state, {**hyper, **part})

        value, (by_state, direct) = jax.value_and_grad(end, (0, 1))(running.state, part)
        pairs = zip(running.tangents, by_state, strict=True)
        through = jnp.stack([tangent @ slope for tangent, slope in pairs]).sum(axis=0)
        return value, jax.tree.map(jnp.add, direct, unravel(through))
