"""Exact reversal of SGD with momentum (Maclaurin et al. 2015, algorithm 2).

The training runs once; then it is run backwards, bit for bit, with the hypergradient gathered on
the way. Nothing of the way is kept but the digits that multiplying by the momentum loses
(`engine.gradient.fixed_point`): a few bits a weight and step.

Both sweeps compute the gradient of a step at the same weights and must find the same bits. Compiled
as whole sweeps, they nearly always do; whether they did is checked in every sweep. Where the
compiler has made two things of the one expression, the sweeps are done again step by step, with
the gradient from one compiled function: slower, and sure.
"""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from engine.errors import InputError, RunError
from engine.gradient import fixed_point as fixed
from engine.gradient.dynamics import Momentum
from engine.gradient.engines.base import Differentiate, Engine
from engine.gradient.engines.sweeps import State, Sweeps
from engine.gradient.problem import Bilevel, Hyper, Hypergradient, Names
from engine.tuners.hyper.engines import Figures

_, MOMENTUM = Momentum.settings


class Reversal(Engine):
    """Exact reversal.

    Args:
        radix: bits after the point of the fixed-point numbers. 52 allows values up to 1,024, 44 up
            to 262,144.
        compiled: whether whole sweeps are compiled where that reverses exactly.
    """

    id = "reversal"
    exact = True

    def __init__(self, radix: int = fixed.RADIX, *, compiled: bool = True) -> None:
        self._radix = radix
        self._compiled = compiled

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Raises:
        InputError: ``gradient.reversal_dynamics`` for other dynamics than SGD with momentum,
            ``gradient.reversal_momentum`` for a momentum outside [1/64, 1).
        """
        if not isinstance(problem.dynamics, Momentum):
            raise InputError("gradient.reversal_dynamics", field="method.dynamics")
        momentum = np.asarray(hyper[MOMENTUM])
        low, high = float(momentum.min()), float(momentum.max())
        if not (low >= fixed.LOWEST and high < 1):  # NaN is neither
            found = high if low >= fixed.LOWEST else low
            raise InputError(
                "gradient.reversal_momentum", value=f"{found:.4g}", low=f"{fixed.LOWEST:.4g}"
            )
        super().check(problem, hyper, tuned)

    def figures(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Figures:
        spilled = len(_spills(problem, hyper)) * fixed.SPILL_BITS / 8
        return super().figures(problem, hyper, tuned)._replace(spilled=spilled)

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        whole = Sweeps(problem, tuned, self._radix, compiled=True) if self._compiled else None
        stepwise = Sweeps(problem, tuned, self._radix, compiled=False)

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            nonlocal whole
            self.check(problem, hyper, tuned)
            if whole is not None:
                found, differs = _there_and_back(whole, problem, hyper, jnp.asarray(draw))
                if differs is None:
                    return found
                whole = None
            found, differs = _there_and_back(stepwise, problem, hyper, jnp.asarray(draw))
            if differs is not None:
                raise RunError("gradient.not_reversed", step=differs)
            return found

        return differentiate


def _there_and_back(
    sweeps: Sweeps, problem: Bilevel, hyper: Hyper, draw: jax.Array
) -> tuple[Hypergradient, int | None]:
    """The hypergradient, and a step at or after which the way back differs, if it does.

    Raises:
        RunError: ``gradient.overflow`` when numbers leave their range.
    """
    cuts = [0, *_spills(problem, hyper), problem.steps]
    state = sweeps.start(hyper, draw)
    worst = jnp.zeros(())
    sums: list[int] = []
    spilled: list[jax.Array] = []
    for begin, end in pairwise(cuts):
        sums.append(int(_sum(state)))
        if begin:
            state = _spill(state, spilled)
        state, worst = sweeps.forward(state, worst, hyper, draw, begin, end)
    if not float(worst) < fixed.LIMIT:
        raise RunError("gradient.overflow", limit=f"{2.0 ** (62 - sweeps.radix):,.0f}")
    stored = state.head.nbytes + sum(low.nbytes for low in spilled)

    value, w, adjoint = sweeps.turn(state, hyper, draw)
    at_end = float(jnp.linalg.norm(adjoint.w))
    differs = None
    for begin, end in reversed([*pairwise(cuts)]):
        state, adjoint = sweeps.backward(state, adjoint, hyper, draw, begin, end)
        if begin:
            state = state._replace(head=fixed.unspill(state.head, spilled.pop()))
        if differs is None and int(_sum(state)) != sums.pop():
            differs = begin
    found = Hypergradient(
        value=float(value),
        gradient=sweeps.gather(adjoint, hyper, draw),
        weights=w,
        figures={
            "stored_bytes": float(stored),
            "growth": float(jnp.linalg.norm(adjoint.w)) / max(at_end, 1e-300),
            "stepwise": float(not sweeps.compiled),
        },
    )
    if differs is None and not bool(_same(state, sweeps.start(hyper, draw))):
        differs = 0
    return found, differs


def _spill(state: State, spilled: list[jax.Array]) -> State:
    """The state with a shorter head; what it leaves goes to ``spilled``."""
    head, low = fixed.spill(state.head)
    spilled.append(low)
    return state._replace(head=head)


@jax.jit
def _sum(state: State) -> jax.Array:
    return state.w.sum() + state.v.sum()


@jax.jit
def _same(state: State, first: State) -> jax.Array:
    """The start must be reached again, bit for bit, and the buffer be empty."""
    return jnp.stack([(a == b).all() for a, b in zip(state, first, strict=True)]).all()


def _spills(problem: Bilevel, hyper: Hyper) -> list[int]:
    """Before which steps to spill."""
    values = np.asarray(hyper[MOMENTUM])
    if values.ndim == 0 or values.shape[0] != problem.steps:
        values = np.broadcast_to(values, (problem.steps, *values.shape))
    return np.flatnonzero(np.asarray(_when(values))).tolist()


@jax.jit
def _when(momentum: jax.Array) -> jax.Array:
    return fixed.spills(fixed.numerators(momentum))
