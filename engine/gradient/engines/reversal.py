"""Exact reversal of SGD with momentum.

The training runs once, and is then run backwards, bit for bit, while the hypergradient is added up.
Only the digits that multiplying by the momentum loses are stored (`engine.gradient.fixed_point`): a
few bits per weight and step.

Both sweeps compute the gradient of a step at the same weights and must find the same bits. Compiled
as whole sweeps, they nearly always do; every backward sweep checks whether it did. Where the
compiler has turned the one expression into two different codes, the sweeps are repeated step by
step with the gradient from one compiled function: slower, but always exact.

Source: Maclaurin et al. 2015, section 2.1 with algorithms 1 and 2 (the sweeps), section 2.3 with
algorithm 3 (the digits).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import InputError, RunError
from engine.gradient import fixed_point as fixed
from engine.gradient.engines.base import (
    Cost,
    Differentiate,
    Engine,
    EngineCard,
    Hypergradient,
    TrainingSize,
)
from engine.gradient.late import jax, jit, jnp
from engine.gradient.spec.training_spec import TrainingSpec
from engine.gradient.sweeps import MOMENTUM, State, Sweeps

if TYPE_CHECKING:
    from engine.gradient.problem import Bilevel, Hyper, Names


@dataclass(frozen=True)
class Reversal(Engine):
    """Exact reversal of SGD with momentum, for many hyperparameters and long trainings.

    Attributes:
        compiled: whether to compile whole sweeps where that reverses exactly.
    """

    card = EngineCard(
        "reversal",
        "Exact reversal",
        exact=True,
        dynamics=("momentum",),
        order=10,
        suits="reversible",
    )
    refused_dynamics = "gradient.reversal_dynamics"

    compiled: bool = True

    def takes(self, size: TrainingSize) -> Cost:
        return Cost(size.weights * (4 + size.lost_bytes), 4.0)

    def planned_size(self, spec: TrainingSpec) -> TrainingSize:
        # log2(1 / γ) bits per weight and step (Maclaurin et al. 2015, section 2.3).
        decay = spec.start(MOMENTUM) if spec.dynamics == "momentum" else 1.0
        lost = -math.log2(max(decay, fixed.LOWEST)) * spec.steps / 8
        return super().planned_size(spec)._replace(lost_bytes=lost)

    def size(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> TrainingSize:
        lost = len(_spills(problem, hyper)) * fixed.SPILL_BITS / 8
        return super().size(problem, hyper, tuned)._replace(lost_bytes=lost)

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse a momentum that can't be divided by, and what every engine refuses.

        Args:
            problem: the training.
            hyper: λ at which to differentiate.
            tuned: names in λ to differentiate by.

        Raises:
            InputError: ``gradient.reversal_dynamics`` for other dynamics than SGD with momentum,
                ``gradient.reversal_momentum`` for a momentum outside [1/64, 1).
        """
        super().check(problem, hyper, tuned)
        momentum = np.asarray(hyper[MOMENTUM])
        low, high = float(momentum.min()), float(momentum.max())
        if not (low >= fixed.LOWEST and high < 1):  # NaN is neither
            found = high if low >= fixed.LOWEST else low
            raise InputError(
                "gradient.reversal_momentum", value=f"{found:.4g}", low=f"{fixed.LOWEST:.4g}"
            )

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        whole = Sweeps(problem, tuned, fixed.RADIX, compiled=True) if self.compiled else None
        stepwise = Sweeps(problem, tuned, fixed.RADIX, compiled=False)

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            nonlocal whole
            self.check(problem, hyper, tuned)
            if whole is not None:
                found, differs = _there_and_back(whole, problem, hyper, jnp.asarray(draw))
                if differs is None:
                    return found
                whole = None  # from now on step by step
            found, differs = _there_and_back(stepwise, problem, hyper, jnp.asarray(draw))
            if differs is not None:
                raise RunError("gradient.not_reversed", step=differs)
            return found

        return differentiate


def _there_and_back(
    sweeps: Sweeps, problem: Bilevel, hyper: Hyper, draw: jax.Array
) -> tuple[Hypergradient, int | None]:
    """Run both sweeps.

    Args:
        sweeps: compiled whole, or step by step.
        problem: the training.
        hyper: λ.
        draw: seed of the run.

    Returns:
        The hypergradient, and the start of the stretch in which the backward sweep differs from the
        forward one; None if it does not.

    Raises:
        RunError: ``gradient.overflow`` when numbers leave their range.
    """
    # Stretches end where the head is spilled: a compiled loop can't append to a list.
    cuts = [0, *_spills(problem, hyper), problem.steps]
    state = sweeps.start(hyper, draw)
    worst = jnp.zeros(())
    sums: list[int] = []
    spilled: list[jax.Array] = []
    for begin, end in pairwise(cuts):
        sums.append(int(_sum(state)))  # checked on the way back
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
    """Return the state with a shorter head, and append its low bits to ``spilled``."""
    head, low = fixed.spill(state.head)
    spilled.append(low)
    return state._replace(head=head)


@jit
def _sum(state: State) -> jax.Array:
    return state.w.sum() + state.v.sum()


@jit
def _same(state: State, first: State) -> jax.Array:
    """Whether the start is reached again, bit for bit, with an empty buffer."""
    return jnp.stack([(a == b).all() for a, b in zip(state, first, strict=True)]).all()


def _spills(problem: Bilevel, hyper: Hyper) -> list[int]:
    """The steps before which the buffer's head is spilled."""
    values = np.asarray(hyper[MOMENTUM])
    if values.ndim == 0 or values.shape[0] != problem.steps:
        values = np.broadcast_to(values, (problem.steps, *values.shape))
    return np.flatnonzero(np.asarray(_when(jnp.asarray(values)))).tolist()


@jit
def _when(momentum: jax.Array) -> jax.Array:
    return fixed.spills(fixed.numerators(momentum))
