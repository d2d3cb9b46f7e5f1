"""Where in a training run each hyperparameter acts, read off the traced functions.

The answer is about structure, not values: a penalty on weights that are all zero has no slope, and
acts on the training all the same.
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
    """Of a training run."""

    INITIAL = "initial"
    """The initial weights."""
    INNER = "inner"
    """The training loss."""
    SETTINGS = "settings"
    """How a step moves the weights."""
    OUTER = "outer"
    """The outer loss itself."""


def places(problem: Bilevel, hyper: Hyper) -> dict[str, frozenset[Place]]:
    """Where each name in λ acts; empty for what nothing depends on. Traced once a problem."""
    known = _KNOWN.setdefault(problem, {})
    shapes = tuple((name, values.shape) for name, values in sorted(hyper.items()))
    if shapes not in known:
        known[shapes] = _places(problem, hyper)
    return known[shapes]


def check_connected(problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
    """Refuse to tune what nothing depends on.

    Raises:
        InputError: ``gradient.detached``, naming it.
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
    """Names in λ on which what ``function`` (λ, ...) gives depends."""
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
