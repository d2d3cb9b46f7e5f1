"""Reverse mode through the unrolled training (Franceschi et al. 2018, section 3.5; algorithm 1 of
Franceschi et al. 2017): every state is stored, or every so many, or only the last few."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from engine.errors import InputError
from engine.gradient.dynamics import State
from engine.gradient.engines.base import Differentiate, Engine, chosen
from engine.gradient.problem import Bilevel, Hyper, Hypergradient, Names
from engine.tuners.hyper.engines import Figures
from engine.tuners.hyper.engines import stretch as stretch_of

Training = Callable[[Hyper, jax.Array, jax.Array], State]
"""(λ, draw, what moves the weights where the way back ends) -> the last state."""


class Unwound(Engine):
    """Reverse mode through a training run as JAX traces it; a subclass says what it keeps."""

    @abstractmethod
    def training(self, problem: Bilevel) -> Training:
        """The run, as it shall be gone back through."""

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        train = self.training(problem)

        @jax.jit
        def both(hyper: Hyper, draw: jax.Array) -> Any:
            def loss(part: Hyper, first: jax.Array, last: jax.Array) -> Any:
                whole = {**hyper, **part}
                state = nudged(train(whole, draw, first), last)
                return problem.end(state, whole), problem.dynamics.weights(state)

            # The derivatives by moves of zero are those by the weights at either end of the way.
            still = jnp.zeros_like(problem.initial(hyper, draw))
            graded = jax.value_and_grad(loss, (0, 1, 2), has_aux=True)
            (value, w), (gradient, *ends) = graded(chosen(hyper, tuned), still, still)
            return value, w, gradient, [jnp.linalg.norm(end) for end in ends]

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            self.check(problem, hyper, tuned)
            value, w, gradient, (at_start, at_end) = both(hyper, jnp.asarray(draw))
            figures = {
                "stored_bytes": self.cost(problem, hyper, tuned).stored_bytes,
                "growth": float(at_start) / max(float(at_end), 1e-300),
            }
            return Hypergradient(float(value), gradient, w, figures)

        return differentiate


class Unrolled(Unwound):
    """Stores what each step needs to be differentiated, and goes back through it."""

    id = "unrolled"
    exact = True

    def training(self, problem: Bilevel) -> Training:
        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            state = nudged(problem.begin(hyper, draw), nudge)
            return advance(problem, hyper, draw)(state, jnp.arange(problem.steps))

        return train


class Checkpointed(Unwound):
    """Stores about √T states and computes the stretches between them twice (Griewank and Walther
    2000)."""

    id = "checkpointed"
    exact = True

    def training(self, problem: Bilevel) -> Training:
        stretch = stretch_of(problem.steps)
        whole = problem.steps // stretch * stretch

        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            state = nudged(problem.begin(hyper, draw), nudge)
            go = advance(problem, hyper, draw)
            again = jax.checkpoint(go)
            stretches = jnp.arange(whole).reshape(-1, stretch)
            state = lax.scan(lambda s, ts: (again(s, ts), None), state, stretches)[0]
            return again(state, jnp.arange(whole, problem.steps))

        return train


class Truncated(Unwound):
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
        super().check(problem, hyper, tuned)

    def figures(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Figures:
        return super().figures(problem, hyper, tuned)._replace(window=self._window)

    def training(self, problem: Bilevel) -> Training:
        before = max(0, problem.steps - self._window)

        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            state = problem.begin(hyper, draw)
            if before:
                given = lax.stop_gradient(hyper)
                state = advance(problem, given, draw)(state, jnp.arange(before))
                state = lax.stop_gradient(state)
            state = nudged(state, nudge)
            return advance(problem, hyper, draw)(state, jnp.arange(before, problem.steps))

        return train


def advance(problem: Bilevel, hyper: Hyper, draw: jax.Array) -> Callable[[Any, jax.Array], Any]:
    """(state, step numbers) -> the state after those steps."""

    def go(state: Any, steps: jax.Array) -> Any:
        return lax.scan(lambda s, t: (problem.step(s, hyper, t, draw), None), state, steps)[0]

    return go


def nudged(state: State, nudge: jax.Array) -> State:
    """``state`` with its weights moved."""
    w, *rest = state
    return (w + nudge, *rest)
