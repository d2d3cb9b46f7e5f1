"""A network's training as a bilevel problem."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_digits

import engine.gradient.wide  # noqa: F401
from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.dynamics import Momentum
from engine.gradient.engines import ENGINES
from engine.gradient.groups import Group
from engine.gradient.guard import as_found
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.gradient.problem import Bilevel, Hyper
from engine.guide.facts import Picture
from engine.learners.networks.shapes import Convolutions

SHAPE = Architecture(64, (8,), 10)
STEPS = 25


@pytest.fixture(scope="module")
def digits() -> tuple[Rows, Rows]:
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))[:450]
    x, y = jnp.asarray(x[order] / 16), jnp.asarray(y[order])
    return Rows(x[:300], y[:300]), Rows(x[300:], y[300:])


PICTURE = Picture(8, tuple(range(64)))


def problem(shape: Architecture = SHAPE, steps: int = STEPS) -> Bilevel:
    return network_problem(
        shape, classes=10, dynamics=Momentum(), steps=steps, batch=100, picture=PICTURE
    )


def everything(digits: tuple[Rows, Rows]) -> Hyper:
    groups = SHAPE.groups
    return {
        **data(*digits),
        "step_size": jnp.full((STEPS, 4), 0.5),
        "momentum": jnp.full((STEPS, 4), 0.75),
        "scale": jnp.full(4, 0.7),
        "l2": jnp.full(groups.shape, 1e-3),
        "sharing": jnp.linspace(1e-3, 1e-2, 45),
        "examples": jnp.ones(300),
        "inputs": jnp.full(64, 1.1),
        "transform": jnp.asarray([0.1, -0.1, 0.05, 0.02]),
        "jitter": jnp.full(4, 0.03),
    }


def test_reversal_gives_the_unrolled_hypergradient_of_every_group(
    digits: tuple[Rows, Rows],
) -> None:
    # 0.75 and a little is 49153 / 65536, which is what reversal multiplies by.
    hyper = {**everything(digits), "momentum": jnp.full((STEPS, 4), 49152.5 / 65536)}
    exact = {**hyper, "momentum": jnp.full((STEPS, 4), 49153 / 65536)}
    tuned = ("step_size", "momentum", "scale", "l2", "sharing", "examples", "inputs")
    tuned = (*tuned, "transform", "jitter")
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
    ones = {
        "sharing": jnp.zeros(45),
        "scale": jnp.ones(4),
        "examples": jnp.ones(300),
        "inputs": jnp.ones(64),
    }
    ones |= {"transform": jnp.zeros(4), "jitter": jnp.zeros(4)}
    differentiate = ENGINES["unrolled"]().prepare(problem(), ("step_size",))
    plain = differentiate(settings, 0).value
    assert differentiate({**settings, **ones}, 0).value == pytest.approx(plain, rel=1e-9)
    assert differentiate({**settings, "l2": jnp.zeros(4)}, 0).value == pytest.approx(plain)
    assert differentiate({**settings, "l2": jnp.full(4, 0.1)}, 0).value != pytest.approx(plain)


def test_classes_that_share_have_like_weights(digits: tuple[Rows, Rows]) -> None:
    """The pair that is held together comes out closer, and nothing else is penalised."""
    found = problem()
    pairs = [*zip(*np.triu_indices(10, 1), strict=True)]
    together = pairs.index((3, 8))

    def apart(strength: float) -> float:
        sharing = jnp.zeros(45).at[together].set(strength)
        hyper = {**everything(digits), "l2": jnp.zeros(4), "sharing": sharing}
        w = ENGINES["unrolled"]().prepare(found, ("l2",))(hyper, 1).weights
        last, _ = SHAPE.split(w)[-1]
        return float(jnp.linalg.norm(last[:, 3] - last[:, 8]))

    assert apart(10.0) < 0.5 * apart(0.0)
    hyper = {**everything(digits), "l2": jnp.zeros(4)}
    start = found.initial(hyper, jnp.asarray(1))
    none, some = (
        found.inner(start, {**hyper, "sharing": value}, jnp.asarray(0), jnp.asarray(1))
        for value in (jnp.zeros(45), jnp.zeros(45).at[together].set(2.0))
    )
    last, _ = SHAPE.split(start)[-1]
    expected = ((last[:, 3] - last[:, 8]) ** 2).sum()
    assert float(some - none) == pytest.approx(float(expected), rel=1e-9)


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


def test_learned_rows_take_the_place_of_the_training_rows(digits: tuple[Rows, Rows]) -> None:
    hyper = {n: v for n, v in everything(digits).items() if n not in ("examples", "step_size")}
    rows = 0.01 * np.random.default_rng(0).normal(size=(20, 64))
    hyper |= {"learned": jnp.asarray(rows), "step_size": jnp.asarray(0.5)}
    differentiate = ENGINES["unrolled"]().prepare(problem(), ("learned",))
    found = differentiate(hyper, 4)
    assert found.gradient["learned"].shape == (20, 64)
    again = differentiate({**hyper, "train features": hyper["train features"] + 1.0}, 4)
    assert again.value == found.value
    down = {**hyper, "learned": hyper["learned"] - 0.01 * found.gradient["learned"]}
    assert differentiate(down, 4).value < found.value


@pytest.mark.slow
def test_convolutions_are_tuned_as_other_layers_are(digits: tuple[Rows, Rows]) -> None:
    shape = Architecture(64, (), 10, "relu", Convolutions(PICTURE, 2, 2, 3))
    assert len(shape.names) == 6
    hyper = {
        **data(*digits),
        "step_size": jnp.full((5, 6), 0.3),
        "momentum": jnp.full(6, 49152.5 / 65536),
        "l2": jnp.full(shape.groups.shape, 1e-3),
    }
    exact = {**hyper, "momentum": jnp.full(6, 49153 / 65536)}
    short, tuned = problem(shape, steps=5), ("step_size", "momentum", "l2")
    found = ENGINES["reversal"]().prepare(short, tuned)(hyper, 2)
    expected = ENGINES["unrolled"]().prepare(short, tuned)(exact, 2)
    for name in tuned:
        error = jnp.linalg.norm(found.gradient[name] - expected.gradient[name])
        assert error <= 1e-6 * jnp.linalg.norm(expected.gradient[name]), name


def test_a_plain_perceptron_predicts_as_the_convolutions_do(digits: tuple[Rows, Rows]) -> None:
    shape = Architecture(64, (), 10, "relu", Convolutions(PICTURE, 2, 2, 3))
    features = digits[1].features
    w = jnp.asarray(np.random.default_rng(0).normal(size=shape.groups.size))
    flat = Architecture(64, (32, 16), 10, "relu")
    layers = shape.plain(w)
    plain = jnp.concatenate([jnp.ravel(part) for layer in layers for part in layer])
    assert np.allclose(shape.apply(w, features), flat.apply(plain, features), rtol=1e-9)
