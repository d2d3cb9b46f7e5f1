"""What every hypergradient engine is: a way through a training run and back."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import jax
import jax.numpy as jnp

from engine.gradient.connection import check_connected
from engine.gradient.problem import Bilevel, Cost, Hyper, Hypergradient, Names
from engine.tuners.hyper.engines import ENGINES as CARDS
from engine.tuners.hyper.engines import Figures

Differentiate = Callable[[Hyper, int], Hypergradient]
"""(λ, draw) -> the hypergradient, by the tuned names, of the training run that ``draw`` decides."""


class Engine(ABC):
    """A way to compute hypergradients, with its options as the constructor's arguments.

    λ holds everything the problem's functions take; only the names in ``tuned`` are differentiated
    by.

    Attributes:
        id: its name in plans.
        exact: whether it gives the derivative of the training run itself.
    """

    id: ClassVar[str]
    exact: ClassVar[bool]

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse what this engine can't tune or go through.

        Raises:
            InputError: in words; ``gradient.detached`` for what nothing depends on.
        """
        check_connected(problem, hyper, tuned)

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        """What one hypergradient takes, by `engine.tuners.hyper.engines`."""
        card, figures = CARDS[self.id], self.figures(problem, hyper, tuned)
        return Cost(float(card.stored(figures)), float(card.gradients(figures)))

    def figures(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Figures:
        """What the cost depends on."""
        return Figures(
            weights=problem.groups.size,
            state_bytes=state_bytes(problem, hyper),
            steps=problem.steps,
            tuned=sum(hyper[name].size for name in tuned),
            item=jax.eval_shape(problem.initial, hyper, jnp.asarray(0)).dtype.itemsize,
        )

    @abstractmethod
    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        """A function, compiled at its first call, that gives hypergradients of ``problem``."""


def state_bytes(problem: Bilevel, hyper: Hyper) -> int:
    """Size of one state of the dynamics."""
    shapes = jax.eval_shape(problem.begin, hyper, jnp.asarray(0))
    return sum(math.prod(part.shape) * part.dtype.itemsize for part in shapes)


def chosen(hyper: Hyper, tuned: Names) -> Hyper:
    """The tuned part of λ."""
    return {name: hyper[name] for name in tuned}
