"""A network's training as a bilevel problem: its hyperparameters, and where they enter.

The network is a multi-layer perceptron on rows of numbers, possibly behind convolutions. Its
weights are one vector, layer by layer, a matrix and then its biases; each of those is a group. The
inner loss is that of a minibatch with penalties, the outer loss that of the validation rows.
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
    """A multi-layer perceptron, possibly behind convolutions.

    Attributes:
        inputs: number of columns of the prepared table.
        hidden: units of each hidden layer.
        outputs: number of classes, or 1 for a number.
        activation: activation of the hidden layers.
        convolutions: convolutions before the first dense layer.
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: Activation = "tanh"
    convolutions: Convolutions | None = None

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of each layer's matrix or kernel and biases, in the order of the weights."""
        return shapes(self.inputs, self.hidden, self.outputs, self.convolutions)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups of weights."""
        layers = range(1, len(self.shapes) // 2 + 1)
        return tuple(f"{kind} {i}" for i in layers for kind in ("weights", "biases"))

    @property
    def groups(self) -> np.ndarray:
        """Group of each weight, shape (n,)."""
        return np.repeat(np.arange(len(self.shapes)), [math.prod(s) for s in self.shapes])

    def split(self, w: jax.Array) -> Layers:
        """Split ``w``, shape (n,), into the pairs (matrix or kernel, biases) of the layers."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])[:-1].tolist()
        parts = jnp.split(w, ends)
        parts = [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        return tuple(zip(parts[::2], parts[1::2], strict=True))

    def apply(self, w: jax.Array, features: jax.Array) -> jax.Array:
        """Compute the network's outputs.

        Args:
            w: weights, shape (n,).
            features: prepared rows, shape (rows, inputs).

        Returns:
            Shape (rows, outputs): logits, or the number itself.
        """
        if self.convolutions is not None:
            features = whole(features, self.convolutions.picture)
        return apply(self.split(w), features, self.activation)

    def plain(self, w: jax.Array) -> list[tuple[np.ndarray, np.ndarray]]:
        """Convert weights, shape (n,), to dense layers on the columns: pairs (W, b) in float64."""
        if self.convolutions is None:
            return dense(self.split(w), self.inputs)
        picture = self.convolutions.picture
        (first, biases), *rest = dense(self.split(w), picture.side**2)
        return [(first[list(picture.places)], biases), *rest]


@dataclass(frozen=True)
class Rows:
    """Rows over which a loss is averaged.

    Attributes:
        features: prepared columns, shape (rows, inputs).
        target: class codes or numbers, shape (rows,).
        numbers: places of the rows in the weights of examples, shape (rows,); None: 0, 1, ...
    """

    features: jax.Array
    target: jax.Array
    numbers: jax.Array | None = None


def losses(outputs: jax.Array, target: jax.Array, classes: int) -> jax.Array:
    """Compute the loss of each row.

    Args:
        outputs: outputs of the network, shape (rows, outputs).
        target: class codes or numbers, shape (rows,).
        classes: number of classes; 0 for a number.

    Returns:
        Cross-entropy, or half the squared error for a number, shape (rows,).
    """
    return cross_entropy(outputs, target) if classes else squared_error(outputs, target)


def data(train: Rows, valid: Rows) -> Hyper:
    """Put rows into a part of λ, so that one compiled function serves all folds of a size.

    Args:
        train: rows of the inner loss.
        valid: rows of the outer loss.

    Returns:
        Arrays by name, as `network_problem` takes them.
    """
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
    """Build the training of a network and its loss on validation rows, as functions of λ.

    λ must hold the rows (`data`) and the settings of ``dynamics``. The rest is optional; left out,
    it has no effect:

        scale     initial scale of the weights, by group (G,), times 1/sqrt(inputs of the layer)
        initial   initial weights themselves, (n,); ``scale`` then has no effect
        l2        penalty 1/2 Σ l2 w^2: a scalar, by group (G,) or by weight (n,)
        sharing   penalty 1/2 Σ a_jk |w_j - w_k|^2 over the pairs j < k of classes, (pairs,), with
                  w_j the weights into the output of class j
        examples  weights of the training rows, by their numbers; all 1 has no effect
        inputs    factors of the columns, (inputs,)
        learned   rows to train on in place of the training rows, (rows, inputs); the class of row
                  i is i modulo the number of classes
        transform how training pictures are moved, all alike, (4,): see `pictures.MOVES`
        jitter    and at random, as standard deviations, (4,)

    Args:
        architecture: the network.
        classes: number of classes; 0 for a number.
        dynamics: method of training.
        steps: number of steps T.
        batch: rows of a minibatch, drawn anew with replacement in each step; if there are not more
            rows than this, each step uses all of them.
        picture: places of the columns in a square picture, if they are pixels.

    Returns:
        The problem; its weights are in float of the type of the training rows.

    Source: Maclaurin et al. 2015, sections 3.1 (initial scales), 3.2 (a penalty per weight) and 3.3
    (learned rows); Franceschi et al. 2017, sections 5.1 (weights of examples) and 5.2 (sharing).
    """
    groups, layers = architecture.groups, architecture.shapes
    # Biases are drawn on the scale of their layer's weights.
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
        """Features, target and numbers of the rows to train on."""
        if "learned" not in hyper:
            return hyper["train features"], hyper["train target"], hyper["train numbers"]
        numbers = jnp.arange(hyper["learned"].shape[0])
        return hyper["learned"], numbers % classes, numbers

    def displaced(hyper: Hyper, features: jax.Array, key: jax.Array) -> jax.Array:
        """Move training pictures; other rows stay as they are."""
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
        # By run and step alone, so that the minibatch can be drawn again in a backward sweep.
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
        # One for all weights, or one for each, broadcasts as it is.
        by_group = hyper["l2"].shape == (len(layers),)
        penalty = spread(hyper["l2"], groups) if by_group else hyper["l2"]
        return mean + 0.5 * (penalty * w * w).sum()

    def outer(w: jax.Array, hyper: Hyper) -> jax.Array:
        return loss(w, hyper, hyper["valid features"], hyper["valid target"]).mean()

    return Bilevel(initial, inner, outer, dynamics, steps, groups, architecture.names)
