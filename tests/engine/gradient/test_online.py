"""Training that goes on while hyperparameters move (algorithms.md 3.3; 3.7, test 7)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

import engine.gradient.wide  # noqa: F401
from engine.errors import InputError
from engine.gradient.engines import ENGINES
from engine.gradient.online import Online
from engine.testing.engine_suite import regression, start

TUNED = ("step_size", "momentum", "log_scale", "log_l2")
STEPS = 12
BATCH = regression("momentum", STEPS, True)
HYPER = start(BATCH)


def test_stretches_without_a_move_are_one_training() -> None:
    online = Online(BATCH, TUNED)
    running = online.begin(HYPER, 3)
    for steps in (5, STEPS - 5):
        running = online.advance(running, HYPER, 3, steps)
    value, gradient = online.hypergradient(running, HYPER)
    whole = ENGINES["forward"]().prepare(BATCH, TUNED)(HYPER, 3)
    assert value == pytest.approx(whole.value, rel=1e-12)
    assert jnp.allclose(running.state[0], whole.weights, rtol=1e-12)
    for name in TUNED:
        assert jnp.allclose(gradient[name], whole.gradient[name], rtol=1e-12)


def test_what_is_forgotten_is_that_of_the_steps_before() -> None:
    online = Online(BATCH, TUNED)
    running = online.advance(online.begin(HYPER, 3), HYPER, 3, STEPS - 4)
    running = online.advance(online.forget(running), HYPER, 3, 4)
    gradient = online.hypergradient(running, HYPER)[1]
    last = ENGINES["truncated"](window=4).prepare(BATCH, TUNED)(HYPER, 3)
    for name in TUNED:
        assert jnp.allclose(gradient[name], last.gradient[name], rtol=1e-12)


def test_one_training_tunes_its_penalty() -> None:
    # Too strong a penalty, moved down while the training goes on.
    online = Online(BATCH, ("log_l2",))
    hyper = {**HYPER, "log_l2": jnp.full(2, 2.0)}
    running = online.advance(online.begin(hyper, 0), hyper, 0, 4)
    first = online.hypergradient(running, hyper)[0]
    for _ in range(30):
        gradient = online.hypergradient(running, hyper)[1]["log_l2"]
        hyper = {**hyper, "log_l2": hyper["log_l2"] - 0.5 * jnp.clip(gradient, -1, 1)}
        running = online.advance(running, hyper, 0, 4)
    value = online.hypergradient(running, hyper)[0]
    assert value < 0.8 * first
    assert float(jnp.max(hyper["log_l2"])) < 2.0


def test_many_numbers_are_refused() -> None:
    many = {**HYPER, "examples": jax.numpy.zeros(300)}
    with pytest.raises(InputError, match="hyperparameters"):
        Online(BATCH, ("examples",)).begin(many, 0)
