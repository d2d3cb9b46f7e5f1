"""Exact reversal of SGD with momentum (Maclaurin et al. 2015, algorithm 2).

The training runs once; then it is run backwards, bit for bit, with the hypergradient gathered on
the way. Nothing of the way is kept but the digits that multiplying by the momentum loses
(`engine.gradient.fixed_point`): a few bits a weight and step.

Both sweeps compute the gradient of a step at the same weights and must find the same bits. They
do as long as the compiler makes the same of the same expression; whether it did is checked in
every sweep, step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from engine.errors import InputError, RunError
from engine.gradient import fixed_point as fixed
from engine.gradient.dynamics import Momentum
from engine.gradient.engines.base import Differentiate, Engine
from engine.gradient.problem import Bilevel, Cost, Hyper, Hypergradient

STEP_SIZE, MOMENTUM = Momentum.settings


class _State(NamedTuple):
    """Weights and velocity as integers, the head of the buffer, each of shape (n,)."""

    w: jax.Array
    v: jax.Array
    head: jax.Array


class _Adjoint(NamedTuple):
    """Derivatives of the outer loss: by w and v, shape (n,); by λ; by the settings, a row a
    step."""

    w: jax.Array
    v: jax.Array
    hyper: Hyper
    step_size: jax.Array
    momentum: jax.Array


class Reversal(Engine):
    """Exact reversal.

    Args:
        radix: bits after the point of the fixed-point numbers. 52 allows values up to 1,024, 44 up
            to 262,144.
    """

    id = "reversal"
    exact = True

    def __init__(self, radix: int = fixed.RADIX) -> None:
        self._radix = radix

    def check(self, problem: Bilevel, hyper: Hyper) -> None:
        """Raises:
        InputError: ``gradient.reversal_dynamics`` for other dynamics than SGD with momentum,
            ``gradient.reversal_momentum`` for a momentum outside [1/64, 1).
        """
        if not isinstance(problem.dynamics, Momentum):
            raise InputError("gradient.reversal_dynamics", field="method.dynamics")
        low, high = float(jnp.min(hyper[MOMENTUM])), float(jnp.max(hyper[MOMENTUM]))
        if not (low >= fixed.LOWEST and high < 1):  # NaN is neither
            found = low if low < fixed.LOWEST else high
            raise InputError(
                "gradient.reversal_momentum", value=f"{found:.4g}", low=f"{fixed.LOWEST:.4g}"
            )

    def cost(self, problem: Bilevel, hyper: Hyper) -> Cost:
        n = _numerators(problem, hyper)
        count = int(fixed.spills(n).sum())
        checks = 8 * problem.steps
        return Cost(stored_bytes=problem.groups.size * (4 + 2 * count) + checks, gradients=4)

    def prepare(self, problem: Bilevel) -> Differentiate:
        forward, backward, start, finish = _compiled(problem, self._radix)

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            self.check(problem, hyper)
            n = _numerators(problem, hyper)
            cuts = [0, *np.flatnonzero(np.asarray(fixed.spills(n))).tolist(), problem.steps]
            seed = jnp.asarray(draw)

            first = state = start(hyper, seed)
            sums = jnp.zeros(problem.steps, jnp.int64)
            worst = jnp.zeros(())
            spilled: list[jax.Array] = []
            for begin, end in pairwise(cuts):
                if begin:
                    head, low = fixed.spill(state.head)
                    state = state._replace(head=head)
                    spilled.append(low)
                state, sums, worst = forward(state, sums, worst, hyper, seed, begin, end)
            _refuse_overflow(float(worst), self._radix)
            stored = sums.nbytes + state.head.nbytes + sum(low.nbytes for low in spilled)

            w = fixed.to_float(state.w, self._radix, _dtype(problem, hyper, seed))
            value, adjoint = finish(w, hyper)
            norm = float(jnp.linalg.norm(adjoint.w))
            differs = jnp.asarray(-1)
            for begin, end in reversed([*pairwise(cuts)]):
                state, adjoint, differs = backward(
                    state, adjoint, differs, sums, hyper, seed, begin, end
                )
                if begin:
                    state = state._replace(head=fixed.unspill(state.head, spilled.pop()))
            _check_return(state, first, int(differs))
            return Hypergradient(
                value=float(value),
                gradient=_gather(problem, adjoint, hyper, seed),
                weights=w,
                figures={
                    "stored_bytes": float(stored),
                    "growth": float(jnp.linalg.norm(adjoint.w)) / max(norm, 1e-300),
                },
            )

        return differentiate


def _compiled(problem: Bilevel, radix: int) -> tuple[Callable[..., Any], ...]:
    """The forward and backward sweeps over the steps begin..end, the start and the end."""
    scale = 2.0**radix
    unit = 2.0**-radix

    def settings(hyper: Hyper, t: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        """α and γ as they are used, and γ's numerator."""
        found = problem.settings(hyper, t)
        n = fixed.numerators(found[MOMENTUM])
        return found[STEP_SIZE].astype(jnp.float64), n / fixed.DENOMINATOR, n

    def step_of(v: jax.Array, rate: jax.Array) -> jax.Array:
        return rate * v.astype(jnp.float64)

    def push(gradient: jax.Array, decay: jax.Array) -> jax.Array:
        return (((1 - decay) * scale) * gradient.astype(jnp.float64)).astype(jnp.int64)

    @jax.jit
    def start(hyper: Hyper, draw: jax.Array) -> _State:
        w = fixed.to_integer(problem.initial(hyper, draw), radix)
        return _State(w, jnp.zeros_like(w), jnp.zeros(w.shape, jnp.uint32))

    @jax.jit
    def forward(
        state: _State,
        sums: jax.Array,
        worst: jax.Array,
        hyper: Hyper,
        draw: jax.Array,
        begin: int,
        end: int,
    ) -> tuple[_State, jax.Array, jax.Array]:
        dtype = _dtype(problem, hyper, draw)

        def step(t: jax.Array, carry: Any) -> Any:
            (w, v, head), sums, worst = carry
            sums = sums.at[t].set(w.sum())
            rate, decay, n = settings(hyper, t)
            g = problem.gradient(fixed.to_float(w, radix, dtype), hyper, t, draw)
            v, head = fixed.multiply(v, head, n)
            v = v - push(g, decay)
            move = step_of(v, rate)
            worst = jnp.maximum(worst, jnp.max(jnp.abs(w.astype(jnp.float64) + move)))
            worst = jnp.maximum(worst, jnp.max(jnp.abs(scale * g.astype(jnp.float64))))
            return _State(w + move.astype(jnp.int64), v, head), sums, worst

        return lax.fori_loop(begin, end, step, (state, sums, worst))

    @jax.jit
    def finish(w: jax.Array, hyper: Hyper) -> tuple[jax.Array, _Adjoint]:
        value, (dw, direct) = jax.value_and_grad(problem.outer, (0, 1))(w, hyper)
        rows = [jnp.zeros((problem.steps, *_by_group(problem, hyper[s]))) for s in problem_settings]
        return value, _Adjoint(dw, jnp.zeros_like(dw), direct, *rows)

    problem_settings = (STEP_SIZE, MOMENTUM)

    @jax.jit
    def backward(
        state: _State,
        adjoint: _Adjoint,
        differs: jax.Array,
        sums: jax.Array,
        hyper: Hyper,
        draw: jax.Array,
        begin: int,
        end: int,
    ) -> tuple[_State, _Adjoint, jax.Array]:
        dtype = adjoint.w.dtype

        def step(i: jax.Array, carry: Any) -> Any:
            (w, v, head), (dw, dv, dh, by_rate, by_decay), differs = carry
            t = end - 1 - (i - begin)
            rate, decay, n = settings(hyper, t)
            grouped = partial(_group_sums, problem)
            by_rate = by_rate.at[t].set(grouped(dw * (v.astype(jnp.float64) * unit), by_rate))
            w = w - step_of(v, rate).astype(jnp.int64)
            differs = jnp.where((w.sum() != sums[t]) & (differs < 0), t, differs)

            g, pull = jax.vjp(
                lambda w, h: problem.gradient(w, h, t, draw),
                fixed.to_float(w, radix, dtype),
                hyper,
            )
            v, head = fixed.divide(v + push(g, decay), head, n)
            dv = dv + rate.astype(dtype) * dw
            before = v.astype(jnp.float64) * unit + g
            by_decay = by_decay.at[t].set(grouped(dv * before, by_decay))
            curved, mixed = pull((1 - decay).astype(dtype) * dv)
            dw = dw - curved
            dh = jax.tree.map(jnp.subtract, dh, mixed)
            dv = decay.astype(dtype) * dv
            return _State(w, v, head), _Adjoint(dw, dv, dh, by_rate, by_decay), differs

        return lax.fori_loop(begin, end, step, (state, adjoint, differs))

    return forward, backward, start, finish


def _numerators(problem: Bilevel, hyper: Hyper) -> jax.Array:
    """Of the momentum at every step, shape (T,) or (T, G)."""
    values = hyper[MOMENTUM]
    if values.ndim == 0 or values.shape[0] != problem.steps:
        values = jnp.broadcast_to(values, (problem.steps, *values.shape))
    return fixed.numerators(values)


def _by_group(problem: Bilevel, values: jax.Array) -> tuple[int, ...]:
    """Shape of one step's derivative by a setting: () or (G,)."""
    by_step = values.ndim > 0 and values.shape[0] == problem.steps
    return values.shape[1:] if by_step else values.shape


def _group_sums(problem: Bilevel, values: jax.Array, rows: jax.Array) -> jax.Array:
    """``values``, shape (n,), summed as a row of ``rows`` wants it: in all, or by group."""
    if rows.ndim == 1:
        return values.sum()
    groups = problem.groups
    if (np.diff(groups) < 0).any():
        return jax.ops.segment_sum(values, jnp.asarray(groups), rows.shape[1])
    bounds = np.searchsorted(groups, np.arange(rows.shape[1] + 1))
    return jnp.stack([values[a:b].sum() for a, b in pairwise(bounds.tolist())])


def _gather(problem: Bilevel, adjoint: _Adjoint, hyper: Hyper, draw: jax.Array) -> Hyper:
    """The derivative by λ, with what came through the settings and the initial weights."""
    through = jax.vjp(lambda h: problem.initial(h, draw), hyper)[1](adjoint.w)[0]
    found = jax.tree.map(jnp.add, adjoint.hyper, through)
    for name, rows in ((STEP_SIZE, adjoint.step_size), (MOMENTUM, adjoint.momentum)):
        by_step = hyper[name].ndim > 0 and hyper[name].shape[0] == problem.steps
        found[name] = found[name] + (rows if by_step else rows.sum(axis=0)).astype(
            found[name].dtype
        )
    return found


def _dtype(problem: Bilevel, hyper: Hyper, draw: jax.Array) -> Any:
    return jax.eval_shape(problem.initial, hyper, draw).dtype


def _refuse_overflow(worst: float, radix: int) -> None:
    if not worst < fixed.LIMIT:
        raise RunError("gradient.overflow", limit=f"{2.0 ** (62 - radix):,.0f}")


def _check_return(state: _State, first: _State, differs: int) -> None:
    """The start must be reached again, bit for bit, and the buffer be empty."""
    same = all(bool((a == b).all()) for a, b in zip(state, first, strict=True))
    if not same or differs >= 0:
        raise RunError("gradient.not_reversed", step=differs if differs >= 0 else 0)
