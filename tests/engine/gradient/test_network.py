"""A network's training as a bilevel problem."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_digits

import engine.gradient  # noqa: F401 (wide types)
from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.dynamics import Momentum
from engine.gradient.engines import ENGINES
from engine.gradient.groups import Group
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.gradient.problem import Bilevel, Hyper
from engine.gradient.training import as_found

SHAPE = Architecture(64, (8,), 10)
STEPS = 25


@pytest.fixture(scope="module")
def digits() -> tuple[Rows, Rows]:
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))[:450]
    x, y = jnp.asarray(x[order] / 16), jnp.asarray(y[order])
    return Rows(x[:300], y[:300]), Rows(x[300:], y[300:])


def problem() -> Bilevel:
    return network_problem(SHAPE, classes=10, dynamics=Momentum(), steps=STEPS, batch=100)


def everything(digits: tuple[Rows, Rows]) -> Hyper:
    groups = SHAPE.groups
    return {
        **data(*digits),
        "step_size": jnp.full((STEPS, 4), 0.5),
        "momentum": jnp.full((STEPS, 4), 0.75),
        "scale": jnp.full(4, 0.7),
        "l2": jnp.full(groups.shape, 1e-3),
        "examples": jnp.ones(300),
        "inputs": jnp.full(64, 1.1),
    }


def test_reversal_gives_the_unrolled_hypergradient_of_every_group(
    digits: tuple[Rows, Rows],
) -> None:
    # 0.75 and a little is 49153 / 65536, which is what reversal multiplies by.
    hyper = {**everything(digits), "momentum": jnp.full((STEPS, 4), 49152.5 / 65536)}
    exact = {**hyper, "momentum": jnp.full((STEPS, 4), 49153 / 65536)}
    tuned = ("step_size", "momentum", "scale", "l2", "examples", "inputs")
    found = ENGINES["reversal"]().prepare(problem(), tuned)(hyper, 1)
    expected = ENGINES["unrolled"]().prepare(problem(), tuned)(exact, 1)
    for name in tuned:
        error = jnp.linalg.norm(found.gradient[name] - expected.gradient[name])
        assert error <= 1e-6 * jnp.linalg.norm(expected.gradient[name]), name


def test_initial_weights_are_a_group_of_their_own(digits: tuple[Rows, Rows]) -> None:
    start = problem().initial(everything(digits), jnp.asarray(5))
    hyper = {**everything(digits), "initial": start}
    tuned = ("initial",)
    given = ENGINES["unrolled"]().prepare(problem(), tuned)(hyper, 5)
    drawn = ENGINES["unrolled"]().prepare(problem(), ("l2",))(everything(digits), 5)
    assert given.value == pytest.approx(drawn.value, rel=1e-12)
    assert given.gradient["initial"].shape == start.shape


def test_neutral_values_change_nothing(digits: tuple[Rows, Rows]) -> None:
    whole = everything(digits)
    settings = {n: whole[n] for n in ("step_size", "momentum", *data(*digits))}
    ones = {"scale": jnp.ones(4), "examples": jnp.ones(300), "inputs": jnp.ones(64)}
    differentiate = ENGINES["unrolled"]().prepare(problem(), ("step_size",))
    plain = differentiate(settings, 0).value
    assert differentiate({**settings, **ones}, 0).value == pytest.approx(plain, rel=1e-12)
    assert differentiate({**settings, "l2": jnp.zeros(4)}, 0).value == pytest.approx(plain)
    assert differentiate({**settings, "l2": jnp.full(4, 0.1)}, 0).value != pytest.approx(plain)


def test_draws_decide_weights_and_minibatches(digits: tuple[Rows, Rows]) -> None:
    differentiate = ENGINES["unrolled"]().prepare(problem(), ("l2",))
    same = [differentiate(everything(digits), draw).value for draw in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


def test_a_number_is_predicted_too() -> None:
    rng = np.random.default_rng(0)
    x = jnp.asarray(rng.normal(size=(60, 3)))
    rows = Rows(x, x.sum(axis=1))
    shape = Architecture(3, (5,), 1)
    found = network_problem(shape, classes=0, dynamics=Momentum(), steps=200, batch=60)
    hyper = {**data(rows, rows), "step_size": jnp.asarray(0.3), "momentum": jnp.asarray(0.9)}
    assert ENGINES["unrolled"]().prepare(found, ("step_size",))(hyper, 0).value < 0.05


def test_schedules_from_a_bad_start_learn_to_train(digits: tuple[Rows, Rows]) -> None:
    groups = (
        Group("step_size", jnp.full((STEPS, 4), 0.2), "log", 1e-4, 30.0),
        Group("momentum", jnp.full((STEPS, 4), 0.5), "logit", 0.05, 0.999),
        Group("scale", jnp.full(4, 0.3), "log", 1e-3, 10.0),
    )
    optimiser = outer.OPTIMISERS["adam"](0.1)
    differentiate = ENGINES["reversal"]().prepare(problem(), tuple(g.name for g in groups))
    rows, tuning, values = data(*digits), outer.begin(groups, optimiser), []
    for draw in range(20):
        found = differentiate({**rows, **grouped.natural(groups, tuning.free)}, draw)
        values.append(found.value)
        tuning = outer.step(groups, optimiser, tuning, [as_found(found)], longest=1.0)
    assert values[-1] < 0.4 * values[0]
