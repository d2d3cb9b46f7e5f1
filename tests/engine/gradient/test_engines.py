"""The hypergradient engines on problems whose hypergradients are known (algorithms.md 3.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_diabetes

import engine.gradient.wide  # noqa: F401
from engine.errors import InputError
from engine.gradient.dynamics import DYNAMICS, Adam, Dynamics, GradientDescent
from engine.gradient.engines import ENGINES
from engine.gradient.engines.implicit import (
    ConjugateGradients,
    FixedPoint,
    Implicit,
    Neumann,
    conjugate_gradients,
)
from engine.gradient.engines.unrolled import Truncated
from engine.gradient.problem import Bilevel, Hyper

A = jnp.asarray([0.0, -1.0, 12.0, 18.0])
B = jnp.asarray([0.1, -1.1, 12.1, 18.1])
START = jnp.asarray([1.0, 2.0, -1.0, -5.0])
E = jnp.asarray([3.0, 1.1, 1.0, 0.1])
EXACT = np.array([0, 0.28290681, 36.6, 51.66040571])
"""2 (w* - b) (-a / (1 + e)^2) with w* = a / (1 + e)."""

SETTINGS = {
    "gd": {"step_size": 0.1},
    "momentum": {"step_size": 0.2, "momentum": 0.9},
    "adam": {"step_size": 0.1, "beta1": 0.9, "beta2": 0.99},
}
UNROLLING = ("unrolled", "checkpointed", "forward")
IMPLICIT = ("implicit_cg", "neumann", "fixed_point")


def toy(steps: int, dynamics: Dynamics | None = None) -> Bilevel:
    """FAR-HO's own: L = Σ e w^2 + (w - a)^2, E = Σ (w - b)^2; e is tuned."""

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        return (hyper["e"] * w**2 + (w - A) ** 2).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return ((w - B) ** 2).sum()

    def initial(hyper: Hyper, draw: jax.Array) -> jax.Array:
        return hyper["start"]

    groups = np.zeros(4, dtype=int)
    return Bilevel(initial, inner, outer, dynamics or GradientDescent(), steps, groups)


def toy_hyper(dynamics: str = "gd") -> Hyper:
    settings = {name: jnp.asarray(value) for name, value in SETTINGS[dynamics].items()}
    return {"e": E, "start": START, **settings}


def relative(found: Any, expected: Any) -> float:
    return float(jnp.linalg.norm(found - expected) / jnp.linalg.norm(expected))


@pytest.mark.parametrize("engine", UNROLLING)
def test_the_toy_reaches_its_closed_form(engine: str) -> None:
    found = ENGINES[engine]().prepare(toy(100), ("e",))(toy_hyper(), 0)
    assert relative(found.gradient["e"], EXACT) <= 1e-8


def test_the_error_of_the_toy_falls_with_the_steps() -> None:
    errors = [
        relative(ENGINES["unrolled"]().prepare(toy(t), ("e",))(toy_hyper(), 0).gradient["e"], EXACT)
        for t in (1, 50, 100)
    ]
    assert errors[0] > 1
    assert errors[1] < 1e-4
    assert errors[2] < 1e-8


@pytest.mark.parametrize("engine", IMPLICIT)
def test_implicit_engines_reach_the_closed_form_at_the_minimum(engine: str) -> None:
    found = ENGINES[engine](1000).prepare(toy(400), ("e",))(toy_hyper(), 0)
    assert relative(found.gradient["e"], EXACT) <= 1e-8
    assert found.figures["residual"] <= 1e-8
    assert found.figures["inner_gradient"] <= 1e-10


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_forward_and_reverse_agree(dynamics: str) -> None:
    problem, hyper = toy(20, DYNAMICS[dynamics]), toy_hyper(dynamics)
    tuned = tuple(hyper)
    found = {name: ENGINES[name]().prepare(problem, tuned)(hyper, 0) for name in UNROLLING}
    for other in ("checkpointed", "forward"):
        assert found[other].value == pytest.approx(found["unrolled"].value, rel=1e-13)
        for name in tuned:
            assert found[other].gradient[name].shape == hyper[name].shape
            error = relative(found[other].gradient[name], found["unrolled"].gradient[name])
            assert error <= 1e-12, (other, name)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_hypergradients_are_the_slopes_of_the_outer_loss(dynamics: str) -> None:
    problem, hyper = toy(30, DYNAMICS[dynamics]), toy_hyper(dynamics)
    differentiate = ENGINES["unrolled"]().prepare(problem, tuple(hyper))
    gradient = differentiate(hyper, 0).gradient
    for name, values in hyper.items():
        step = 1e-6
        for index in np.ndindex(values.shape):
            there, back = (
                differentiate({**hyper, name: values.at[index].add(sign * step)}, 0).value
                for sign in (1, -1)
            )
            slope = (there - back) / (2 * step)
            assert float(gradient[name][index]) == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_adam_has_a_hypergradient_where_a_gradient_is_zero() -> None:
    # The first weight starts, and stays, at the minimum of its loss.
    hyper = {**toy_hyper("adam"), "start": START.at[0].set(0.0)}
    found = ENGINES["unrolled"]().prepare(toy(20, Adam()), tuple(hyper))(hyper, 0)
    assert all(np.isfinite(values).all() for values in found.gradient.values())


def test_a_truncation_as_long_as_the_training_is_none() -> None:
    hyper = toy_hyper()
    whole = ENGINES["unrolled"]().prepare(toy(40), tuple(hyper))(hyper, 0)
    same = Truncated(40).prepare(toy(40), tuple(hyper))(hyper, 0)
    for name in hyper:
        assert relative(same.gradient[name], whole.gradient[name]) <= 1e-14
    short = Truncated(5).prepare(toy(40), tuple(hyper))(hyper, 0)
    assert not short.gradient["start"].any()
    assert relative(short.gradient["e"], whole.gradient["e"]) > 1e-3


def test_a_truncation_is_exact_for_what_acts_in_its_window_only() -> None:
    steps = 40
    hyper = {**toy_hyper(), "step_size": jnp.full(steps, 0.1)}
    whole = ENGINES["unrolled"]().prepare(toy(steps), ("step_size",))(hyper, 0)
    short = Truncated(10).prepare(toy(steps), ("step_size",))(hyper, 0)
    found, expected = short.gradient["step_size"], whole.gradient["step_size"]
    assert relative(found[-10:], expected[-10:]) <= 1e-12
    assert not found[:-10].any()


class Ridge(NamedTuple):
    """Ridge regression: the problem by its steps, where to differentiate, the exact hypergradient,
    the rate at which a step contracts, and the solution."""

    problem: Callable[[int], Bilevel]
    hyper: Hyper
    exact: float
    contraction: float
    minimum: jax.Array


@pytest.fixture(scope="module")
def ridge() -> Ridge:
    """Of diabetes."""
    x, y = load_diabetes(return_X_y=True)
    x, y = (x - x.mean(axis=0)) / x.std(axis=0), (y - y.mean()) / y.std()
    a, b, c, d = x[:220], y[:220], x[220:], y[220:]
    penalty = 0.1
    h = a.T @ a / 220 + penalty * np.eye(10)
    w = np.linalg.solve(h, a.T @ b / 220)
    exact = float(-(c.T @ (c @ w - d) / 222) @ np.linalg.solve(h, w) * penalty)
    low, high = np.linalg.eigvalsh(h)[[0, -1]]
    rate = 2 / (low + high)

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        squared = ((a @ w - b) ** 2).sum() / 440
        return squared + 0.5 * jnp.exp(hyper["log_l2"]) * (w**2).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return ((c @ w - d) ** 2).sum() / 444

    def initial(hyper: Hyper, draw: jax.Array) -> jax.Array:
        return hyper["start"]

    def problem(steps: int) -> Bilevel:
        groups = np.zeros(10, dtype=int)
        return Bilevel(initial, inner, outer, GradientDescent(), steps, groups)

    hyper = {
        "log_l2": jnp.log(jnp.asarray(penalty)),
        "step_size": jnp.asarray(rate),
        "start": jnp.zeros(10),
    }
    return Ridge(problem, hyper, exact, 1 - rate * low, jnp.asarray(w))


@pytest.mark.parametrize("steps", [200, 400])
def test_unrolled_ridge_keeps_its_bound(ridge: Ridge, steps: int) -> None:
    problem, hyper, exact, contraction, _ = ridge
    found = ENGINES["unrolled"]().prepare(problem(steps), ("log_l2",))(hyper, 0)
    error = abs(float(found.gradient["log_l2"]) / exact - 1)
    assert error <= 10 * steps * contraction**steps


def test_conjugate_gradients_need_few_steps_on_ridge(ridge: Ridge) -> None:
    problem, hyper, exact, *_ = ridge

    def error(iterations: int) -> float:
        engine = ConjugateGradients(iterations)
        found = engine.prepare(problem(400), ("log_l2",))(hyper, 0)
        return abs(float(found.gradient["log_l2"]) / exact - 1)

    assert error(10) <= 1e-6
    assert error(5) > 1e-3


def test_steps_in_two_sittings_are_steps_in_one() -> None:
    problem, hyper = toy(30, DYNAMICS["momentum"]), toy_hyper("momentum")
    seed = jnp.asarray(0)
    state = problem.begin(hyper, seed)
    for t in range(30):
        state = problem.step(state, hyper, jnp.asarray(t), seed)
    whole = ENGINES["unrolled"]().prepare(problem, ("e",))(hyper, 0)
    assert relative(whole.weights, state[0]) <= 1e-14


@pytest.mark.parametrize("engine", [Neumann, FixedPoint])
def test_short_of_a_minimum_the_series_ends_where_it_is_nearest(engine: type[Implicit]) -> None:
    """With a negative eigenvalue the whole series diverges, and its best part is worth having."""
    h, right = jnp.asarray([4.0, 3.0, 2.0, 1.0, -0.1]), jnp.ones(5)

    def residual(iterations: int) -> float:
        q = engine.solve(lambda v: h * v, right, iterations, 1e-10)
        return relative(h * q, right)

    assert residual(500) == residual(50) < 0.53
    assert residual(50) < residual(3)
    q = conjugate_gradients(lambda v: h * v, right, 50, 1e-10)
    assert relative(h * q, right) < 1e-9


@pytest.mark.parametrize("engine", IMPLICIT)
@pytest.mark.parametrize("name", ["step_size", "start"])
def test_implicit_engines_refuse_what_acts_on_the_way(engine: str, name: str) -> None:
    with pytest.raises(InputError, match=f"can't tune {name}"):
        ENGINES[engine]().prepare(toy(10), ("e", name))(toy_hyper(), 0)


def test_forward_mode_refuses_many_hyperparameters() -> None:
    hyper = {**toy_hyper(), "many": jnp.zeros(1000)}
    with pytest.raises(InputError, match="1,000 hyperparameters"):
        ENGINES["forward"]().prepare(toy(10), ("many",))(hyper, 0)


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1"):
        Truncated(0).prepare(toy(10), ("e",))(toy_hyper(), 0)


def test_costs_tell_the_engines_apart() -> None:
    def cost(engine: str, steps: int) -> float:
        hyper = {**toy_hyper("momentum"), "momentum": jnp.asarray(0.9)}
        problem = toy(steps, DYNAMICS["momentum"])
        return ENGINES[engine]().cost(problem, hyper, ("e",)).stored_bytes

    assert cost("reversal", 1000) < cost("checkpointed", 1000) < cost("unrolled", 1000)
    for constant in ("forward", "truncated", *IMPLICIT):
        assert cost(constant, 1000) == cost(constant, 100)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_they_are_the_derivative_of_the_loop_written_out(dynamics: str) -> None:
    hyper, problem = toy_hyper(dynamics), toy(8, DYNAMICS[dynamics])

    def loss(hyper: Hyper) -> jax.Array:
        state = problem.begin(hyper, jnp.asarray(0))
        for t in range(problem.steps):
            state = problem.step(state, hyper, jnp.asarray(t), jnp.asarray(0))
        return problem.end(state, hyper)

    expected = jax.grad(loss)(hyper)
    for way in UNROLLING:
        found = ENGINES[way]().prepare(problem, tuple(hyper))(hyper, 0)
        for name, values in expected.items():
            assert relative(found.gradient[name], values) <= 1e-10, (way, name)


@pytest.mark.parametrize("engine", (ConjugateGradients, Neumann, FixedPoint))
def test_implicit_engines_are_exact_at_the_minimum(ridge: Ridge, engine: type[Implicit]) -> None:
    hyper = {**ridge.hyper, "start": ridge.minimum}
    found = engine(3000, 1e-14).prepare(ridge.problem(1), ("log_l2",))(hyper, 0)
    assert float(found.gradient["log_l2"]) == pytest.approx(ridge.exact, rel=1e-10)


def test_ridge_has_the_hypergradient_that_is_known(ridge: Ridge) -> None:
    assert ridge.exact == pytest.approx(6.351e-4, rel=1e-3)
    assert ridge.contraction == pytest.approx(0.94965, rel=1e-4)
