"""Groups, outer optimisers and the chaos guard: the way of hyperparameters between hyper-steps."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

import engine.gradient.wide  # noqa: F401
from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.groups import Group, Scale
from engine.gradient.guard import GROWTH, NoiseRemedy, judge
from engine.gradient.outer import FoldGradient

GROUPS = (
    Group("step_size", jnp.full(3, 0.1), "log", 1e-3, 10.0),
    Group("momentum", jnp.full(3, 0.9), "logit", 0.05, 0.999),
    Group("examples", jnp.ones(4), "logit", 1e-3, 1.999, top=2.0),
    Group("inputs", jnp.ones(2), "linear", -3.0, 3.0),
)


def test_the_start_is_where_it_was_set() -> None:
    natural = grouped.natural(GROUPS, grouped.begin(GROUPS))
    for group in GROUPS:
        assert np.allclose(natural[group.name], group.start, rtol=1e-12)


@pytest.mark.parametrize("scale", ["linear", "log", "logit"])
def test_values_stay_within_their_bounds(scale: Scale) -> None:
    group = Group("a", jnp.asarray([1e-9, 0.5, 2.0]), scale, 0.1, 0.8)
    free = grouped.begin([group])
    assert np.allclose(group.natural(free["a"]), [0.1, 0.5, 0.8])
    far = grouped.project([group], {"a": jnp.asarray([-100.0, 0.0, 100.0])})
    natural = group.natural(far["a"])
    assert (natural >= 0.1 - 1e-12).all()
    assert (natural <= 0.8 + 1e-12).all()


def test_the_chain_rule_of_each_scale() -> None:
    free = grouped.begin(GROUPS)
    ones = {g.name: jnp.ones_like(g.start) for g in GROUPS}
    pulled = grouped.pull(GROUPS, free, ones)
    assert np.allclose(pulled["step_size"], 0.1)  # da = α dα
    assert np.allclose(pulled["momentum"], 0.9 * 0.1)  # db = γ (1 - γ) dγ
    assert np.allclose(pulled["examples"], 0.5)
    assert np.allclose(pulled["inputs"], 1.0)


@pytest.mark.parametrize("name", outer.OPTIMISERS)
def test_every_optimiser_finds_a_minimum(name: str) -> None:
    group = Group("a", jnp.asarray([0.5, 4.0]), "log", 1e-3, 1e3)
    optimiser = outer.OPTIMISERS[name](0.05)
    tuning = outer.begin([group], optimiser)
    for _ in range(400):
        natural = grouped.natural([group], tuning.free)["a"]
        gradient = FoldGradient({"a": 2 * (natural - 2)})
        tuning = outer.step([group], optimiser, tuning, [gradient], longest=10.0)
    assert tuning.done == 400
    assert np.allclose(grouped.natural([group], tuning.free)["a"], 2.0, atol=0.05)


def test_what_is_no_number_moves_nothing() -> None:
    group = Group("a", jnp.ones(2), "linear", -9.0, 9.0)
    optimiser = outer.OPTIMISERS["sgd"](1.0)
    tuning = outer.begin([group], optimiser)
    gradient = FoldGradient({"a": jnp.asarray([math.nan, 0.5])})
    moved = outer.step([group], optimiser, tuning, [gradient], longest=10.0).free["a"]
    assert moved.tolist() == [1.0, 0.5]


def test_long_gradients_are_shortened() -> None:
    group = Group("a", jnp.zeros(2), "linear", -9e9, 9e9)
    optimiser = outer.OPTIMISERS["sgd"](1.0)
    tuning = outer.begin([group], optimiser)
    long, short = (
        FoldGradient({"a": jnp.asarray([3e8, 4e8])}),
        FoldGradient({"a": jnp.asarray([0.1, 0.0])}),
    )
    moved = outer.step([group], optimiser, tuning, [long, short], longest=1.0)
    assert np.allclose(moved.free["a"], [-0.35, -0.4])


def test_noise_is_left_out_and_makes_steps_smaller() -> None:
    groups = [
        Group("step_size", jnp.full(2, 0.1), "log", 1e-9, 9.0),
        Group("a", jnp.zeros(2), "linear", -9e9, 9e9),
    ]
    optimiser = outer.OPTIMISERS["sgd"](1.0)
    start = outer.begin(groups, optimiser)

    def found(*growths: float) -> list[FoldGradient]:
        values = ([0.2, 0.4], [7.0, -7.0])
        return [
            FoldGradient({"step_size": jnp.zeros(2), "a": jnp.asarray(a)}, growth=growth)
            for a, growth in zip(values, growths, strict=True)
        ]

    tame = outer.step(groups, optimiser, start, found(1.0, 1.0), longest=1e9)
    assert np.allclose(tame.free["a"], [-3.6, 3.3])
    assert np.allclose(tame.free["step_size"], math.log(0.1))
    half = outer.step(groups, optimiser, start, found(1.0, math.nan), longest=1e9)
    assert np.allclose(half.free["a"], [-0.2, -0.4])
    assert np.allclose(half.free["step_size"], math.log(0.1) - outer.COOLING / 2)
    none = outer.step(groups, optimiser, start, found(math.inf, 2 * outer.NOISE), longest=1e9)
    assert not none.free["a"].any()
    assert np.allclose(none.free["step_size"], math.log(0.1) - outer.COOLING)
    assert none.done == 1


def test_a_hypergradient_is_of_the_logarithm_of_the_loss() -> None:
    group = Group("a", jnp.zeros(2), "linear", -9e9, 9e9)
    optimiser = outer.OPTIMISERS["sgd"](1.0)
    tuning = outer.begin([group], optimiser)
    both = [FoldGradient({"a": jnp.asarray([0.3, 0.0])}, value) for value in (3.0, 0.3)]
    moved = outer.step([group], optimiser, tuning, both, longest=10.0)
    assert np.allclose(moved.free["a"], [-0.55, 0.0])


def test_the_outer_step_size_falls_without_a_horizon() -> None:
    schedule = outer.falling(0.04, 100)
    assert [float(schedule(k)) for k in (0, 100, 200)] == pytest.approx([0.04, 0.02, 0.04 / 3])


def test_the_guard_lets_ordinary_hypergradients_pass() -> None:
    assert judge(2.0, 0.1).useful
    assert judge(GROWTH, 0.1).useful


@pytest.mark.parametrize(
    ("growth", "norm", "remedy"),
    [
        (10 * GROWTH, 1.0, NoiseRemedy.CLIP),
        (1.0, math.inf, NoiseRemedy.SMALLER),
        (1.0, math.nan, NoiseRemedy.SHORTER),
    ],
)
def test_the_guard_names_what_may_help(growth: float, norm: float, remedy: NoiseRemedy) -> None:
    verdict = judge(growth, norm)
    assert not verdict.useful
    assert verdict.sentence.endswith(".")
    assert remedy in verdict.remedies
