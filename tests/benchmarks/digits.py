"""Scikit-learn's digits and networks on them, as the scripts of hypergradients take them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits

from engine.gradient.dynamics import Momentum
from engine.gradient.network import Architecture, Rows, network_problem
from engine.gradient.problem import Bilevel, Hyper

DEEP = Architecture(64, (50, 50, 50), 10)
"""The network of Maclaurin et al. (2015), section 3.1, for images of 8x8: 8,860 weights."""


def rows(seed: int, *counts: int, dtype: Any = jnp.float32) -> list[Rows]:
    """So many rows each, drawn without replacement, and at last those that remain."""
    features, target = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(target))
    parts = np.split(order, np.cumsum(counts))
    return [
        Rows(jnp.asarray(features[part] / 16, dtype), jnp.asarray(target[part], jnp.int32))
        for part in parts
    ]


def training(steps: int, batch: int = 200, architecture: Architecture = DEEP) -> Bilevel:
    """Of a network, by SGD with momentum."""
    return network_problem(architecture, classes=10, dynamics=Momentum(), steps=steps, batch=batch)


def settings(
    steps: int, step_size: float, momentum: float, scale: float = 1.0, dtype: Any = jnp.float32
) -> Hyper:
    """By step and group, all the same; initial scales by group."""
    count = len(DEEP.names)
    return {
        "step_size": jnp.full((steps, count), step_size, dtype),
        "momentum": jnp.full((steps, count), momentum, dtype),
        "scale": jnp.full(count, scale, dtype),
    }


def fan_in(architecture: Architecture = DEEP) -> np.ndarray:
    """Inputs of the layer of each group of weights."""
    return np.repeat([shape[0] for shape in architecture.shapes[::2]], 2)


def loss_on(problem: Bilevel, w: jax.Array, hyper: Hyper, of: Rows) -> jax.Array:
    """Mean loss of ``of``."""
    valid = {"valid features": of.features, "valid target": of.target}
    return problem.outer(w, {**hyper, **valid})
