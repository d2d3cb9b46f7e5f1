"""A network's training as a bilevel problem: which hyperparameters it has, and where they enter.

The network is a multi-layer perceptron on rows of numbers; its weights are one vector, layer by
layer, a matrix and then its biases. Each of those is a group. The inner loss is that of a minibatch
with penalties, the outer loss that of the validation rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from engine.gradient.dynamics import Dynamics
from engine.gradient.problem import Bilevel, Hyper, spread
from engine.guide.facts import Picture
from engine.learners.networks.layers import Layers, apply, cross_entropy, dense, squared_error
from engine.learners.networks.pictures import MOVES, moved, whole
from engine.learners.networks.shapes import Convolutions, shapes

Activation = Literal["relu", "tanh"]


@dataclass(frozen=True)
class Architecture:
    """A multi-layer perceptron, maybe behind convolutions.

    Attributes:
        inputs: columns of the prepared table.
        hidden: units of each hidden layer.
        outputs: classes, or 1 for a number.
        activation: of the hidden layers.
        convolutions: before the first layer of units.
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: Activation = "tanh"
    convolutions: Convolutions | None = None

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of each layer's matrix or kernel and biases, in the order of the weights."""
        return shapes(self.inputs, self.hidden, self.outputs, self.convolutions)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the groups of weights."""
        layers = range(1, len(self.shapes) // 2 + 1)
        return tuple(f"{kind} {i}" for i in layers for kind in ("weights", "biases"))

    @property
    def groups(self) -> np.ndarray:
        """Shape (n,): the group of each weight."""
        return np.repeat(np.arange(len(self.shapes)), [math.prod(s) for s in self.shapes])

    def split(self, w: jax.Array) -> Layers:
        """``w``, shape (n,), as the matrices or kernels and biases of the layers."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])[:-1].tolist()
        parts = jnp.split(w, ends)
        parts = [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        return tuple(zip(parts[::2], parts[1::2], strict=True))

    def apply(self, w: jax.Array, features: jax.Array) -> jax.Array:
        """The outputs for ``features``, shape (rows, inputs): logits, or the number itself."""
        if self.convolutions is not None:
            features = whole(features, self.convolutions.picture)
        return apply(self.split(w), features, self.activation)

    def plain(self, w: jax.Array) -> list[tuple[np.ndarray, np.ndarray]]:
        """The same network as layers of units on the columns: pairs (W, b), in float64."""
        if self.convolutions is None:
            return dense(self.split(w), self.inputs)
        picture = self.convolutions.picture
        (first, biases), *rest = dense(self.split(w), picture.side**2)
        return [(first[list(picture.places)], biases), *rest]


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
    return cross_entropy(outputs, target) if classes else squared_error(outputs, target)


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
    architecture: Architecture,
    *,
    classes: int,
    dynamics: Dynamics,
    steps: int,
    batch: int,
    picture: Picture | None = None,
) -> Bilevel:
    """The training of a network and its loss on validation rows, as a function of λ.

    λ must hold the rows (`data`) and the settings of ``dynamics``; the rest is optional and has a
    neutral value where it is left out:

        scale     initial scale of the weights, by group (G,), times 1/sqrt(inputs of the layer)
        initial   initial weights themselves, (n,); with it ``scale`` has no meaning
        l2        penalty 1/2 Σ l2 w^2: a scalar, by group (G,) or by weight (n,)
        sharing   penalty 1/2 Σ a_jk |w_j - w_k|^2 over the pairs j < k of classes, (pairs,), with
                  w_j the weights into the output of class j (Franceschi et al. 2017, section 5.2)
        examples  weights of the training rows, by their numbers; all 1 is neutral
        inputs    factors of the columns, (inputs,)
        learned   rows to train on in place of the training rows, (rows, inputs); row i is of class
                  i modulo the classes
        transform how training pictures are moved, all alike, (4,): see `pictures.MOVES`
        jitter    and at random, as standard deviations, (4,)

    Args:
        classes: 0 for a number.
        batch: rows of a minibatch, drawn afresh each step; from as many as there are on, all of
            them.
        picture: how the columns lie in one, if they do.
    """
    groups, layers = architecture.groups, architecture.shapes
    # Biases are drawn as small as the weights of their layer.
    fan_in = np.repeat([math.prod(s[:-1]) for s in layers[::2]], 2)
    first, second = np.triu_indices(architecture.outputs, 1)

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
        return spread(hyper.get("scale", jnp.ones_like(usual)) * usual, groups) * drawn

    def trained(hyper: Hyper) -> tuple[jax.Array, jax.Array, jax.Array]:
        """Features, target and numbers of what is trained on."""
        if "learned" not in hyper:
            return hyper["train features"], hyper["train target"], hyper["train numbers"]
        numbers = jnp.arange(hyper["learned"].shape[0])
        return hyper["learned"], numbers % classes, numbers

    def displaced(hyper: Hyper, features: jax.Array, key: jax.Array) -> jax.Array:
        """Training pictures, moved."""
        if picture is None or not {"transform", "jitter"} & hyper.keys():
            return features
        moves = jnp.zeros((features.shape[0], len(MOVES)), features.dtype)
        if "transform" in hyper:
            moves = moves + hyper["transform"]
        if "jitter" in hyper:
            drawn = jax.random.normal(jax.random.fold_in(key, 1), moves.shape, moves.dtype)
            moves = moves + hyper["jitter"] * drawn
        return moved(features, moves, picture)

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        features, target, numbers = trained(hyper)
        rows = features.shape[0]
        key = jax.random.fold_in(jax.random.key(draw), t + 1)
        if batch < rows:
            chosen = jax.random.randint(key, (batch,), 0, rows)
            features, target, numbers = features[chosen], target[chosen], numbers[chosen]
        features = displaced(hyper, features, key)
        each = loss(w, hyper, features, target)
        mean = (hyper["examples"][numbers] * each).mean() if "examples" in hyper else each.mean()
        if "sharing" in hyper:
            last, _ = architecture.split(w)[-1]
            apart = ((last[:, first] - last[:, second]) ** 2).sum(axis=0)
            mean = mean + 0.5 * (hyper["sharing"] * apart).sum()
        if "l2" not in hyper:
            return mean
        by_group = hyper["l2"].shape == (len(layers),)
        penalty = spread(hyper["l2"], groups) if by_group else hyper["l2"]
        return mean + 0.5 * (penalty * w * w).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return loss(w, hyper, hyper["valid features"], hyper["valid target"]).mean()

    return Bilevel(initial, inner, outer, dynamics, steps, groups, architecture.names)
