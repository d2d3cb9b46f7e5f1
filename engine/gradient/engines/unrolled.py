"""Reverse mode through the unrolled training: all states are stored, every k-th, or the last few.

With A_t = ∂Φ/∂s and B_t = ∂Φ/∂λ at s_{t-1}, and a = ∂E/∂s_T and p = ∂E/∂λ at the start,

    p <- p + a B_t    a <- a A_t    for t = T..1,    and p <- p + a ∂Φ_0/∂λ at the end,

which is what JAX does when it differentiates a scan over the steps.

Source: Franceschi et al. 2017, algorithm 1 (Reverse-HG).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from engine.errors import InputError
from engine.gradient.engines.base import (
    Cost,
    Differentiate,
    Engine,
    EngineCard,
    Hypergradient,
    TrainingSize,
    chosen,
)
from engine.gradient.late import jax, jnp, lax
from engine.gradient.spec.training_spec import TrainingSpec
from engine.gradient.spec.tunable import TUNABLES
from engine.space import Value

if TYPE_CHECKING:
    from engine.gradient.dynamics import State
    from engine.gradient.problem import Bilevel, Hyper, Names

Train = Callable[["Hyper", "jax.Array", "jax.Array"], "State"]
"""(λ, draw, shift of the weights, shape (n,), where the backward sweep ends) -> last state."""
STATES = 2.0
"""States per step that XLA stores: the state, and about as much of intermediate values."""


class Unwound(Engine):
    """Reverse mode by JAX through a traced training; a subclass decides which states are stored."""

    @abstractmethod
    def training(self, problem: Bilevel) -> Train:
        """Build the training so that reverse mode stores what this engine stores.

        Returns:
            (λ, draw, shift of the weights) -> last state.
        """

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        train = self.training(problem)

        @jax.jit
        def both(hyper: Hyper, draw: jax.Array) -> Any:
            def loss(part: Hyper, first: jax.Array, last: jax.Array) -> Any:
                whole = {**hyper, **part}
                state = nudged(train(whole, draw, first), last)
                return problem.end(state, whole), problem.dynamics.weights(state)

            # Derivatives by a zero shift of the weights at either end are those by the weights
            # there, from which growth is computed.
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
    """Stores what each step needs to be differentiated: fastest, with memory for every step."""

    card = EngineCard("unrolled", "Unrolled", exact=True, order=20, suits="short")

    def takes(self, size: TrainingSize) -> Cost:
        return Cost(STATES * size.steps * size.state_bytes, 3.0)

    def training(self, problem: Bilevel) -> Train:
        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            state = nudged(problem.begin(hyper, draw), nudge)
            return problem.advance(hyper, draw)(state, jnp.arange(problem.steps))

        return train


class Checkpointed(Unwound):
    """Stores about √T states and computes the stretches between them twice.

    Source: checkpoints at equal distances, two levels; Griewank and Walther 2000 give the schedule
    with fewest computations for a given memory.
    """

    card = EngineCard("checkpointed", "Checkpointed", exact=True, order=30, suits="long")

    def takes(self, size: TrainingSize) -> Cost:
        stretch = stretch_of(size.steps)
        kept = math.ceil(size.steps / stretch) + STATES * stretch
        return Cost(kept * size.state_bytes, 4.0)

    def training(self, problem: Bilevel) -> Train:
        stretch = stretch_of(problem.steps)
        whole = problem.steps // stretch * stretch

        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            state = nudged(problem.begin(hyper, draw), nudge)
            go = problem.advance(hyper, draw)
            again = jax.checkpoint(go)
            stretches = jnp.arange(whole).reshape(-1, stretch)
            state = lax.scan(lambda s, ts: (again(s, ts), None), state, stretches)[0]
            return again(state, jnp.arange(whole, problem.steps))  # steps left over

        return train


@dataclass(frozen=True)
class Truncated(Unwound):
    """Goes back through the last steps only.

    The state before them counts as constant. So the hypergradient is biased, and hyperparameters
    that act only at the start get none.

    Attributes:
        window: number of steps to go back; all if there are fewer.

    Source: Shaban et al. 2019 (truncated back-propagation).
    """

    card = EngineCard("truncated", "Truncated", exact=False, order=40)

    window: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            title="Window",
            description="Steps that the truncated engine goes back.",
        ),
    ] = 20

    def takes(self, size: TrainingSize) -> Cost:
        back = min(self.window, size.steps)
        return Cost(STATES * back * size.state_bytes, 1 + 2 * back / size.steps)

    def refusal(self, spec: TrainingSpec) -> InputError | None:
        if self.window < spec.steps:
            start = [kind for kind in TUNABLES if kind.at_the_start and kind.chosen(spec)]
            if start:
                field = f"method.options.{start[0].option}"
                return InputError("gradient.truncated", field=field, names=start[0].label.lower())
        return super().refusal(spec)

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse a window of no step, and what every engine refuses.

        Args:
            problem: the training.
            hyper: λ at which to differentiate.
            tuned: names in λ to differentiate by.

        Raises:
            InputError: ``gradient.window`` if the window is not at least 1.
        """
        if self.window < 1:
            raise InputError("gradient.window", value=self.window)
        super().check(problem, hyper, tuned)

    @classmethod
    def fitting(cls, options: Mapping[str, Value]) -> Mapping[str, Value]:
        return {**super().fitting(options), "scale": "fixed"}

    def training(self, problem: Bilevel) -> Train:
        before = max(0, problem.steps - self.window)

        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            state = problem.begin(hyper, draw)
            if before:
                given = lax.stop_gradient(hyper)
                state = problem.advance(given, draw)(state, jnp.arange(before))
                state = lax.stop_gradient(state)
            state = nudged(state, nudge)
            return problem.advance(hyper, draw)(state, jnp.arange(before, problem.steps))

        return train


def stretch_of(steps: int) -> int:
    """Return the number of steps between two checkpoints, about √T."""
    return max(1, math.isqrt(steps))


def nudged(state: State, nudge: jax.Array) -> State:
    """Return ``state`` with its weights shifted by ``nudge``, shape (n,)."""
    w, *rest = state
    return (w + nudge, *rest)
