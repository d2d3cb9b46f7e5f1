"""Networks that tune their own training by gradient, as scikit-learn estimators.

Only settings without a gradient remain to be searched: shape, activation, solver. An exported
script carries the source of this module and of those of ours that it imports.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.utils import check_random_state

from engine.gradient.dynamics import DYNAMICS
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.learners.networks.fitted import Fitted, FittedClassifier, FittedRegressor, plain

__all__ = ["SelfTuning", "SelfTuningClassifier", "SelfTuningRegressor", "plain"]

COUNTS = {"layers": 1, "width": 1, "batch_size": 1, "steps": 1, "hyper_steps": 0}
"""Integer arguments and the smallest value of each."""
RATE = 0.1
"""Outer step size, on logarithms and logits (Maclaurin et al. 2015, section 3.1, use 0.04)."""
HALVING = 10.0
"""Hyper-steps after which the outer step size is half as large."""
LONGEST = 1.0
"""Norm to which a longer hypergradient is shortened."""
NOISE = 100.0
"""Norm from which a hypergradient counts as noise and is not followed."""
COOLING = 0.1
"""Amount by which the logarithm of all step sizes falls after such a hypergradient."""
MOST_TRIES = 12
"""Most repetitions of a final training that diverges, each with step sizes a tenth as large."""
MOMENTUM = 0.9
"""Initial momentum (β1 of Adam)."""
PENALTY = 1e-4
"""Initial L2 penalty of every layer."""


class InnerTuning(NamedTuple):
    """State of the tuning inside one `fit`.

    Attributes:
        free: free values by name: logarithms of ``step_size``, shape (steps, groups), ``scale`` and
            ``l2``, shape (groups,), and logits of ``momentum``, shape (steps, groups). Each matrix
            and each vector of biases is a group.
        memory: memory of the outer optimiser.
        done: number of hyper-steps done.
        best: free values with the smallest outer loss so far.
        least: that loss.
        losses: outer losses of the hyper-steps.
    """

    free: dict[str, Any]
    memory: Any
    done: int
    best: dict[str, Any]
    least: float
    losses: tuple[float, ...]


class SelfTuning(Fitted):
    """A multi-layer perceptron whose training is tuned by hypergradients while it is fitted.

    A fifth of the rows is held out. Each hyper-step trains on the others, from new initial weights,
    and moves step size and momentum of every layer at every step, and initial scale and penalty of
    every layer, against the derivative of the held-out rows' loss. The final training uses all rows
    and the best hyperparameters found.

    Args:
        layers: number of hidden layers.
        width: units of each.
        activation: ``relu`` or ``tanh``.
        solver: ``adam`` or ``sgd`` (with momentum).
        batch_size: rows of a minibatch, at most all of them.
        steps: minibatches of one training.
        hyper_steps: number of trainings that tune; 0 tunes nothing.
        warm_start: whether `fit` resumes the last one, with the same data, to more hyper-steps.
        random_state: seed of held-out rows, initial weights and minibatches.

    Source: Maclaurin et al. 2015, section 3.1 (schedules and initial scales) and 3.2 (penalties);
    gradients by checkpointed reverse mode instead of exact reversal.
    """

    def __init__(
        self,
        *,
        layers: int = 1,
        width: int = 100,
        activation: str = "relu",
        solver: str = "sgd",
        batch_size: int = 128,
        steps: int = 200,
        hyper_steps: int = 20,
        warm_start: bool = False,
        random_state: Any = None,
    ) -> None:
        self.layers = layers
        self.width = width
        self.activation = activation
        self.solver = solver
        self.batch_size = batch_size
        self.steps = steps
        self.hyper_steps = hyper_steps
        self.warm_start = warm_start
        self.random_state = random_state

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int) -> list[Any]:
        self._check(len(y))
        whole = y.dtype.kind == "i"
        hidden = (int(self.width),) * int(self.layers)
        shape = Architecture(X.shape[1], hidden, outputs, self.activation)  # type: ignore[arg-type]
        inside = training_of(
            shape, outputs if whole else 0, self.solver, self.steps, self.batch_size
        )
        if not (self.warm_start and hasattr(self, "tuned_")):
            self.seed_ = int(check_random_state(self.random_state).randint(2**31 - 1))
            self.tuned_ = inside.begin()
        elif inside.begin().free["step_size"].shape != self.tuned_.free["step_size"].shape:
            raise ValueError("A warm start needs the same layers and steps.")
        elif self.tuned_.done > self.hyper_steps:
            raise ValueError(
                f"hyper_steps={self.hyper_steps} is less than the {self.tuned_.done} already done."
            )
        y = y.astype(np.int32 if whole else np.float32)
        order = np.random.default_rng(self.seed_).permutation(len(y))
        out = max(1, len(y) // 5)
        held, kept = (
            Rows(jnp.asarray(X[o]), jnp.asarray(y[o])) for o in (order[:out], order[out:])
        )
        rows = data(kept, held)
        while self.tuned_.done < self.hyper_steps:
            self.tuned_ = inside.step(
                self.tuned_, rows, (self.seed_ + self.tuned_.done + 1) % 2**31
            )
        every = Rows(jnp.asarray(X), jnp.asarray(y))
        free = self.tuned_.best
        w = inside.train(free, data(every, every), self.seed_)
        for _ in range(MOST_TRIES):
            if jnp.isfinite(w).all():
                break
            free = {**free, "step_size": free["step_size"] - math.log(10)}
            w = inside.train(free, data(every, every), self.seed_)
        return shape.plain(w)

    def _check(self, rows: int) -> None:
        for name, choices in (("activation", ("relu", "tanh")), ("solver", ("adam", "sgd"))):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}.")
        for name, least in COUNTS.items():
            value = getattr(self, name)
            is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not (is_whole and value >= least):
                raise ValueError(f"{name} must be a whole number, at least {least}, not {value!r}.")
        if rows < 2:
            raise ValueError("Some rows are held out, but there is only 1 sample.")

    def _described(self) -> dict[str, Any]:
        about = {"activation": self.activation, "solver": self.solver}
        return {**about, "batch_size": self.batch_size, "random_state": self.seed_}

    def _history(self) -> tuple[Sequence[float], int]:
        return self.tuned_.losses, self.steps


class SelfTuningClassifier(SelfTuning, FittedClassifier):
    """Classifier for two or more classes, trained on the cross-entropy. For its arguments see
    `SelfTuning`."""


class SelfTuningRegressor(SelfTuning, FittedRegressor):
    """Regressor for one number, trained on the squared error of the standardised target. For its
    arguments see `SelfTuning`."""


class Inside(NamedTuple):
    """Functions of a training and its tuning, compiled at the first call.

    Attributes:
        begin: () -> state before the first hyper-step.
        step: (state, rows as `network.data` gives them, draw) -> state after one more hyper-step.
        train: (free values, rows, draw) -> weights after a training, shape (n,).
    """

    begin: Callable[[], InnerTuning]
    step: Callable[[InnerTuning, Any, int], InnerTuning]
    train: Callable[[Any, Any, int], jax.Array]


@lru_cache(maxsize=8)
def training_of(shape: Architecture, classes: int, solver: str, steps: int, batch: int) -> Inside:
    """Build the functions that train and tune a network.

    Args:
        shape: the network.
        classes: number of classes; 0 for a number.
        solver: ``adam`` or ``sgd``.
        steps: minibatches of one training.
        batch: rows of a minibatch.

    Returns:
        The functions, shared by all fits with the same arguments.
    """
    decay = "beta1" if solver == "adam" else "momentum"
    dynamics = DYNAMICS["adam" if solver == "adam" else "momentum"]
    problem = network_problem(shape, classes=classes, dynamics=dynamics, steps=steps, batch=batch)
    layers, rate = len(shape.shapes), 1e-3 if solver == "adam" else 0.1
    outer = optax.adam(lambda count: RATE / (1 + count / HALVING), b1=0.9, b2=0.99)
    # The largest divisor up to the root of ``steps``: checkpoints at equal distances.
    stretch = max(d for d in range(1, math.isqrt(steps) + 1) if steps % d == 0)

    def natural(free: dict[str, jax.Array]) -> dict[str, jax.Array]:
        positive = {name: jnp.exp(free[name]) for name in ("step_size", "scale", "l2")}
        # The bounds of momentum in `engine.gradient.spec.tunable`.
        return {**positive, decay: jnp.clip(jax.nn.sigmoid(free["momentum"]), 0.05, 0.999)}

    def go(free: Any, rows: Any, draw: jax.Array) -> tuple[Any, Any]:
        """Train, in stretches that reverse mode computes twice, not stores: last state, and λ."""
        hyper = {
            **natural(free),
            **({"beta2": jnp.float32(0.99)} if solver == "adam" else {}),
            **rows,
        }
        along = jax.checkpoint(problem.advance(hyper, draw))
        state = problem.begin(hyper, draw)
        parts = jnp.arange(steps).reshape(-1, stretch)
        return jax.lax.scan(lambda s, ts: (along(s, ts), None), state, parts)[0], hyper

    def loss(free: Any, rows: Any, draw: jax.Array) -> jax.Array:
        state, hyper = go(free, rows, draw)
        # The logarithm, so that hypergradients keep their length while the loss falls.
        return jnp.log(problem.end(state, hyper))

    @jax.jit
    def moved(free: Any, memory: Any, rows: Any, draw: jax.Array) -> tuple[Any, Any, jax.Array]:
        value, gradient = jax.value_and_grad(loss)(free, rows, draw)
        norm = optax.tree.norm(gradient)
        tame = jnp.isfinite(value) & (norm < NOISE)
        shorten = jnp.where(tame, jnp.minimum(1.0, LONGEST / jnp.maximum(norm, 1e-30)), 0.0)
        usable = jax.tree.map(lambda g: jnp.where(tame, g * shorten, 0.0), gradient)
        # Noise moves neither the values nor the optimiser's memory, it only lowers step sizes.
        updates, then = outer.update(usable, memory, free)
        after = jax.tree.map(lambda f, u: jnp.where(tame, f + u, f), free, updates)
        cooled = jnp.where(tame, after["step_size"], free["step_size"] - COOLING)
        memory = jax.tree.map(lambda new, old: jnp.where(tame, new, old), then, memory)
        return {**after, "step_size": cooled}, memory, jnp.exp(value)

    @jax.jit
    def trained(free: Any, rows: Any, draw: jax.Array) -> jax.Array:
        return problem.dynamics.weights(go(free, rows, draw)[0])

    def begin() -> InnerTuning:
        free = {
            "step_size": jnp.full((steps, layers), math.log(rate), jnp.float32),
            "momentum": jnp.full((steps, layers), math.log(MOMENTUM / (1 - MOMENTUM)), jnp.float32),
            "scale": jnp.zeros(layers, jnp.float32),
            "l2": jnp.full(layers, math.log(PENALTY), jnp.float32),
        }
        return InnerTuning(free, outer.init(free), 0, free, math.inf, ())

    def step(tuned: InnerTuning, rows: Any, draw: int) -> InnerTuning:
        free, memory, value = moved(tuned.free, tuned.memory, rows, jnp.asarray(draw))
        found = float(value)
        better = found < tuned.least
        return InnerTuning(
            free,
            memory,
            tuned.done + 1,
            tuned.free if better else tuned.best,
            found if better else tuned.least,
            (*tuned.losses, found),
        )

    def train(free: Any, rows: Any, draw: int) -> jax.Array:
        return trained(free, rows, jnp.asarray(draw))

    return Inside(begin, step, train)
