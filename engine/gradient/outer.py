"""Outer optimisers, which move hyperparameters by hypergradients: pure steps, explicit state."""

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
"""Growth of the derivative by the weights above which a hypergradient is not followed. The guard
warns only at ten times as much (`guard.GROWTH`)."""
COOLING = 0.1
"""Amount by which the logarithm of step sizes then falls: the guard's first remedy."""
STEP_SIZE = "step_size"


def falling(rate: float, halving: float) -> optax.Schedule:
    """Build a schedule of the outer step size: rate / (1 + t / halving) at hyper-step t.

    It needs no horizon, so a run can be extended.

    Args:
        rate: step size at the start.
        halving: number of hyper-steps after which it is half as large.

    Returns:
        The schedule.

    Source: Robbins and Monro 1951; their conditions on step sizes hold.
    """
    return lambda count: rate / (1 + count / halving)


OPTIMISERS: Mapping[str, Callable[[optax.ScalarOrSchedule], optax.GradientTransformation]] = {
    # Adam as in Maclaurin et al. 2015, section 3.1; β1 = 0.9 and β2 = 0.99 as in their code.
    "adam": lambda rate: optax.adam(rate, b1=0.9, b2=0.99),
    "rmsprop": optax.rmsprop,
    "sgd": optax.sgd,
}
"""Functions that build an outer optimiser from its step size, by id."""


class FoldGradient(NamedTuple):
    """Hypergradient of one training, as the outer optimiser takes it.

    Attributes:
        gradient: derivative of the outer loss by the natural values, by name.
        value: outer loss, above 0.
        growth: growth of the norm of the derivative by the weights over the backward sweep.
    """

    gradient: Hyper
    value: float = 1.0
    growth: float = 1.0


def lost(hyper: Hyper) -> FoldGradient:
    """Return the gradient of a training that diverged: zeros shaped like ``hyper``, and noise."""
    return FoldGradient(jax.tree.map(jnp.zeros_like, hyper), growth=math.inf)


class OuterState(NamedTuple):
    """State of the tuning between two hyper-steps.

    Attributes:
        free: free values by name.
        memory: memory of the outer optimiser.
        done: number of hyper-steps done.
    """

    free: Hyper
    memory: Any
    done: int


def begin(groups: Sequence[Group], optimiser: optax.GradientTransformation) -> OuterState:
    """Return the state before the first hyper-step."""
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
    """Do one outer step along the mean of the hypergradients that are not noise.

    The gradients are of the logarithm of the outer loss. So they are about as long at the end,
    where the loss is small, as at the start, and Adam's memory of their size stays valid.

    The hypergradient of a training that amplifies changes of its weights does not show where the
    outer loss falls, and a single one, orders of magnitude longer than others, would decide the
    direction of many hyper-steps. So long hypergradients are shortened, and noisy ones are left
    out; instead all tuned step sizes are lowered a little, which leads back to where
    training is stable.

    Args:
        groups: groups of hyperparameters.
        optimiser: outer optimiser.
        tuning: state before the step.
        found: hypergradients of the trainings (folds) over which to average. A derivative that is
            not finite counts as zero.
        longest: norm to which a longer gradient of the logarithm by the free values is shortened.

    Returns:
        The state after the step, values within their bounds.
    """
    # A mask, not a loop over the tame ones: the function is compiled.
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
    # If most hypergradients are noise, neither values nor memory change.
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
    """The gradient of the logarithm of the loss by the free values, of norm ``longest`` at most."""
    pulled = grouped.pull(groups, free, found.gradient)
    # d log E = dE / E.
    usable = jax.tree.map(lambda g: jnp.where(jnp.isfinite(g), g / found.value, 0), pulled)
    shorten = jnp.minimum(1.0, longest / jnp.maximum(optax.tree.norm(usable), 1e-300))
    return jax.tree.map(lambda g: (g * shorten).astype(g.dtype), usable)
