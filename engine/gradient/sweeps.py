"""The two sweeps of exact reversal: forwards in fixed point, and backwards with the hypergradient.

Source: Maclaurin et al. 2015, algorithms 1 and 2; comments give their lines. x there is w here. The
weights move by the new velocity, as in their code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.gradient import fixed_point as fixed
from engine.gradient.engines.base import chosen
from engine.gradient.late import jax, jnp, lax
from engine.gradient.spec.training_spec import SETTINGS

if TYPE_CHECKING:
    from engine.gradient.problem import Bilevel, Hyper, Names

STEP_SIZE, MOMENTUM = SETTINGS["momentum"]
_ROW = 64
"""Length of the rows in which `_largest` looks."""


class State(NamedTuple):
    """Weights and velocity in fixed point, int64, and the head of the buffer, uint32, each of shape
    (n,)."""

    w: jax.Array
    v: jax.Array
    head: jax.Array


class Adjoint(NamedTuple):
    """Derivatives of the outer loss.

    Attributes:
        w: by the weights, shape (n,).
        v: by the velocity, shape (n,).
        hyper: by the tuned hyperparameters that act in the losses, shaped like those.
        settings: by the tuned settings of the dynamics, one row per step: (T,) or (T, G).
    """

    w: jax.Array
    v: jax.Array
    hyper: Hyper
    settings: Hyper


class Sweeps:
    """Both sweeps over stretches of steps begin..end, compiled at their first use.

    Args:
        problem: the training, by SGD with momentum.
        tuned: names in λ to differentiate by.
        radix: bits after the point.
        compiled: whether a stretch is one compiled loop; else one call per step, with the gradient
            from one compiled function.
    """

    def __init__(self, problem: Bilevel, tuned: Names, radix: int, *, compiled: bool) -> None:
        self.radix = radix
        self.compiled = compiled
        self._problem = problem
        self._settings_tuned = tuple(n for n in tuned if n in SETTINGS["momentum"])
        self._tuned = tuple(n for n in tuned if n not in SETTINGS["momentum"])
        self._scale = 2.0**radix
        for piece in ("_start", "_turn", "_gather"):
            setattr(self, piece, jax.jit(getattr(self, piece)))
        if compiled:
            self.forward: Any = jax.jit(self._forward)
            self.backward: Any = jax.jit(self._backward)
            self._gradient: Callable[..., Any] = self._linearised
            self._loop: Callable[..., Any] = lax.fori_loop
        else:
            self.forward, self.backward = self._forward, self._backward
            self._gradient = jax.jit(self._linearised)
            self._loop = _stepwise
            for piece in ("_advance", "_return_weights", "_return_velocity", "_weights"):
                setattr(self, piece, jax.jit(getattr(self, piece)))

    def start(self, hyper: Hyper, draw: jax.Array) -> State:
        """Return the state before the first step for λ and the seed of the run."""
        return self._start(hyper, draw)

    def turn(
        self, state: State, hyper: Hyper, draw: jax.Array
    ) -> tuple[jax.Array, jax.Array, Adjoint]:
        """Differentiate the outer loss at the end of training, where the backward sweep begins.

        Args:
            state: state after the last step.
            hyper: λ.
            draw: seed of the run.

        Returns:
            Outer loss, weights, shape (n,), and the derivatives by them and by λ directly.
        """
        return self._turn(state, hyper, draw)

    def gather(self, adjoint: Adjoint, hyper: Hyper, draw: jax.Array) -> Hyper:
        """Add up the hypergradient after the backward sweep.

        Args:
            adjoint: derivatives before the first step.
            hyper: λ.
            draw: seed of the run.

        Returns:
            Derivative by each tuned name, shaped like it, through the initial weights included.
        """
        return self._gather(adjoint, hyper, draw)

    # --- at the ends ------------------------------------------------------------------------------

    def _start(self, hyper: Hyper, draw: jax.Array) -> State:
        w = fixed.to_integer(self._problem.initial(hyper, draw), self.radix)
        return State(w, jnp.zeros_like(w), jnp.zeros(w.shape, jnp.uint32))

    def _turn(
        self, state: State, hyper: Hyper, draw: jax.Array
    ) -> tuple[jax.Array, jax.Array, Adjoint]:
        w = self._weights(state, hyper, draw)

        def outer(w: jax.Array, part: Hyper) -> jax.Array:
            return self._problem.outer(w, {**hyper, **part})

        part, steps = chosen(hyper, self._tuned), self._problem.steps
        # Algorithm 2, lines 2 and 3; dθ starts with the direct part of the derivative.
        value, (dw, direct) = jax.value_and_grad(outer, (0, 1))(w, part)
        rows = {n: jnp.zeros((steps, *_row(hyper[n], steps))) for n in self._settings_tuned}
        return value, w, Adjoint(dw, jnp.zeros_like(dw), direct, rows)

    def _gather(self, adjoint: Adjoint, hyper: Hyper, draw: jax.Array) -> Hyper:
        def initial(part: Hyper) -> jax.Array:
            return self._problem.initial({**hyper, **part}, draw)

        through = jax.vjp(initial, chosen(hyper, self._tuned))[1](adjoint.w)[0]
        found = jax.tree.map(jnp.add, adjoint.hyper, through)
        for name, rows in adjoint.settings.items():
            by_step = hyper[name].ndim > 0 and hyper[name].shape[0] == self._problem.steps
            found[name] = (rows if by_step else rows.sum(axis=0)).astype(hyper[name].dtype)
        return found

    # --- over a stretch ---------------------------------------------------------------------------

    def _forward(
        self,
        state: State,
        worst: jax.Array,
        hyper: Hyper,
        draw: jax.Array,
        begin: int,
        end: int,
    ) -> tuple[State, jax.Array]:
        """Train from step ``begin`` to before step ``end`` (algorithm 1).

        Args:
            state: state before step ``begin``.
            worst: largest integer met before, as a float, shape ().
            hyper: λ.
            draw: seed of the run.
            begin: first step of the stretch.
            end: the step after its last.

        Returns:
            The state, and the largest integer met in size; NaN if a number was NaN.
        """

        def step(t: Any, carry: Any) -> Any:
            w = self._weights(carry[0], hyper, draw)
            gradient, _ = self._gradient(w, hyper, t, draw)
            return self._advance(carry, gradient, hyper, t)

        return self._loop(begin, end, step, (state, worst))

    def _backward(
        self,
        state: State,
        adjoint: Adjoint,
        hyper: Hyper,
        draw: jax.Array,
        begin: int,
        end: int,
    ) -> tuple[State, Adjoint]:
        """Go back from before step ``end`` to before step ``begin`` (algorithm 2).

        Args:
            state: state before step ``end``.
            adjoint: derivatives by that state.
            hyper: λ.
            draw: seed of the run.
            begin: first step of the stretch.
            end: the step after its last.

        Returns:
            State and derivatives before step ``begin``.
        """

        def step(i: Any, carry: Any) -> Any:
            t = end - 1 - (i - begin)
            carry = self._return_weights(carry, hyper, t)
            w = self._weights(carry[0], hyper, draw)
            # Line 7, at weights with the same bits as in the forward sweep.
            gradient, pull = self._gradient(w, hyper, t, draw)
            return self._return_velocity(carry, gradient, pull, hyper, t)

        return self._loop(begin, end, step, (state, adjoint))

    # --- one step ---------------------------------------------------------------------------------

    def _linearised(self, w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> Any:
        """The gradient of step t and its pullback.

        Barriers fence it off in the same way in both sweeps, so that the compiler makes the same
        operations of it and both find the same bits.
        """
        w, t = lax.optimization_barrier((w, t))

        def gradient(w: jax.Array, part: Hyper) -> jax.Array:
            return self._problem.gradient(w, {**hyper, **part}, t, draw)

        found = jax.vjp(gradient, w, chosen(hyper, self._tuned))
        leaves, tree = jax.tree.flatten(found)
        return jax.tree.unflatten(tree, lax.optimization_barrier(leaves))

    def _advance(self, carry: Any, gradient: jax.Array, hyper: Hyper, t: jax.Array) -> Any:
        (w, v, head), worst = carry
        rate, decay, n = self._settings(hyper, t)
        v, head = fixed.multiply(v, head, n)
        v = v - self._push(gradient, decay)  # algorithm 1, line 5
        move = rate * v.astype(jnp.float64)
        # Looked at as floats: an integer that has overflowed shows nothing.
        size = jnp.abs(w.astype(jnp.float64) + move)
        size = jnp.maximum(size, jnp.abs(self._scale * gradient.astype(jnp.float64)))
        # Algorithm 1, line 6.
        return State(w + move.astype(jnp.int64), v, head), jnp.maximum(worst, _largest(size))

    def _return_weights(self, carry: Any, hyper: Hyper, t: jax.Array) -> Any:
        (w, v, head), adjoint = carry
        rate, _, _ = self._settings(hyper, t)
        velocity = v.astype(jnp.float64)
        # Algorithm 2, lines 5 and 6: dα_t = dw · v, with v after step t; then w = w - α_t v.
        rows = self._entered(adjoint.settings, STEP_SIZE, t, adjoint.w, velocity / self._scale)
        w = w - (rate * velocity).astype(jnp.int64)
        return State(w, v, head), adjoint._replace(settings=rows)

    def _return_velocity(
        self, carry: Any, gradient: jax.Array, pull: Any, hyper: Hyper, t: jax.Array
    ) -> Any:
        (w, v, head), (dw, dv, dh, rows) = carry
        rate, decay, n = self._settings(hyper, t)
        # Algorithm 2, line 8: v = (v + (1 - γ_t) g) / γ_t.
        v, head = fixed.divide(v + self._push(gradient, decay), head, n)
        dv = dv + rate.astype(dw.dtype) * dw  # line 9
        # Line 10: dγ_t = dv · (v + g), with v before step t.
        before = v.astype(jnp.float64) / self._scale + gradient
        rows = self._entered(rows, MOMENTUM, t, dv, before)
        # Lines 11 and 12: both products with second derivatives come from one pullback.
        curved, mixed = pull((1 - decay).astype(dw.dtype) * dv)
        dw = dw - curved
        dh = jax.tree.map(jnp.subtract, dh, mixed)
        dv = decay.astype(dw.dtype) * dv  # line 13
        return State(w, v, head), Adjoint(dw, dv, dh, rows)

    def _weights(self, state: State, hyper: Hyper, draw: jax.Array) -> jax.Array:
        """The weights as the problem takes them: real numbers of its own type."""
        dtype = jax.eval_shape(self._problem.initial, hyper, draw).dtype
        return fixed.to_float(state.w, self.radix, dtype)

    def _settings(self, hyper: Hyper, t: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        """α and γ as they are applied, float64, and γ's numerator."""
        found = self._problem.settings(hyper, t)
        n = fixed.numerators(found[MOMENTUM])
        return found[STEP_SIZE].astype(jnp.float64), n / fixed.DENOMINATOR, n

    def _push(self, gradient: jax.Array, decay: jax.Array) -> jax.Array:
        """(1 - γ) g as an integer."""
        return (((1 - decay) * self._scale) * gradient.astype(jnp.float64)).astype(jnp.int64)

    def _entered(self, rows: Hyper, name: str, t: jax.Array, a: jax.Array, b: jax.Array) -> Hyper:
        """``rows`` with step t's derivative by the setting ``name``, if it is tuned."""
        if name not in rows:
            return rows
        return {**rows, name: rows[name].at[t].set(self._dot(a, b, rows[name]))}

    def _dot(self, a: jax.Array, b: jax.Array, rows: jax.Array) -> jax.Array:
        """The inner product in the form of a row of ``rows``: of all weights, or by group."""
        a = a.astype(rows.dtype)
        if rows.ndim == 1:
            return jnp.vdot(a, b)
        groups = self._problem.groups
        if (np.diff(groups) < 0).any():
            return jax.ops.segment_sum(a * b, jnp.asarray(groups), rows.shape[1])
        # Groups that lie together are slices, which sum faster than scattered segments.
        bounds = np.searchsorted(groups, np.arange(rows.shape[1] + 1))
        parts = pairwise(bounds.tolist())
        return jnp.stack([jnp.vdot(a[begin:end], b[begin:end]) for begin, end in parts])


def _row(values: jax.Array, steps: int) -> tuple[int, ...]:
    """Shape of one step's derivative by a setting: () or (G,)."""
    return values.shape[1:] if values.ndim > 0 and values.shape[0] == steps else values.shape


def _largest(values: jax.Array) -> jax.Array:
    """The maximum, by rows first: XLA would go through one long row a number at a time."""
    whole = values.size // _ROW * _ROW
    rows = jnp.max(values[:whole].reshape(-1, _ROW), axis=0, initial=0.0)
    return jnp.maximum(jnp.max(rows), jnp.max(values[whole:], initial=0.0))


def _stepwise(begin: int, end: int, step: Callable[[Any, Any], Any], carry: Any) -> Any:
    """`lax.fori_loop` in Python: each step is called, not compiled together with the others."""
    steps: Iterable[int] = range(begin, end)
    for t in steps:
        carry = step(t, carry)
    return carry
