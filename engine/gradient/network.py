"""A network's training as a bilevel problem: which hyperparameters it has, and where they enter.

The network is a multi-layer perceptron on rows of numbers; its weights are one vector, layer by
layer, a matrix and then its biases. Each of those is a group. The inner loss is that of a minibatch
with penalties, the outer loss that of the validation rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from engine.gradient.dynamics import Dynamics
from engine.gradient.problem import Bilevel, Hyper

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
        sizes = (self.inputs, *self.hidden, self.outputs)
        return tuple(shape for a, b in pairwise(sizes) for shape in ((a, b), (b,)))

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
    """Rows that a loss is about: features of shape (rows, inputs), and class codes or numbers of
    shape (rows,)."""

    features: jax.Array
    target: jax.Array


def losses(outputs: jax.Array, target: jax.Array, classes: int) -> jax.Array:
    """Of each row: cross-entropy, or with ``classes`` 0 half the squared error; shape (rows,)."""
    if not classes:
        return 0.5 * (outputs[:, 0] - target) ** 2
    logs = jax.nn.log_softmax(outputs)
    return -jnp.take_along_axis(logs, target[:, None].astype(jnp.int32), axis=1)[:, 0]


def network_problem(
    architecture: Architecture,
    train: Rows,
    valid: Rows,
    *,
    classes: int,
    dynamics: Dynamics,
    steps: int,
    batch: int,
) -> Bilevel:
    """The training of a network on ``train`` and its loss on ``valid``, as a function of λ.

    λ must hold the settings of ``dynamics``; the rest is optional and has a neutral value where it
    is left out:

        scale     initial scale of the weights, by group (G,), times 1/sqrt(inputs of the layer)
        initial   initial weights themselves, (n,); with it ``scale`` has no meaning
        l2        penalty 1/2 Σ l2 w^2: a scalar, by group (G,) or by weight (n,)
        examples  weights of the training rows, (rows,), mean 1 is neutral
        inputs    factors of the columns, (inputs,)

    Args:
        batch: rows of a minibatch, drawn afresh each step; from as many as there are on, all of
            them.
    """
    groups, shapes = architecture.groups, architecture.shapes
    rows, dtype = train.target.shape[0], train.features.dtype
    # Biases begin at 0 times their scale's own draw, as small as the weights of their layer.
    fan_in = np.repeat([s[0] for s in shapes[::2]], 2)
    usual = jnp.asarray(1 / np.sqrt(fan_in), dtype)

    def scaled(features: jax.Array, hyper: Hyper) -> jax.Array:
        return features * hyper["inputs"] if "inputs" in hyper else features

    def initial(hyper: Hyper, draw: jax.Array) -> jax.Array:
        if "initial" in hyper:
            return hyper["initial"]
        drawn = jax.random.normal(jax.random.key(draw), groups.shape, dtype)
        return (hyper.get("scale", jnp.ones(len(shapes), dtype)) * usual)[groups] * drawn

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        features, target, weights = train.features, train.target, hyper.get("examples")
        if batch < rows:
            key = jax.random.fold_in(jax.random.key(draw), t + 1)
            chosen = jax.random.randint(key, (batch,), 0, rows)
            features, target = features[chosen], target[chosen]
            weights = None if weights is None else weights[chosen]
        each = losses(architecture.apply(w, scaled(features, hyper)), target, classes)
        loss = each.mean() if weights is None else (weights * each).mean()
        if "l2" not in hyper:
            return loss
        penalty = hyper["l2"][groups] if hyper["l2"].shape == (len(shapes),) else hyper["l2"]
        return loss + 0.5 * (penalty * w * w).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        outputs = architecture.apply(w, scaled(valid.features, hyper))
        return losses(outputs, valid.target, classes).mean()

    return Bilevel(initial, inner, outer, dynamics, steps, groups, architecture.names)
