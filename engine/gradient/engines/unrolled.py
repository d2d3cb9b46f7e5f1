"""Reverse mode through the unrolled training (Franceschi et al. 2018, section 3.5; algorithm 1 of
Franceschi et al. 2017): every state is stored, or every so many, or only the last few."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from engine.errors import InputError
from engine.gradient.engines.base import Differentiate, Engine, chosen
from engine.gradient.problem import Bilevel, Cost, Hyper, Hypergradient, Names


class Unrolled(Engine):
    """Stores what each step needs to be differentiated, and goes back through it."""

    id = "unrolled"
    exact = True

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        # XLA keeps the state and what lies between it and its gradient: about two states a step.
        return Cost(2.0 * problem.steps * state_bytes(problem, hyper), gradients=3)

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        def train(hyper: Hyper, draw: jax.Array) -> Any:
            state = problem.begin(hyper, draw)
            return advance(problem, hyper, draw)(state, jnp.arange(problem.steps))

        return reverse(self, problem, tuned, train)


class Checkpointed(Engine):
    """Stores about √T states and computes the stretches between them twice (Griewank and Walther
    2000)."""

    id = "checkpointed"
    exact = True

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        stretch = _stretch(problem.steps)
        kept = math.ceil(problem.steps / stretch) + 2 * stretch
        return Cost(float(kept * state_bytes(problem, hyper)), gradients=4)

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        stretch = _stretch(problem.steps)
        whole = problem.steps // stretch * stretch

        def train(hyper: Hyper, draw: jax.Array) -> Any:
            state, go = problem.begin(hyper, draw), advance(problem, hyper, draw)
            again = jax.checkpoint(go)
            stretches = jnp.arange(whole).reshape(-1, stretch)
            state = lax.scan(lambda s, ts: (again(s, ts), None), state, stretches)[0]
            return again(state, jnp.arange(whole, problem.steps))

        return reverse(self, problem, tuned, train)


class Truncated(Engine):
    """Goes back through the last steps only (Shaban et al. 2019). What hyperparameters did before
    counts as given, so the hypergradient is biased, and what acts only at the start gets none.

    Args:
        window: steps to go back, from 1; more than there are is all of them.
    """

    id = "truncated"
    exact = False

    def __init__(self, window: int = 20) -> None:
        self._window = window

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Raises:
        InputError: ``gradient.window`` if the window is not at least 1.
        """
        if self._window < 1:
            raise InputError("gradient.window", value=self._window)

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        back = min(self._window, problem.steps)
        return Cost(2.0 * back * state_bytes(problem, hyper), 1 + 2 * back / problem.steps)

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        before = max(0, problem.steps - self._window)

        def train(hyper: Hyper, draw: jax.Array) -> Any:
            state = problem.begin(hyper, draw)
            if before:
                given = lax.stop_gradient(hyper)
                state = advance(problem, given, draw)(state, jnp.arange(before))
                state = lax.stop_gradient(state)
            return advance(problem, hyper, draw)(state, jnp.arange(before, problem.steps))

        return reverse(self, problem, tuned, train)


def advance(problem: Bilevel, hyper: Hyper, draw: jax.Array) -> Callable[[Any, jax.Array], Any]:
    """(state, step numbers) -> the state after those steps."""

    def go(state: Any, steps: jax.Array) -> Any:
        return lax.scan(lambda s, t: (problem.step(s, hyper, t, draw), None), state, steps)[0]

    return go


def reverse(
    engine: Engine, problem: Bilevel, tuned: Names, train: Callable[[Hyper, jax.Array], Any]
) -> Differentiate:
    """Reverse mode through ``train``, which gives the last state."""

    @jax.jit
    def both(hyper: Hyper, draw: jax.Array) -> Any:
        def loss(part: Hyper) -> Any:
            whole = {**hyper, **part}
            state = train(whole, draw)
            return problem.end(state, whole), problem.dynamics.weights(state)

        return jax.value_and_grad(loss, has_aux=True)(chosen(hyper, tuned))

    def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
        engine.check(problem, hyper, tuned)
        (value, w), gradient = both(hyper, jnp.asarray(draw))
        stored = engine.cost(problem, hyper, tuned).stored_bytes
        return Hypergradient(float(value), gradient, w, {"stored_bytes": stored})

    return differentiate


def state_bytes(problem: Bilevel, hyper: Hyper) -> int:
    """Size of one state of the dynamics."""
    shapes = jax.eval_shape(problem.begin, hyper, jnp.asarray(0))
    return sum(math.prod(part.shape) * part.dtype.itemsize for part in shapes)


def _stretch(steps: int) -> int:
    return max(1, math.isqrt(steps))
