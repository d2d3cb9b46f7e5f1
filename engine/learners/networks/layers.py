"""The layers of a network as pure functions, in whatever precision they are given.

Parameters are a tuple with a pair (W, b) for each layer, W of shape (inputs, outputs) and b of
shape (outputs,). A unit whose weights in and out are all zero stays so under every gradient step,
since both activations are zero at zero; so layers can be padded with such units. A layer whose W
has shape (height, width, channels in, channels out) is a convolution of square pictures that halves
their edge; their pixels are rows of numbers too, channels innermost.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

Layers = tuple[tuple[jax.Array, jax.Array], ...]

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}


def apply(layers: Layers, X: jax.Array, activation: str) -> jax.Array:
    """Compute the network's outputs: h = a(h W + b), the last layer linear.

    Args:
        layers: parameters.
        X: rows, shape (n, inputs).
        activation: a key of `ACTIVATIONS`.

    Returns:
        Shape (n, outputs): unnormalised log-probabilities, or predicted numbers.
    """
    for weights, biases in layers[:-1]:
        if weights.ndim == 4:
            X = ACTIVATIONS[activation](convolved(X, weights) + biases).reshape(X.shape[0], -1)
        else:
            X = ACTIVATIONS[activation](X @ weights + biases)
    weights, biases = layers[-1]
    return X @ weights + biases


def convolved(X: jax.Array, kernel: jax.Array) -> jax.Array:
    """Convolve square pictures with stride 2 and zero padding.

    Args:
        X: pictures as rows, channels innermost, shape (n, side² channels).
        kernel: shape (height, width, channels, filters).

    Returns:
        Shape (n, half, half, filters), where half is side / 2 rounded up.
    """
    channels = kernel.shape[2]
    side = math.isqrt(X.shape[1] // channels)
    images = X.reshape(X.shape[0], side, side, channels)
    layout = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(images, kernel, (2, 2), "SAME", dimension_numbers=layout)


def dense(layers: Layers, inputs: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Convert a network to dense layers only: a convolution is a matrix too.

    Args:
        layers: in any precision.
        inputs: columns of a row.

    Returns:
        Pairs (W, b) in float64.
    """
    found = []
    for weights, biases in layers:
        if weights.ndim == 4:
            # What becomes of a row with a single 1 is a row of the matrix; nothing is rounded.
            matrix = np.asarray(convolved(jnp.eye(inputs, dtype=weights.dtype), weights))
            biases = np.tile(np.asarray(biases), matrix.shape[1] * matrix.shape[2])
            weights = matrix.reshape(inputs, -1)
        found.append((np.asarray(weights, np.float64), np.asarray(biases, np.float64)))
        inputs = found[-1][1].size
    return found


def cross_entropy(outputs: jax.Array, codes: jax.Array) -> jax.Array:
    """Cross-entropy of each row: -log of the softmax probability of its class.

    Args:
        outputs: shape (n, classes).
        codes: shape (n,), integers from 0.

    Returns:
        Shape (n,).
    """
    classes = jnp.arange(outputs.shape[1], dtype=codes.dtype)
    zero = jnp.zeros((), outputs.dtype)
    # A masked sum instead of indexing: its derivative needs no scatter.
    own = jnp.sum(jnp.where(codes[:, None] == classes, outputs, zero), axis=1)
    return jax.nn.logsumexp(outputs, axis=1) - own


def squared_error(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """Half the squared error of each row.

    Args:
        outputs: shape (n, 1).
        targets: shape (n,).

    Returns:
        Shape (n,).
    """
    return 0.5 * (outputs[:, 0] - targets) ** 2


def penalty(layers: Layers, l2: jax.Array) -> jax.Array:
    """½ Σ l2_k ‖W_k‖² over the layers k; biases are not penalised.

    Args:
        layers: parameters.
        l2: shape (layers,).

    Returns:
        A scalar, shape ().
    """
    return 0.5 * jnp.sum(l2 * jnp.stack([jnp.sum(weights**2) for weights, _ in layers]))
