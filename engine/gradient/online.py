"""Real-time hyperparameter optimisation: hyperparameters move during training, by forward mode.

Derivatives of the state by the hyperparameters, Z_t = A_t Z_{t-1} + B_t, are computed along with
training. After some steps they give a hypergradient of the outer loss at the present weights; the
hyperparameters move, and training resumes with state and derivatives as they are. One training can
be enough, but the derivatives were taken at hyperparameters that have moved since, so the
hypergradient is biased. Resetting Z to 0 at every move (a *warm restart*) keeps only derivatives by
the steps since the last move.

Source: Franceschi et al. 2017, real-time hyperparameter optimisation (RTHO) on top of algorithm 2.
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
    """A training between two moves of the hyperparameters.

    Attributes:
        state: state of the dynamics.
        tangents: Z, for each part of the state, shape (hyperparameters, n).
        done: number of steps done.
    """

    state: State
    tangents: State
    done: jax.Array


class Online:
    """Resumes a training, a stretch at a time, together with its derivatives.

    Args:
        problem: the training; its number of steps is not used.
        tuned: names in λ to differentiate by; few numbers, and none by step.
    """

    def __init__(self, problem: Bilevel, tuned: Names) -> None:
        self._problem = problem
        self._tuned = tuned
        self._advance = jax.jit(self._go, static_argnames="steps")
        self._slopes = jax.jit(self._end)

    def begin(self, hyper: Hyper, draw: int) -> Running:
        """Begin a training.

        Args:
            hyper: λ.
            draw: seed of the run.

        Returns:
            The training before its first step, with Z_0 = ∂Φ_0/∂λ.

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
        """Train on.

        Args:
            running: the training so far.
            hyper: λ, as it is now.
            draw: seed of the run.
            steps: number of steps to do.

        Returns:
            The training after these steps.
        """
        return self._advance(running, hyper, jnp.asarray(draw), steps=steps)

    def hypergradient(self, running: Running, hyper: Hyper) -> tuple[float, Hyper]:
        """Compute ∂E/∂s Z + ∂E/∂λ at the present state.

        Args:
            running: the training so far.
            hyper: λ, as it is now.

        Returns:
            Outer loss, and its derivative by the tuned hyperparameters, shaped like those.
        """
        value, gradient = self._slopes(running, hyper)
        return float(value), gradient

    @staticmethod
    def forget(running: Running) -> Running:
        """Reset the derivatives to 0, as if the training had begun here (warm restart)."""
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
