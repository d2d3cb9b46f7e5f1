"""The layers of a network as pure functions, in whatever precision they are given.

Parameters are a tuple with a pair (W, b) for each layer, W of shape (inputs, outputs) and b of
shape (outputs,). A unit whose weights in and out are all zero stays so under every gradient step,
since both activations are zero at zero; so layers can be padded with such units.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

Layers = tuple[tuple[jax.Array, jax.Array], ...]

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}


def apply(layers: Layers, X: jax.Array, activation: str) -> jax.Array:
    """The outputs for rows ``X`` of shape (n, inputs): h = a(h W + b), the last layer linear.

    Args:
        activation: a key of `ACTIVATIONS`.

    Returns:
        Shape (n, outputs): unnormalised log-probabilities, or predicted numbers.
    """
    for weights, biases in layers[:-1]:
        X = ACTIVATIONS[activation](X @ weights + biases)
    weights, biases = layers[-1]
    return X @ weights + biases


def cross_entropy(outputs: jax.Array, codes: jax.Array) -> jax.Array:
    """-log of the probability that softmax gives each row's class, shape (n,).

    Args:
        outputs: shape (n, classes).
        codes: shape (n,), integers from 0.
    """
    classes = jnp.arange(outputs.shape[1], dtype=codes.dtype)
    zero = jnp.zeros((), outputs.dtype)
    own = jnp.sum(jnp.where(codes[:, None] == classes, outputs, zero), axis=1)
    return jax.nn.logsumexp(outputs, axis=1) - own


def squared_error(outputs: jax.Array, targets: jax.Array) -> jax.Array:
    """Half the squared error of each row, shape (n,); ``outputs`` are (n, 1), ``targets`` (n,)."""
    return 0.5 * (outputs[:, 0] - targets) ** 2


def penalty(layers: Layers, l2: jax.Array) -> jax.Array:
    """½ Σ l2_k ‖W_k‖² over the layers k; biases go free.

    Args:
        l2: shape (layers,).
    """
    return 0.5 * jnp.sum(l2 * jnp.stack([jnp.sum(weights**2) for weights, _ in layers]))
