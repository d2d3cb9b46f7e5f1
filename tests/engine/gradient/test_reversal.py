"""Exact reversal (algorithms.md 1.6, tests 3 to 10)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import engine.gradient.wide  # noqa: F401
from engine.errors import InputError, RunError
from engine.gradient import fixed_point as fixed
from engine.gradient.dynamics import Adam, Dynamics, Momentum
from engine.gradient.engines.reversal import Reversal
from engine.gradient.problem import Bilevel, Hyper

ROWS, INPUTS, HIDDEN, BATCH = 60, 4, 6, 20
SHAPES = ((INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,))
GROUPS = np.concatenate([np.full(math.prod(s), i) for i, s in enumerate(SHAPES)])


def network(steps: int, dynamics: Dynamics | None = None, dtype: Any = jnp.float64) -> Bilevel:
    """A small network with weighted examples, an L2 penalty a weight and a scale a layer."""
    rng = np.random.default_rng(1)
    x = jnp.asarray(rng.normal(size=(ROWS, INPUTS)), dtype)
    y = jnp.sin(x.sum(axis=1))

    def predict(w: jax.Array, x: jax.Array) -> jax.Array:
        cuts = np.cumsum([math.prod(s) for s in SHAPES])[:-1].tolist()
        a, b, c, d = (p.reshape(s) for p, s in zip(jnp.split(w, cuts), SHAPES, strict=True))
        return (jnp.tanh(x @ a + b) @ c + d)[:, 0]

    def rows(t: jax.Array, draw: jax.Array) -> jax.Array:
        key = jax.random.fold_in(jax.random.key(draw), t)
        return jax.random.randint(key, (BATCH,), 0, ROWS // 2)

    def initial(hyper: Hyper, draw: jax.Array) -> jax.Array:
        drawn = jax.random.normal(jax.random.key(draw + 1), GROUPS.shape, dtype)
        return jnp.exp(hyper["log_scale"])[GROUPS] * drawn

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        chosen = rows(t, draw)
        weights = jax.nn.sigmoid(hyper["examples"][chosen])
        penalty = 0.5 * (jnp.exp(hyper["log_l2"]) * w * w).sum()
        return (weights * (predict(w, x[chosen]) - y[chosen]) ** 2).mean() + penalty

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return ((predict(w, x[ROWS // 2 :]) - y[ROWS // 2 :]) ** 2).mean()

    return Bilevel(initial, inner, outer, dynamics or Momentum(), steps, GROUPS)


def hyperparameters(
    steps: int, step_size: Any = 0.1, momentum: Any = 0.9, dtype: Any = jnp.float64
) -> Hyper:
    named = {
        "step_size": step_size,
        "momentum": momentum,
        "log_scale": np.full(len(SHAPES), -1.0),
        "log_l2": np.full(GROUPS.size, -5.0),
        "examples": np.zeros(ROWS // 2),
    }
    return {name: jnp.asarray(value, dtype) for name, value in named.items()}


def rounded(momentum: Any) -> Any:
    """The momentum that is really applied."""
    return np.asarray(fixed.numerators(jnp.asarray(momentum))) / fixed.DENOMINATOR


def by_autodiff(problem: Bilevel, draw: int) -> Callable[[Hyper], tuple[jax.Array, Hyper]]:
    def loss(hyper: Hyper) -> jax.Array:
        seed = jnp.asarray(draw)

        def step(state: Any, t: jax.Array) -> Any:
            return problem.step(state, hyper, t, seed), None

        start = problem.begin(hyper, seed)
        return problem.end(lax.scan(step, start, jnp.arange(problem.steps))[0], hyper)

    return jax.jit(jax.value_and_grad(loss))


ALL = tuple(hyperparameters(1))

SCHEDULES = {
    "scalar": lambda t: (0.1, 0.9),
    "steps": lambda t: (np.linspace(0.2, 0.02, t), np.linspace(0.3, 0.999, t)),
    "groups": lambda t: (np.array([0.1, 0.2, 0.05, 0.1]), np.array([0.9, 0.5, 0.98, 0.3])),
    "both": lambda t: (
        np.linspace(0.2, 0.02, 4 * t).reshape(t, 4),
        np.linspace(0.3, 0.98, 4 * t).reshape(t, 4),
    ),
}


@pytest.mark.parametrize(
    ("schedule", "steps"),
    [
        ("both", 1),
        ("scalar", 60),
        ("both", 60),
        *(
            pytest.param(schedule, steps, marks=pytest.mark.slow)
            for steps in (1, 60)
            for schedule in ("scalar", "steps", "groups")
            if (schedule, steps) != ("scalar", 60)
        ),
    ],
)
def test_the_hypergradient_is_that_of_the_unrolled_training(schedule: str, steps: int) -> None:
    step_size, momentum = SCHEDULES[schedule](steps)
    problem = network(steps)
    hyper = hyperparameters(steps, step_size, rounded(momentum) - 1e-9)
    found = Reversal().prepare(problem, ALL)(hyper, 3)
    value, gradient = by_autodiff(problem, 3)({**hyper, "momentum": jnp.asarray(rounded(momentum))})
    assert found.value == pytest.approx(float(value), rel=1e-8)
    for name, expected in gradient.items():
        error = jnp.linalg.norm(found.gradient[name] - expected)
        assert error <= 1e-6 * jnp.linalg.norm(expected), name
        assert found.gradient[name].shape == hyper[name].shape


@pytest.mark.parametrize("momentum", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_a_thousand_steps_are_gone_back_bit_for_bit(momentum: float, dtype: Any) -> None:
    # `Reversal` raises when the start or an empty buffer is not reached again.
    hyper = hyperparameters(1000, 0.1, momentum, dtype)
    found = Reversal().prepare(network(1000, dtype=dtype), ALL)(hyper, 0)
    assert math.isfinite(found.value)


@pytest.mark.parametrize("dtype", [jnp.float32, pytest.param(jnp.float64, marks=pytest.mark.slow)])
def test_step_by_step_is_the_same_sweep(dtype: Any) -> None:
    problem, hyper = network(100, dtype=dtype), hyperparameters(100, dtype=dtype)
    whole = Reversal().prepare(problem, ALL)(hyper, 0)
    stepwise = Reversal(compiled=False).prepare(problem, ALL)(hyper, 0)
    assert stepwise.figures["stepwise"] == 1
    tolerance = 1e-4 if dtype == jnp.float32 else 1e-9
    assert stepwise.value == pytest.approx(whole.value, rel=tolerance)
    for name, gradient in stepwise.gradient.items():
        error = jnp.linalg.norm(gradient - whole.gradient[name])
        assert error <= tolerance * jnp.linalg.norm(gradient), name


def test_the_same_way_back_in_floating_point_misses_the_start() -> None:
    problem, seed = network(1000), jnp.asarray(0)
    hyper = hyperparameters(1000)
    start = problem.begin(hyper, seed)
    state = start
    step = jax.jit(lambda state, t: problem.step(state, hyper, t, seed))

    @jax.jit
    def back(state: Any, t: jax.Array) -> Any:
        w, v = state
        w = w - 0.1 * v
        return w, (v + 0.1 * problem.gradient(w, hyper, t, seed)) / 0.9

    for t in range(1000):
        state = step(state, t)
    for t in reversed(range(1000)):
        state = back(state, t)
    assert not (state[0] == start[0]).all()


@pytest.mark.parametrize(("momentum", "least"), [(0.9, 150), (0.98, 700)])
def test_little_is_stored(momentum: float, least: float) -> None:
    hyper = hyperparameters(1000, 0.1, momentum)
    found = Reversal().prepare(network(1000), ALL)(hyper, 0)
    stored = found.figures["stored_bytes"]
    assert stored == Reversal().cost(network(1000), hyper, ALL).stored_bytes
    assert 4 * GROUPS.size * 1000 / stored >= least


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.98])
def test_the_buffer_grows_by_the_digits_that_are_lost(momentum: float) -> None:
    steps = 4000
    n = fixed.numerators(jnp.full(steps, momentum))
    bits = fixed.SPILL_BITS * int(fixed.spills(n).sum())
    law = steps * math.log2(fixed.DENOMINATOR / int(n[0]))
    # The rest is in the head; a bound that holds for every element is a few bits above the law.
    assert law - 32 <= bits <= law + 16


def test_two_runs_agree_to_the_bit() -> None:
    differentiate = Reversal().prepare(network(50), ALL)
    first, second = (differentiate(hyperparameters(50), 7) for _ in range(2))
    assert (first.weights == second.weights).all()
    assert all((first.gradient[k] == second.gradient[k]).all() for k in first.gradient)
    assert not (differentiate(hyperparameters(50), 8).weights == first.weights).all()


def test_weights_beyond_the_range_are_an_error_and_do_not_wrap() -> None:
    with pytest.raises(RunError, match="step size"):
        Reversal().prepare(network(200), ALL)(hyperparameters(200, 1e6), 0)


def test_other_dynamics_are_refused() -> None:
    with pytest.raises(InputError, match="momentum"):
        Reversal().prepare(network(5, Adam()), ALL)(hyperparameters(5), 0)


@pytest.mark.parametrize("momentum", [0.0, 0.01, 1.0, math.nan])
def test_a_momentum_that_can_not_be_divided_by_is_refused(momentum: float) -> None:
    with pytest.raises(InputError, match="divides by the momentum"):
        Reversal().prepare(network(5), ALL)(hyperparameters(5, 0.1, momentum), 0)
