"""A gradient engine: reverse mode whose memory fades on the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from engine.gradient.engines.base import Cost, EngineCard, TrainingSize
from engine.gradient.engines.unrolled import STATES, Train, Unwound, nudged
from engine.gradient.late import jax, jnp, lax
from engine.options import shown

if TYPE_CHECKING:
    from engine.gradient.dynamics import State
    from engine.gradient.problem import Bilevel, Hyper


@dataclass(frozen=True)
class Fading(Unwound):
    """Goes back through the whole training, but with every step what lies further back counts
    less: a smooth form of the truncated engine.

    Attributes:
        memory: what is kept of the derivative by the state with every step back.
    """

    card = EngineCard("fading", "Fading", exact=False)

    memory: Annotated[
        float, shown("Memory", "Share of the derivative kept with every step back.", 0.0, 1.0)
    ] = 0.9

    def takes(self, size: TrainingSize) -> Cost:
        return Cost(STATES * size.steps * size.state_bytes, 3.0)

    def training(self, problem: Bilevel) -> Train:
        def fade(part: jax.Array) -> jax.Array:
            # The same number, to the last digit, with a share of its derivative.
            return part + (self.memory - 1) * (part - lax.stop_gradient(part))

        def train(hyper: Hyper, draw: jax.Array, nudge: jax.Array) -> State:
            advance = problem.advance(hyper, draw)

            def step(state: State, t: jax.Array) -> tuple[State, None]:
                return advance(jax.tree.map(fade, state), t[None]), None

            state = nudged(problem.begin(hyper, draw), nudge)
            return lax.scan(step, state, jnp.arange(problem.steps))[0]

        return train
