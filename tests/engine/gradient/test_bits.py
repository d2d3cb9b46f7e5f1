"""The two sweeps of exact reversal taken by hand, so that what is kept between them can be looked
at and tampered with (algorithms.md 1.6, tests 2, 3, 5, 6 and 10)."""

from __future__ import annotations

import gc
import math
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import engine.gradient.wide  # noqa: F401
from engine.errors import RunError
from engine.gradient import fixed_point as fixed
from engine.gradient.dynamics import Momentum
from engine.gradient.engines.reversal import Reversal
from engine.gradient.problem import Bilevel, Hyper
from engine.gradient.sweeps import State, Sweeps

GROUPS = np.array([0, 0, 0, 1, 1])
SEED = jnp.asarray(0)


def bowl(steps: int) -> Bilevel:
    """A bent bowl whose slope differs from step to step; weights in two groups."""
    stretch = jnp.asarray([0.3, 1.0, 3.0, 0.7, 2.0])

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        return (stretch * (w - jnp.sin(0.7 * t)) ** 2).sum() + jnp.cos(w).sum()

    return Bilevel(
        lambda hyper, draw: hyper["start"],
        inner,
        lambda w, hyper: (w**2).sum(),
        Momentum(),
        steps,
        GROUPS,
        ("a", "b"),
    )


def around(schedule: str, steps: int, momentum: float) -> Hyper:
    """Settings near a momentum, as finely as ``schedule`` says."""
    shapes = {"scalar": (), "steps": (steps,), "groups": (2,), "both": (steps, 2)}
    rng = np.random.default_rng(2)
    near = momentum + (1 - momentum) * 0.3 * rng.uniform(-1, 1, shapes[schedule])
    return {
        "start": jnp.asarray([1.0, -2.0, 0.5, 3.0, -0.1]),
        "step_size": jnp.asarray(0.1 * rng.uniform(0.5, 1.5, shapes[schedule])),
        "momentum": jnp.asarray(near if shapes[schedule] else momentum),
    }


class Way:
    """There and back again.

    Attributes:
        first, last, back: the state before the first step, after the last, and after the way back.
        full: the last head and what was spilled, which nothing has popped yet.
        left: pieces still spilled after the way back.
    """

    def __init__(self, problem: Bilevel, hyper: Hyper) -> None:
        self.sweeps = sweeps = Sweeps(problem, ("start",), fixed.RADIX, compiled=True)
        momentum = hyper["momentum"]
        if momentum.ndim == 0 or momentum.shape[0] != problem.steps:
            momentum = jnp.broadcast_to(momentum, (problem.steps, *momentum.shape))
        when = np.flatnonzero(np.asarray(fixed.spills(fixed.numerators(momentum)))).tolist()
        cuts = [0, *when, problem.steps]
        state = self.first = sweeps.start(hyper, SEED)
        spilled, worst = [], jnp.zeros(())
        for begin, end in pairwise(cuts):
            if begin:
                head, low = fixed.spill(state.head)
                state = state._replace(head=head)
                spilled.append(low)
            state, worst = sweeps.forward(state, worst, hyper, SEED, begin, end)
        self.last, self.full = state, (np.asarray(state.head), [np.asarray(s) for s in spilled])
        _, _, adjoint = sweeps.turn(state, hyper, SEED)
        for begin, end in reversed([*pairwise(cuts)]):
            state, adjoint = sweeps.backward(state, adjoint, hyper, SEED, begin, end)
            if begin:
                state = state._replace(head=fixed.unspill(state.head, spilled.pop()))
        self.back, self.adjoint, self.left = state, adjoint, len(spilled)

    def bits(self) -> list[int]:
        """Of the whole buffer of each weight."""
        head, spilled = self.full
        whole = [int(h) for h in head]
        for low in reversed(spilled):
            whole = [(i << fixed.SPILL_BITS) | int(b) for i, b in zip(whole, low, strict=True)]
        return [i.bit_length() for i in whole]


def equal(a: State, b: State) -> bool:
    return all(bool((x == y).all()) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("schedule", "steps", "momentum"),
    [
        ("scalar", 1, 0.9),
        ("both", 10, 0.5),
        ("scalar", 1000, 0.3),
        ("steps", 1000, 0.3),
        ("groups", 1000, 0.98),
        ("both", 10_000, 0.999),
    ],
)
def test_the_way_back_ends_where_the_way_began(schedule: str, steps: int, momentum: float) -> None:
    way = Way(bowl(steps), around(schedule, steps, momentum))
    assert not (way.last.w == way.first.w).any()
    assert way.full[0].any() == (steps > 1)  # of a velocity of zero nothing is lost
    assert equal(way.back, way.first)
    assert not way.back.head.any()
    assert way.left == 0


@pytest.mark.slow
@pytest.mark.parametrize("momentum", [0.3, 0.9, 0.98, 0.999])
@pytest.mark.parametrize("schedule", ["scalar", "steps", "groups", "both"])
def test_so_it_does_after_ten_thousand_steps(schedule: str, momentum: float) -> None:
    way = Way(bowl(10_000), around(schedule, 10_000, momentum))
    assert equal(way.back, way.first)
    assert not way.back.head.any()
    assert way.left == 0


@pytest.mark.parametrize(("momentum", "steps"), [(0.5, 1000), (0.9, 1000), (0.98, 4000)])
def test_the_buffer_holds_the_bits_that_are_lost_and_no_more(momentum: float, steps: int) -> None:
    bits = Way(bowl(steps), around("scalar", steps, momentum)).bits()
    n = int(fixed.numerators(jnp.asarray(momentum)))
    lost = math.log2(fixed.DENOMINATOR / n)
    # A whole number of bits holds up to one bit less; the first steps of all lose nothing.
    assert np.mean(bits) / steps == pytest.approx(lost, rel=0.02)


def test_a_single_bit_that_is_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, hyper = bowl(300), around("scalar", 300, 0.5)
    sound, calls = fixed.unspill, []

    def worn(head: jax.Array, low: jax.Array) -> jax.Array:
        calls.append(low)
        return sound(head, low ^ jnp.uint8(1) if len(calls) % 5 == 3 else low)

    monkeypatch.setattr(fixed, "unspill", worn)
    with pytest.raises(RunError, match="way back differs"):
        Reversal().prepare(problem, ("start",))(hyper, 0)
    assert len(calls) > 10


def test_weights_and_velocity_have_the_derivatives_of_the_unrolled_training() -> None:
    problem, hyper = bowl(50), around("scalar", 50, 0.9)
    applied = fixed.numerators(hyper["momentum"]) / fixed.DENOMINATOR

    def loss(w: jax.Array, v: jax.Array) -> jax.Array:
        exact = {**hyper, "momentum": applied}

        def step(state: Any, t: jax.Array) -> Any:
            return problem.step(state, exact, t, SEED), None

        return problem.end(lax.scan(step, (w, v), jnp.arange(50))[0], exact)

    by_w, by_v = jax.jit(jax.grad(loss, (0, 1)))(hyper["start"], jnp.zeros(5))
    adjoint = Way(problem, hyper).adjoint
    for found, expected in ((adjoint.w, by_w), (adjoint.v, by_v)):
        assert jnp.linalg.norm(found - expected) <= 1e-6 * jnp.linalg.norm(expected)


def test_two_ways_keep_the_same_bytes() -> None:
    first, second = (Way(bowl(300), around("both", 300, 0.6)) for _ in range(2))
    assert equal(first.last, second.last)
    assert (first.full[0] == second.full[0]).all()
    assert len(first.full[1]) > 0
    for a, b in zip(first.full[1], second.full[1], strict=True):
        assert (a == b).all()


def test_two_hundred_products_are_undone_and_are_near_those_of_plain_numbers() -> None:
    rng = np.random.default_rng(0)
    multiply, divide = jax.jit(fixed.multiply), jax.jit(fixed.divide)
    multipliers = rng.uniform(fixed.LOWEST, 1, 200)
    n = fixed.numerators(jnp.asarray(multipliers))
    first = fixed.to_integer(jnp.asarray(rng.normal(size=7)), fixed.RADIX)
    c, head, spilled = first, jnp.zeros(7, jnp.uint32), []
    for now, by, multiplier in zip(np.asarray(fixed.spills(n)), n, multipliers, strict=True):
        if now:
            head, low = fixed.spill(head)
            spilled.append(low)
        before = np.asarray(c, np.float64)
        c, head = multiply(c, head, by)
        noise = 2.0**fixed.DENOMINATOR_BITS  # digits of the buffer
        assert np.allclose(c, multiplier * before, rtol=1e-3, atol=noise)
    for now, by in reversed([*zip(np.asarray(fixed.spills(n)), n, strict=True)]):
        c, head = divide(c, head, by)
        if now:
            head = fixed.unspill(head, spilled.pop())
    assert (c == first).all()
    assert not head.any()


def test_nothing_but_the_buffer_lives_between_the_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    # Weights and velocities, which training itself needs, aside.
    found, turn = [], Sweeps.turn
    problem, hyper = bowl(1000), around("scalar", 1000, 0.9)
    differentiate = Reversal().prepare(problem, ("start",))
    differentiate(hyper, 0)

    def living() -> int:
        gc.collect()
        return sum(array.nbytes for array in jax.live_arrays() if array.shape == GROUPS.shape)

    def watched(self: Sweeps, state: State, *rest: Any) -> Any:
        found.append(living() - before - state.w.nbytes - state.v.nbytes)
        return turn(self, state, *rest)

    monkeypatch.setattr(Sweeps, "turn", watched)
    before = living()
    stored = differentiate(hyper, 0).figures["stored_bytes"]
    assert found == [stored]
    assert 4 * GROUPS.size * 1000 / found[0] >= 150
