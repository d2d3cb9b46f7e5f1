"""Find where in a training run each hyperparameter acts, from the traced functions.

The answer is about structure, not values: a penalty on weights that are all zero has derivative 0,
but it does act on the training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp

from engine.errors import InputError
from engine.gradient.problem import Bilevel, Hyper, Names

_KNOWN: WeakKeyDictionary[Bilevel, dict[Any, dict[str, frozenset[Place]]]] = WeakKeyDictionary()


class Place(StrEnum):
    """A part of a training run."""

    INITIAL = "initial"
    """The initial weights."""
    INNER = "inner"
    """The training loss."""
    SETTINGS = "settings"
    """How a step moves the weights."""
    OUTER = "outer"
    """The outer loss itself."""


def places(problem: Bilevel, hyper: Hyper) -> dict[str, frozenset[Place]]:
    """Find the parts of the training on which each hyperparameter acts.

    Args:
        problem: the training.
        hyper: λ; only names and shapes matter.

    Returns:
        By name in λ; empty for what nothing depends on. Traced once per problem and shapes.
    """
    known = _KNOWN.setdefault(problem, {})
    shapes = tuple((name, values.shape) for name, values in sorted(hyper.items()))
    if shapes not in known:
        known[shapes] = _places(problem, hyper)
    return known[shapes]


def check_connected(problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
    """Refuse to tune hyperparameters on which nothing depends.

    Args:
        problem: the training.
        hyper: λ; only names and shapes matter.
        tuned: names in λ to differentiate by.

    Raises:
        InputError: ``gradient.detached``, with their names.
    """
    acting = places(problem, hyper)
    idle = [name for name in tuned if not acting[name]]
    if idle:
        raise InputError("gradient.detached", names=", ".join(idle))


def _places(problem: Bilevel, hyper: Hyper) -> dict[str, frozenset[Place]]:
    draw = t = jnp.asarray(0)
    w = jax.eval_shape(problem.initial, hyper, draw)
    found = {
        Place.INITIAL: _used(lambda h: problem.initial(h, draw), hyper),
        Place.INNER: _used(lambda h, w: problem.gradient(w, h, t, draw), hyper, w),
        Place.SETTINGS: frozenset(problem.dynamics.settings),
        Place.OUTER: _used(lambda h, w: problem.outer(w, h), hyper, w),
    }
    return {name: frozenset(p for p, names in found.items() if name in names) for name in hyper}


def _used(function: Callable[..., Any], hyper: Hyper, *rest: Any) -> frozenset[str]:
    """Names in λ on which the result of ``function`` (λ, ...) depends."""
    jaxpr = jax.make_jaxpr(function)(hyper, *rest).jaxpr
    # Backwards from the results, an operation that is needed needs all it takes. The entries of a
    # dictionary are traced in the order of their names.
    needed = _variables(jaxpr.outvars)
    for operation in reversed(jaxpr.eqns):
        if not needed.isdisjoint(operation.outvars):
            needed |= _variables(operation.invars)
    named = zip(sorted(hyper), jaxpr.invars, strict=False)
    return frozenset(name for name, variable in named if variable in needed)


def _variables(atoms: Iterable[Any]) -> set[Any]:
    return {atom for atom in atoms if not hasattr(atom, "val")}  # a literal has a value
