"""Outer optimisers: how hypergradients move the hyperparameters; pure steps over explicit state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from engine.gradient import groups as grouped
from engine.gradient.groups import Group
from engine.gradient.problem import Hyper

OPTIMISERS: Mapping[str, Callable[[float], optax.GradientTransformation]] = {
    # Maclaurin et al. (2015) and their code: β2 = 0.99.
    "adam": lambda rate: optax.adam(rate, b1=0.9, b2=0.99),
    "rmsprop": optax.rmsprop,
    "sgd": optax.sgd,
}
"""By id, made from their step size."""


class Tuning(NamedTuple):
    """Where the tuning stands: free values, the optimiser's memory, hyper-steps done."""

    free: Hyper
    memory: Any
    done: int


def begin(groups: Sequence[Group], optimiser: optax.GradientTransformation) -> Tuning:
    """Before the first hyper-step."""
    free = grouped.begin(groups)
    return Tuning(free, optimiser.init(free), 0)


def step(
    groups: Sequence[Group],
    optimiser: optax.GradientTransformation,
    tuning: Tuning,
    gradient: Hyper,
    *,
    longest: float,
) -> Tuning:
    """After one hyper-step.

    Args:
        gradient: by the natural values. Where it is no number, it counts as zero: a training that
            diverged says nothing about that hyperparameter.
        longest: a gradient by the free values that is longer is shortened to this.
    """
    pulled = grouped.pull(groups, tuning.free, gradient)
    usable = jax.tree.map(lambda g: jnp.where(jnp.isfinite(g), g, 0), pulled)
    length = optax.tree.norm(usable)
    shorten = jnp.minimum(1.0, longest / jnp.maximum(length, 1e-300))
    clipped = jax.tree.map(lambda g: (g * shorten).astype(g.dtype), usable)
    updates, memory = optimiser.update(clipped, tuning.memory, tuning.free)
    moved = {name: values + updates[name] for name, values in tuning.free.items()}  # type: ignore[index]
    return Tuning(grouped.project(groups, moved), memory, tuning.done + 1)
