"""What every hypergradient engine must hold to: `EngineSuite`, a class of tests to inherit.

class TestUnrolled(EngineSuite):
    engine = Unrolled
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from engine.errors import InputError
from engine.gradient import fixed_point as fixed
from engine.gradient.dynamics import DYNAMICS, Dynamics
from engine.gradient.engines.base import Differentiate, Engine, Hypergradient
from engine.gradient.problem import Bilevel, Hyper, Names

ROWS, BATCH, COLUMNS = 40, 16, 5
GROUPS = np.array([0, 0, 0, 1, 1])
SETTINGS = {"step_size": 0.15, "momentum": 0.9, "beta1": 0.9, "beta2": 0.99}

ON_THE_WAY = ("log_scale",)
"""In λ of the suite's problem: what acts at the start only."""
AT_THE_END = ("log_l2", "examples")
"""And what decides where the minimum lies."""


@cache
def regression(dynamics: str, steps: int, minibatches: bool, dtype: Any = jnp.float64) -> Bilevel:
    """Ridge regression on drawn rows, by the step or once and for all."""
    rng = np.random.default_rng(5)
    x = jnp.asarray(rng.normal(size=(ROWS, COLUMNS)), dtype)
    y = x @ jnp.asarray(rng.normal(size=COLUMNS), dtype) + jnp.asarray(rng.normal(size=ROWS), dtype)

    def initial(hyper: Hyper, draw: jax.Array) -> jax.Array:
        # Plain numbers for what is drawn: generators take longest to compile.
        drawn = jnp.sin((draw + 1) * jnp.arange(1.0, 6.0)).astype(dtype)
        return jnp.exp(hyper["log_scale"])[GROUPS] * drawn

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        first = 7 * draw + (3 * t if minibatches else 0)
        rows = (first + 9 * jnp.arange(BATCH)) % (ROWS // 2)
        weights = jax.nn.sigmoid(hyper["examples"][rows])
        fit = (weights * (x[rows] @ w - y[rows]) ** 2).mean()
        return fit + 0.5 * (jnp.exp(hyper["log_l2"])[GROUPS] * w * w).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return ((x[ROWS // 2 :] @ w - y[ROWS // 2 :]) ** 2).mean()

    return Bilevel(initial, inner, outer, DYNAMICS[dynamics], steps, GROUPS, ("a", "b"))


def start(problem: Bilevel, dtype: Any = jnp.float64) -> Hyper:
    """λ to differentiate at. The momentum is one that exact reversal applies as it is."""
    settings = {name: SETTINGS[name] for name in problem.dynamics.settings}
    if "momentum" in settings:
        wanted = fixed.numerators(jnp.asarray(settings["momentum"])) / fixed.DENOMINATOR
        settings["momentum"] = float(wanted) - 1e-10
    named = {"log_scale": np.zeros(2), "log_l2": np.full(2, -1.0), "examples": np.zeros(ROWS // 2)}
    return {name: jnp.asarray(value, dtype) for name, value in {**named, **settings}.items()}


@cache
def plain(problem: Bilevel) -> Callable[[Hyper, int], jax.Array]:
    """The outer loss of a plain training run."""

    @jax.jit
    def run(hyper: Hyper, draw: jax.Array) -> jax.Array:
        def step(state: Any, t: jax.Array) -> Any:
            return problem.step(state, hyper, t, draw), None

        state = lax.scan(step, problem.begin(hyper, draw), jnp.arange(problem.steps))[0]
        return problem.end(state, hyper)

    return lambda hyper, draw: run(hyper, jnp.asarray(draw))


class EngineSuite:
    """Tests of one engine; a subclass sets `engine`."""

    engine: ClassVar[type[Engine]]
    options: ClassVar[dict[str, int]] = {}
    refused: ClassVar[tuple[type[Dynamics], ...]] = ()
    """Dynamics that the engine can't go through."""
    tuned: ClassVar[Names] = ("step_size", "momentum", *ON_THE_WAY, *AT_THE_END)
    """What it can tune; it must refuse the rest."""
    steps: ClassVar[int] = 12
    minibatches: ClassVar[bool] = True
    accuracy: ClassVar[float | None] = 1e-6
    """Relative to finite differences; None where there is nothing to promise."""

    @property
    def problem(self) -> Bilevel:
        return problem_of(type(self))

    @pytest.fixture
    def differentiate(self) -> Differentiate:
        return compiled(type(self))

    @pytest.fixture
    def found(self) -> Hypergradient:
        return first(type(self))

    def test_its_value_is_the_outer_loss_of_a_plain_run(self, found: Hypergradient) -> None:
        expected = float(plain(self.problem)(start(self.problem), 3))
        assert found.value == pytest.approx(expected, rel=1e-8)

    def test_the_gradient_is_shaped_like_what_is_tuned(self, found: Hypergradient) -> None:
        hyper = start(self.problem)
        assert set(found.gradient) == set(self.tuned)
        for name, values in found.gradient.items():
            assert (values.shape, values.dtype) == (hyper[name].shape, hyper[name].dtype)
            assert jnp.isfinite(values).all()
        assert found.weights.shape == (COLUMNS,)

    def test_the_gradient_is_the_slope_of_the_outer_loss(self, found: Hypergradient) -> None:
        if self.accuracy is None:
            pytest.skip("this engine is approximate")
        run, hyper = plain(self.problem), start(self.problem)
        largest = max(float(jnp.abs(values).max()) for values in found.gradient.values())
        for name in self.tuned:
            for index in [*np.ndindex(hyper[name].shape)][:4]:
                there, back = (
                    run({**hyper, name: hyper[name].at[index].add(move)}, 3)
                    for move in (1e-5, -1e-5)
                )
                slope = float(there - back) / 2e-5
                error = abs(float(found.gradient[name][index]) - slope)
                assert error <= self.accuracy * largest, (name, index)

    def test_it_gives_the_same_again(
        self, differentiate: Differentiate, found: Hypergradient
    ) -> None:
        again = differentiate(start(self.problem), 3)
        assert again.value == found.value
        for name, values in found.gradient.items():
            assert (again.gradient[name] == values).all()

    def test_another_draw_is_another_training(
        self, differentiate: Differentiate, found: Hypergradient
    ) -> None:
        other = differentiate(start(self.problem), 4)
        assert other.value != found.value
        assert other.value == pytest.approx(float(plain(self.problem)(start(self.problem), 4)))

    @pytest.mark.parametrize("mixed", [True, False])
    def test_settings_by_group_and_by_step_add_up(self, mixed: bool, found: Hypergradient) -> None:
        settings = self.problem.dynamics.settings
        shapes = ((self.steps,), (2,)) if mixed else ((self.steps, 2),) * 2
        hyper = start(self.problem)
        for name, shape in zip(settings, shapes, strict=False):
            hyper[name] = jnp.broadcast_to(hyper[name], shape)
        tuned = tuple(name for name in self.tuned if name in settings)
        apart = made(type(self)).prepare(self.problem, tuned or self.tuned)(hyper, 3)
        assert apart.value == pytest.approx(found.value, rel=1e-12)
        for name in tuned:
            assert apart.gradient[name].shape == hyper[name].shape
            total, whole = float(apart.gradient[name].sum()), float(found.gradient[name])
            assert total == pytest.approx(whole, rel=1e-9)

    def test_it_keeps_to_the_precision_of_the_problem(self, found: Hypergradient) -> None:
        problem = regression("momentum", self.steps, self.minibatches, jnp.float32)
        engine = made(type(self))
        narrow = engine.prepare(problem, self.tuned)(start(problem, jnp.float32), 3)
        assert narrow.weights.dtype == jnp.float32
        for name, expected in found.gradient.items():
            values = narrow.gradient[name]
            assert values.dtype == jnp.float32
            assert jnp.linalg.norm(values - expected) <= 1e-2 * jnp.linalg.norm(expected) + 1e-5

    def test_it_says_what_it_takes(self, found: Hypergradient) -> None:
        cost = made(type(self)).cost(self.problem, start(self.problem), self.tuned)
        assert 1 <= cost.trainings < math.inf
        assert 0 < cost.stored_bytes < math.inf
        assert found.figures["stored_bytes"] > 0
        assert all(math.isfinite(figure) for figure in found.figures.values())

    @pytest.mark.parametrize("dynamics", ["gd", "adam"])  # momentum is all the other tests'
    def test_it_takes_the_dynamics_it_can_go_through(self, dynamics: str) -> None:
        problem = regression(dynamics, 4, True)
        tuned = tuple(name for name in self.tuned if name in AT_THE_END)
        if isinstance(problem.dynamics, self.refused):
            with pytest.raises(InputError):
                made(type(self)).check(problem, start(problem), tuned)
            return
        engine = made(type(self))
        engine.check(problem, start(problem), tuned)
        found = engine.prepare(problem, tuned)(start(problem), 0)
        assert found.value == pytest.approx(float(plain(problem)(start(problem), 0)), rel=1e-8)

    def test_it_refuses_what_it_cannot_tune(self) -> None:
        hyper = start(self.problem)
        engine = made(type(self))
        for name in hyper:
            if name in self.tuned:
                engine.check(self.problem, hyper, (name,))
                continue
            with pytest.raises(InputError, match=name):
                engine.check(self.problem, hyper, (name,))

    def test_it_refuses_what_nothing_depends_on(self) -> None:
        hyper = {**start(self.problem), "idle": jnp.ones(3)}
        with pytest.raises(InputError, match="depends on idle"):
            made(type(self)).check(self.problem, hyper, (*self.tuned, "idle"))


def made(suite: type[EngineSuite]) -> Engine:
    """The engine of a class."""
    return suite.engine(**suite.options)


def problem_of(suite: type[EngineSuite]) -> Bilevel:
    """What the tests of a class are about."""
    return regression("momentum", suite.steps, suite.minibatches)


@cache
def compiled(suite: type[EngineSuite]) -> Differentiate:
    """One function for the tests of a class: compiling takes longest."""
    return made(suite).prepare(problem_of(suite), suite.tuned)


@cache
def first(suite: type[EngineSuite]) -> Hypergradient:
    """What it gives first."""
    return compiled(suite)(start(problem_of(suite)), 3)
