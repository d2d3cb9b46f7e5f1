"""Every engine holds to the suite."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import jax
import jax.numpy as jnp
import pytest

from engine.gradient.dynamics import Adam, GradientDescent
from engine.gradient.engines import ENGINES
from engine.gradient.engines.base import Engine
from engine.gradient.engines.forward import Forward
from engine.gradient.engines.implicit import (
    ConjugateGradients,
    FixedPoint,
    Implicit,
    Neumann,
    conjugate_gradients,
)
from engine.gradient.engines.reversal import Reversal
from engine.gradient.engines.straight_line import StraightLine
from engine.gradient.engines.unrolled import Checkpointed, Truncated, Unrolled, Unwound
from engine.gradient.guard import GROWTH, judge
from engine.gradient.outer import NOISE
from engine.gradient.problem import Hyper
from engine.testing.engine_suite import AT_THE_END, EngineSuite, regression, start


class TestUnrolled(EngineSuite):
    engine = Unrolled


class TestCheckpointed(EngineSuite):
    engine = Checkpointed


class TestForward(EngineSuite):
    engine = Forward


class TestReversal(EngineSuite):
    engine = Reversal
    refused = (GradientDescent, Adam)


class TestTruncated(EngineSuite):
    engine = Truncated
    options: ClassVar[dict[str, int]] = {"window": 5}
    accuracy = None


class TestStraightLine(EngineSuite):
    engine = StraightLine
    refused = (Adam,)
    accuracy = None


class ImplicitSuite(EngineSuite):
    """Long enough, and always on the same rows, to arrive at the minimum."""

    tuned = AT_THE_END
    steps = 500
    minibatches = False


class TestConjugateGradients(ImplicitSuite):
    engine = ConjugateGradients


class TestNeumann(ImplicitSuite):
    engine = Neumann
    options: ClassVar[dict[str, int]] = {"iterations": 1000}


class TestFixedPoint(ImplicitSuite):
    engine = FixedPoint
    options: ClassVar[dict[str, int]] = {"iterations": 1000}


def test_no_engine_is_left_out() -> None:
    tested = {
        suite.engine.card.id
        for base in (EngineSuite, ImplicitSuite)
        for suite in base.__subclasses__()
        if suite is not ImplicitSuite
    }
    ours = {id for id, engine in ENGINES.items() if engine.__module__.startswith("engine.")}
    assert ours <= tested


def test_implicit_engines_say_how_far_training_is_from_a_minimum() -> None:
    def found(steps: int) -> float:
        problem = regression("gd", steps, False)
        engine: Implicit = ConjugateGradients()
        return engine.prepare(problem, AT_THE_END)(start(problem), 0).figures["inner_gradient"]

    assert found(2) > 0.1
    assert found(400) < 1e-8


def test_the_shared_schedule_is_the_mean_of_the_schedule() -> None:
    problem = regression("momentum", 12, True)
    hyper = start(problem)
    hyper = {**hyper, "step_size": jnp.linspace(0.2, 0.1, 12), "momentum": jnp.full((12, 2), 0.8)}
    tuned = ("log_l2", "momentum", "step_size")
    whole = Forward().prepare(problem, tuned)(hyper, 0)
    shared = Forward(share=5).prepare(problem, tuned)(hyper, 0)
    assert jnp.allclose(shared.gradient["log_l2"], whole.gradient["log_l2"], rtol=1e-12)
    for name in ("step_size", "momentum"):
        for begin, end in ((0, 5), (5, 10), (10, 12)):
            mean = whole.gradient[name][begin:end].mean(axis=0)
            assert jnp.allclose(shared.gradient[name][begin:end], mean, rtol=1e-10)


def test_sharing_brings_long_schedules_within_reach_of_forward_mode() -> None:
    problem = regression("momentum", 1000, True)
    hyper = {**start(problem), "step_size": jnp.full((1000, 2), 0.1)}
    full, shared = Forward(), Forward(share=100)
    assert shared.cost(problem, hyper, ("step_size",)).trainings == 1 + 2 * 21
    assert full.cost(problem, hyper, ("step_size",)).trainings == 1 + 2 * 2001
    shared.check(problem, hyper, ("step_size",))


def test_forward_mode_knows_how_much_the_training_amplifies() -> None:
    problem = regression("momentum", 40, True)
    hyper, draw, little = start(problem), jnp.asarray(0), 1e-6
    w0 = problem.initial(hyper, draw)
    first = problem.gradient(w0, hyper, jnp.asarray(0), draw)
    away = first / jnp.linalg.norm(first)
    ends = [
        Forward()
        .prepare(replace(problem, initial=lambda *_, w=w: w), ("log_l2",))(hyper, 0)
        .weights
        for w in (w0 + little * away, w0 - little * away)
    ]
    growth = Forward().prepare(problem, ("log_l2",))(hyper, 0).figures["growth"]
    assert growth == pytest.approx(
        float(jnp.linalg.norm(ends[0] - ends[1])) / (2 * little), rel=1e-4
    )
    assert growth < NOISE
    hot = {**hyper, "step_size": 300 * hyper["step_size"]}
    assert Forward().prepare(problem, ("log_l2",))(hot, 0).figures["growth"] > GROWTH


def test_the_straight_line_is_exact_where_the_curvature_is_the_same_everywhere() -> None:
    # Of a squared loss by the start; and for a single step, of which both ends are known.
    problem = regression("momentum", 30, True)
    expected = Unrolled().prepare(problem, ("log_scale",))(start(problem), 0)
    found = StraightLine().prepare(problem, ("log_scale",))(start(problem), 0)
    assert jnp.allclose(found.gradient["log_scale"], expected.gradient["log_scale"], rtol=1e-10)
    assert found.figures["growth"] == pytest.approx(expected.figures["growth"], rel=1e-10)
    single = regression("momentum", 1, True)
    tuned = tuple(start(single))
    expected = Unrolled().prepare(single, tuned)(start(single), 0)
    found = StraightLine().prepare(single, tuned)(start(single), 0)
    for name in tuned:
        assert jnp.allclose(found.gradient[name], expected.gradient[name], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("engine", [Unrolled, Checkpointed])
@pytest.mark.parametrize(("step_size", "useful"), [(0.1, True), (8.0, False)])
def test_the_guard_sees_training_that_diverges(
    engine: type[Engine], step_size: float, useful: bool
) -> None:
    problem = regression("momentum", 100, True)
    hyper = {**start(problem), "momentum": jnp.asarray(0.5), "step_size": jnp.asarray(step_size)}
    found = engine().prepare(problem, AT_THE_END)(hyper, 0)
    assert judge(found.figures["growth"], 1.0).useful is useful


@pytest.mark.parametrize("curvature", [(2.0, 0.5, 3.0), (2.0, -0.5, 3.0)])
def test_conjugate_gradients_solve_what_is_not_positive_as_well(
    curvature: tuple[float, ...],
) -> None:
    matrix, right = jnp.diag(jnp.asarray(curvature)), jnp.asarray([1.0, 2.0, -1.0])
    found = conjugate_gradients(lambda q: matrix @ q, right, 50, 1e-12)
    assert jnp.allclose(matrix @ found, right, rtol=1e-10)


def test_checkpoints_take_less_memory_than_the_whole_way() -> None:
    # As the compiler lays it out, at enough steps and weights that the rest does not matter.
    problem = regression("momentum", 1024, True)
    hyper = start(problem)

    def used(engine: Unwound) -> int:
        train = engine.training(problem)

        def loss(hyper: Hyper) -> jax.Array:
            return problem.end(train(hyper, jnp.asarray(0), jnp.zeros(5)), hyper)

        return jax.jit(jax.grad(loss)).lower(hyper).compile().memory_analysis().temp_size_in_bytes

    assert used(Checkpointed()) < used(Unrolled()) / 4
