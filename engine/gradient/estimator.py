"""Networks trained with hyperparameters that a gradient has tuned, as scikit-learn estimators.

An exported script carries the source of this module and of those of ours that it imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from engine.gradient.dynamics import DYNAMICS
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.guide.facts import Picture
from engine.learners.networks.fitted import Fitted, FittedClassifier, FittedRegressor, plain
from engine.learners.networks.shapes import Convolutions

__all__ = ["TunedClassifier", "TunedNetwork", "TunedRegressor", "plain"]


class TunedNetwork(Fitted):
    """A network trained as in a hyper-step, with given hyperparameters.

    Args:
        values: λ by name, as `engine.gradient.network.network_problem` takes it, without the rows.
        dynamics: inner optimiser: ``gd``, ``momentum`` or ``adam``.
        steps: minibatches of the training.
        batch_size: rows of a minibatch.
        hidden: units of each hidden layer.
        activation: ``relu`` or ``tanh``.
        convolutions: number, filters of the first, and edge of a kernel in pixels, of the
            convolutions before the hidden layers.
        picture: edge of the pictures in pixels, and the number of the pixel of each column.
        numbers: places of the rows to fit on in the weights of examples, shape (rows,); a row
            beyond the last weight weighs 1.
        random_state: seed of initial weights and minibatches.
    """

    def __init__(
        self,
        *,
        values: Mapping[str, Any],
        dynamics: str = "momentum",
        steps: int = 200,
        batch_size: int = 128,
        hidden: Sequence[int] = (100,),
        activation: str = "relu",
        convolutions: Sequence[int] | None = None,
        picture: Sequence[Any] | None = None,
        numbers: Any = None,
        random_state: int = 0,
    ) -> None:
        self.values = values
        self.dynamics = dynamics
        self.steps = steps
        self.batch_size = batch_size
        self.hidden = hidden
        self.activation = activation
        self.convolutions = convolutions
        self.picture = picture
        self.numbers = numbers
        self.random_state = random_state

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int) -> list[Any]:
        self.seed_ = int(self.random_state)
        picture = None if self.picture is None else Picture(self.picture[0], tuple(self.picture[1]))
        before = None
        if picture is not None and self.convolutions is not None:
            before = Convolutions(picture, *self.convolutions)
        shape = Architecture(X.shape[1], tuple(self.hidden), outputs, self.activation, before)  # type: ignore[arg-type]
        whole = y.dtype.kind == "i"
        problem = network_problem(
            shape,
            classes=outputs if whole else 0,
            dynamics=DYNAMICS[self.dynamics],
            steps=self.steps,
            batch=self.batch_size,
            picture=picture,
        )
        places = None if self.numbers is None else jnp.asarray(self.numbers)
        rows = Rows(jnp.asarray(X), jnp.asarray(y, jnp.int32 if whole else jnp.float32), places)
        hyper = {name: jnp.asarray(value, jnp.float32) for name, value in self.values.items()}
        if "examples" in hyper:
            # JAX clips indices, so rows beyond the end get this last weight.
            hyper["examples"] = jnp.append(hyper["examples"], jnp.ones(1, jnp.float32))

        def run(hyper: Any, draw: jax.Array) -> jax.Array:
            state = problem.begin(hyper, draw)
            state = problem.advance(hyper, draw)(state, jnp.arange(problem.steps))
            return problem.dynamics.weights(state)

        layers = shape.plain(jax.jit(run)({**hyper, **data(rows, rows)}, jnp.asarray(self.seed_)))
        if "inputs" in hyper:
            # Factors of the columns go into the first layer: the plain network takes raw columns.
            weights, biases = layers[0]
            layers[0] = (np.asarray(hyper["inputs"], np.float64)[:, None] * weights, biases)
        return layers

    def _described(self) -> dict[str, Any]:
        solver = "adam" if self.dynamics == "adam" else "sgd"
        about = {"activation": self.activation, "solver": solver, "batch_size": self.batch_size}
        return {**about, "random_state": self.seed_}

    def _history(self) -> tuple[Sequence[float], int]:
        return (), self.steps


class TunedClassifier(TunedNetwork, FittedClassifier):
    """Classifier for two or more classes. For its arguments see `TunedNetwork`."""


class TunedRegressor(TunedNetwork, FittedRegressor):
    """Regressor for one number. For its arguments see `TunedNetwork`."""
