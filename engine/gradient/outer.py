"""Outer optimisers: how hypergradients move the hyperparameters; pure steps over explicit state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from engine.gradient import groups as grouped
from engine.gradient.groups import Group
from engine.gradient.problem import Hyper

NOISE = 100.0
"""Growth of the derivative by the weights from which a hypergradient is not followed. The guard
warns much later (`guard.GROWTH`), when there is nothing left to tune with."""
COOLING = 0.1
"""By how much the logarithm of step sizes then falls: smaller ones are the guard's first remedy."""
STEP_SIZE = "step_size"


def falling(rate: float, halving: float) -> optax.Schedule:
    """An outer step size that is half as large after ``halving`` hyper-steps, a third after twice
    as many, and so on (Robbins and Monro 1951): no horizon need be known."""
    return lambda count: rate / (1 + count / halving)


OPTIMISERS: Mapping[str, Callable[[optax.ScalarOrSchedule], optax.GradientTransformation]] = {
    # Maclaurin et al. (2015) and their code: β2 = 0.99.
    "adam": lambda rate: optax.adam(rate, b1=0.9, b2=0.99),
    "rmsprop": optax.rmsprop,
    "sgd": optax.sgd,
}
"""By id, made from their step size."""


class FoldGradient(NamedTuple):
    """What one training gave.

    Attributes:
        gradient: by the natural values.
        value: the outer loss, above 0.
        growth: of the norm of the derivative by the weights over the way back.
    """

    gradient: Hyper
    value: float = 1.0
    growth: float = 1.0


def lost(hyper: Hyper) -> FoldGradient:
    """What a training that diverged gives: nothing to follow."""
    return FoldGradient(jax.tree.map(jnp.zeros_like, hyper), growth=math.inf)


class OuterState(NamedTuple):
    """Where the tuning stands: free values, the optimiser's memory, hyper-steps done."""

    free: Hyper
    memory: Any
    done: int


def begin(groups: Sequence[Group], optimiser: optax.GradientTransformation) -> OuterState:
    """Before the first hyper-step."""
    free = grouped.begin(groups)
    return OuterState(free, optimiser.init(free), 0)


def step(
    groups: Sequence[Group],
    optimiser: optax.GradientTransformation,
    tuning: OuterState,
    found: Sequence[FoldGradient],
    *,
    longest: float,
) -> OuterState:
    """After one hyper-step: along the mean of the hypergradients that are no noise.

    They are taken of the logarithm of the outer loss. So they are about as long at the end, where
    the loss is small, as at the start, and what Adam remembers of their size holds.

    A training that amplifies changes of its weights says nothing of where the outer loss falls, and
    one such hypergradient, orders of magnitude longer than others, would decide the direction of
    many hyper-steps. So each counts no more than others do, the noisy ones not at all; instead all
    step sizes that are tuned become a little smaller, which leads back to where training is tame.

    Args:
        found: of each training that the hyper-step averages over. Where a derivative is no number,
            it counts as zero.
        longest: a gradient of the logarithm by the free values that is longer is shortened to this.
    """
    tame = jnp.stack([jnp.asarray(each.growth) <= NOISE for each in found])
    share = tame.mean()
    weights = tame / jnp.maximum(tame.sum(), 1)
    parts = [_followed(groups, tuning.free, each, longest) for each in found]
    mean = {
        name: sum((w * part[name]).astype(g.dtype) for w, part in zip(weights, parts, strict=True))
        for name, g in tuning.free.items()
    }
    updates, memory = optimiser.update(mean, tuning.memory, tuning.free)
    moved = {name: values + updates[name] for name, values in tuning.free.items()}  # type: ignore[index]
    # Where most of it is noise, neither a step nor a memory of it.
    free, memory = jax.tree.map(
        lambda new, old: jnp.where(share >= 0.5, new, old),
        (moved, memory),
        (tuning.free, tuning.memory),
    )
    if STEP_SIZE in free:
        cooled = free[STEP_SIZE] - COOLING * (1 - share)
        free = {**free, STEP_SIZE: cooled.astype(free[STEP_SIZE].dtype)}
    return OuterState(grouped.project(groups, free), memory, tuning.done + 1)


def _followed(groups: Sequence[Group], free: Hyper, found: FoldGradient, longest: float) -> Hyper:
    """By the free values, of the logarithm of the loss, and not too long."""
    pulled = grouped.pull(groups, free, found.gradient)
    usable = jax.tree.map(lambda g: jnp.where(jnp.isfinite(g), g / found.value, 0), pulled)
    shorten = jnp.minimum(1.0, longest / jnp.maximum(optax.tree.norm(usable), 1e-300))
    return jax.tree.map(lambda g: (g * shorten).astype(g.dtype), usable)
