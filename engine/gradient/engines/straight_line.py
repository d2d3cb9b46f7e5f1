"""Reverse mode along a straight line instead of the path that training took.

Only the first and the last weights are stored. In the backward sweep the weights before step t
count as (1 - β) w_0 + β w_T with β = t / T, and the velocity as that which moves them along the
line. The result is approximate: near where training moves steadily one way, far off where it turns.

Source: Fu et al. 2016 (DrMAD).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from engine.gradient.dynamics import State
    from engine.gradient.problem import Bilevel, Hyper, Names


class StraightLine(Engine):
    """Stores two states, however many steps there are.

    Its dynamics can have a velocity, but no further memory, which the line does not give.
    """

    card = EngineCard(
        "straight_line", "Straight line", exact=False, dynamics=("gd", "momentum"), order=90
    )
    refused_dynamics = "gradient.straight_line"

    def takes(self, size: TrainingSize) -> Cost:
        return Cost(2.0 * size.state_bytes, 4.0)

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        @jax.jit
        def both(hyper: Hyper, draw: jax.Array) -> Any:
            part = chosen(hyper, tuned)

            def begin(part: Hyper) -> State:
                return problem.begin({**hyper, **part}, draw)

            def step(state: State, part: Hyper, t: jax.Array) -> State:
                return problem.step(state, {**hyper, **part}, t, draw)

            def end(state: State, part: Hyper) -> jax.Array:
                return problem.end(state, {**hyper, **part})

            first, through_begin = jax.vjp(begin, part)
            last = problem.advance(hyper, draw)(first, jnp.arange(problem.steps))
            value, (adjoint, direct) = jax.value_and_grad(end, (0, 1))(last, part)

            # As in `unrolled`, but with the state on the line in place of s_{t-1}.
            def back(carry: Any, t: jax.Array) -> Any:
                adjoint, gathered = carry
                state = on_the_line(problem, hyper, first, last, t)
                pulled, more = jax.vjp(lambda s, p: step(s, p, t), state, part)[1](adjoint)
                return (pulled, jax.tree.map(jnp.add, gathered, more)), None

            start, steps = (adjoint, direct), jnp.arange(problem.steps)
            (arrived, gathered), _ = lax.scan(back, start, steps, reverse=True)
            gradient = jax.tree.map(jnp.add, gathered, through_begin(arrived)[0])
            at_end, at_start = (jnp.linalg.norm(a[0]) for a in (adjoint, arrived))
            return value, gradient, problem.dynamics.weights(last), at_start, at_end

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            self.check(problem, hyper, tuned)
            value, gradient, w, at_start, at_end = both(hyper, jnp.asarray(draw))
            figures = {
                "stored_bytes": self.cost(problem, hyper, tuned).stored_bytes,
                "growth": float(at_start) / max(float(at_end), 1e-300),
            }
            return Hypergradient(float(value), gradient, w, figures)

        return differentiate


def on_the_line(problem: Bilevel, hyper: Hyper, first: State, last: State, t: jax.Array) -> State:
    """Return the state on the line that stands for the one before step ``t``.

    Args:
        problem: the training.
        hyper: λ.
        first: state before the first step.
        last: state after the last step.
        t: number of the step, from 0.

    Returns:
        Weights and, if the dynamics have one, velocity, each of shape (n,).
    """
    w0, w1 = first[0], last[0]
    share = (t / problem.steps).astype(w0.dtype)
    w = (1 - share) * w0 + share * w1
    if len(first) == 1:
        return (w,)
    # w' = w + α v' of the step before; before the first there was none.
    rate = problem.settings(hyper, jnp.maximum(t - 1, 0))["step_size"]
    moved = jnp.where(rate == 0, 0, (w1 - w0) / (problem.steps * jnp.where(rate == 0, 1, rate)))
    return (w, jnp.where(t == 0, first[1], moved.astype(w0.dtype)))
