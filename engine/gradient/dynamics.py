"""Inner dynamics: how one step of training moves the weights.

A state is a tuple of vectors of shape (n,), the weights first, then what the method remembers.
Settings (step size, momentum) are scalars or of shape (n,).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp

from engine.gradient import wide  # noqa: F401 (wide types)

State = tuple[jax.Array, ...]
Settings = Mapping[str, jax.Array]

ADAM_EPSILON = 1e-5


class Dynamics(ABC):
    """A first-order method of training.

    Attributes:
        id: name in plans.
        settings: names of its settings in λ.
    """

    id: ClassVar[str]
    settings: ClassVar[tuple[str, ...]]

    @abstractmethod
    def begin(self, w: jax.Array) -> State:
        """Return the state before the first step, with initial weights ``w``, shape (n,)."""

    @abstractmethod
    def step(self, state: State, gradient: jax.Array, settings: Settings) -> State:
        """Do one step.

        Args:
            state: vectors of shape (n,), the weights first.
            gradient: of the training loss at these weights, shape (n,).
            settings: by name, scalars or of shape (n,).

        Returns:
            The state after the step.
        """

    @staticmethod
    def weights(state: State) -> jax.Array:
        """Return the weights of a state, shape (n,)."""
        return state[0]


class GradientDescent(Dynamics):
    """Gradient descent: w' = w - α g."""

    id = "gd"
    settings = ("step_size",)

    def begin(self, w: jax.Array) -> State:
        return (w,)

    def step(self, state: State, gradient: jax.Array, settings: Settings) -> State:
        (w,) = state
        return (w - settings["step_size"] * gradient,)


class Momentum(Dynamics):
    """SGD with momentum: v' = γ v - (1 - γ) g, w' = w + α v'.

    Heavy ball with rate η and momentum μ, m' = μ m + g, w' = w - η m', is γ = μ, α = η / (1 - μ),
    v = -(1 - μ) m.

    Source: Maclaurin et al. 2015, algorithm 1, with the new velocity in line 6, as in their code.
    """

    id = "momentum"
    settings = ("step_size", "momentum")

    def begin(self, w: jax.Array) -> State:
        return (w, jnp.zeros_like(w))

    def step(self, state: State, gradient: jax.Array, settings: Settings) -> State:
        w, v = state
        decay = settings["momentum"]
        v = decay * v - (1 - decay) * gradient  # algorithm 1, line 5
        return (w + settings["step_size"] * v, v)  # line 6


class Adam(Dynamics):
    """Adam, with ε inside the root, so that its derivative stays finite where a component of the
    gradient is zero.

    The state holds the powers of both β, vectors like the rest since β may differ by group.

    Source: Kingma and Ba 2015, algorithm 1, with the step size corrected for bias as at the end of
    their section 2.
    """

    id = "adam"
    settings = ("step_size", "beta1", "beta2")

    def begin(self, w: jax.Array) -> State:
        zero, one = jnp.zeros_like(w), jnp.ones_like(w)
        return (w, zero, zero, one, one)

    def step(self, state: State, gradient: jax.Array, settings: Settings) -> State:
        w, m, u, power1, power2 = state
        b1, b2 = settings["beta1"], settings["beta2"]
        m = b1 * m + (1 - b1) * gradient
        u = b2 * u + (1 - b2) * gradient**2
        power1, power2 = power1 * b1, power2 * b2
        # Both bias corrections, in the step size.
        rate = settings["step_size"] * jnp.sqrt(1 - power2) / (1 - power1)
        return (w - rate * m / jnp.sqrt(u + ADAM_EPSILON**2), m, u, power1, power2)


DYNAMICS: dict[str, Dynamics] = {
    dynamics.id: dynamics for dynamics in (GradientDescent(), Momentum(), Adam())
}
