"""A network's training as a bilevel problem: which hyperparameters it has, and where they enter.

The network is a multi-layer perceptron on rows of numbers; its weights are one vector, layer by
layer, a matrix and then its biases. Each of those is a group. The inner loss is that of a minibatch
with penalties, the outer loss that of the validation rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from engine.gradient.dynamics import Dynamics
from engine.gradient.problem import Bilevel, Hyper
from engine.tuners.hyper.training import shapes

Activation = Literal["relu", "tanh"]
ACTIVATIONS: Mapping[str, Any] = {"relu": jax.nn.relu, "tanh": jnp.tanh}


@dataclass(frozen=True)
class Architecture:
    """A multi-layer perceptron.

    Attributes:
        inputs: columns of the prepared table.
        hidden: units of each hidden layer.
        outputs: classes, or 1 for a number.
        activation: of the hidden layers.
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: Activation = "tanh"

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of each layer's matrix and biases, in the order of the weights."""
        return shapes(self.inputs, self.hidden, self.outputs)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the groups of weights."""
        layers = len(self.hidden) + 1
        return tuple(f"{kind} {i}" for i in range(1, layers + 1) for kind in ("weights", "biases"))

    @property
    def groups(self) -> np.ndarray:
        """Shape (n,): the group of each weight."""
        return np.repeat(np.arange(len(self.shapes)), [math.prod(s) for s in self.shapes])

    def split(self, w: jax.Array) -> list[jax.Array]:
        """``w``, shape (n,), as the matrices and biases of the layers."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])[:-1].tolist()
        parts = jnp.split(w, ends)
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def apply(self, w: jax.Array, features: jax.Array) -> jax.Array:
        """The outputs for ``features``, shape (rows, inputs): logits, or the number itself."""
        *hidden, matrix, biases = self.split(w)
        layer = ACTIVATIONS[self.activation]
        for weights, shift in zip(hidden[::2], hidden[1::2], strict=True):
            features = layer(features @ weights + shift)
        return features @ matrix + biases


@dataclass(frozen=True)
class Rows:
    """Rows that a loss is about.

    Attributes:
        features: shape (rows, inputs).
        target: class codes or numbers, shape (rows,).
        numbers: the rows' places in the weights of examples, shape (rows,); None: in this order.
    """

    features: jax.Array
    target: jax.Array
    numbers: jax.Array | None = None


def losses(outputs: jax.Array, target: jax.Array, classes: int) -> jax.Array:
    """Of each row: cross-entropy, or with ``classes`` 0 half the squared error; shape (rows,)."""
    if not classes:
        return 0.5 * (outputs[:, 0] - target) ** 2
    logs = jax.nn.log_softmax(outputs)
    return -jnp.take_along_axis(logs, target[:, None].astype(jnp.int32), axis=1)[:, 0]


def data(train: Rows, valid: Rows) -> Hyper:
    """The rows as part of λ, so that one compiled function serves all folds of a size."""
    count = train.target.shape[0]
    return {
        "train features": train.features,
        "train target": train.target,
        "train numbers": jnp.arange(count) if train.numbers is None else train.numbers,
        "valid features": valid.features,
        "valid target": valid.target,
    }


def network_problem(
    architecture: Architecture, *, classes: int, dynamics: Dynamics, steps: int, batch: int
) -> Bilevel:
    """The training of a network and its loss on validation rows, as a function of λ.

    λ must hold the rows (`data`) and the settings of ``dynamics``; the rest is optional and has a
    neutral value where it is left out:

        scale     initial scale of the weights, by group (G,), times 1/sqrt(inputs of the layer)
        initial   initial weights themselves, (n,); with it ``scale`` has no meaning
        l2        penalty 1/2 Σ l2 w^2: a scalar, by group (G,) or by weight (n,)
        examples  weights of the training rows, by their numbers; all 1 is neutral
        inputs    factors of the columns, (inputs,)

    Args:
        classes: 0 for a number.
        batch: rows of a minibatch, drawn afresh each step; from as many as there are on, all of
            them.
    """
    groups, layers = architecture.groups, architecture.shapes
    # Biases are drawn as small as the weights of their layer.
    fan_in = np.repeat([s[0] for s in layers[::2]], 2)

    def loss(w: jax.Array, hyper: Hyper, features: jax.Array, target: jax.Array) -> jax.Array:
        if "inputs" in hyper:
            features = features * hyper["inputs"]
        return losses(architecture.apply(w, features), target, classes)

    def initial(hyper: Hyper, draw: jax.Array) -> jax.Array:
        if "initial" in hyper:
            return hyper["initial"]
        dtype = hyper["train features"].dtype
        drawn = jax.random.normal(jax.random.key(draw), groups.shape, dtype)
        usual = jnp.asarray(1 / np.sqrt(fan_in), dtype)
        return (hyper.get("scale", jnp.ones_like(usual)) * usual)[groups] * drawn

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        features, target = hyper["train features"], hyper["train target"]
        numbers, rows = hyper["train numbers"], hyper["train target"].shape[0]
        if batch < rows:
            key = jax.random.fold_in(jax.random.key(draw), t + 1)
            chosen = jax.random.randint(key, (batch,), 0, rows)
            features, target, numbers = features[chosen], target[chosen], numbers[chosen]
        each = loss(w, hyper, features, target)
        mean = (hyper["examples"][numbers] * each).mean() if "examples" in hyper else each.mean()
        if "l2" not in hyper:
            return mean
        penalty = hyper["l2"][groups] if hyper["l2"].shape == (len(layers),) else hyper["l2"]
        return mean + 0.5 * (penalty * w * w).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return loss(w, hyper, hyper["valid features"], hyper["valid target"]).mean()

    return Bilevel(initial, inner, outer, dynamics, steps, groups, architecture.names)
