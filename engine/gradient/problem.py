"""`Bilevel`: an outer loss at the end of a training run, the problem that hypergradients solve.

    min over λ of  E(w_T(λ), λ)   with   s_0 = Φ_0(λ),  s_t = Φ(s_{t-1}, λ, t),  t = 1..T

The state s holds the weights w and the auxiliary variables of the dynamics. Weights are one flat
vector of n numbers; λ is a dictionary of arrays.

Source: Franceschi et al. 2018, section 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from engine.gradient import wide  # noqa: F401 (wide types)
from engine.gradient.dynamics import Dynamics

Hyper = dict[str, jax.Array]
"""Hyperparameters by name, in the units in which the functions of the problem take them."""
Names = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Bilevel:
    """An outer loss at the end of a training run, as a function of hyperparameters.

    All functions are pure and can be traced by JAX. ``draw`` is an integer that decides all
    randomness of one training run (initial weights, minibatches), so that the run can be repeated,
    forwards or backwards.

    Attributes:
        initial: (λ, draw) -> initial weights, shape (n,).
        inner: (w, λ, t, draw) -> training loss of step t = 0..T-1, on the minibatch of that step.
        outer: (w, λ) -> outer loss.
        dynamics: method of training.
        steps: number of steps T.
        groups: shape (n,), the group of each weight (a layer's matrix, its biases); settings of the
            dynamics may differ by group.
        names: names of the groups.
    """

    initial: Callable[[Hyper, jax.Array], jax.Array]
    inner: Callable[[jax.Array, Hyper, jax.Array, jax.Array], jax.Array]
    outer: Callable[[jax.Array, Hyper], jax.Array]
    dynamics: Dynamics
    steps: int
    groups: np.ndarray
    names: Names = field(default=("weights",))

    def gradient(self, w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        """Compute ∇_w of the training loss.

        Args:
            w: weights, shape (n,).
            hyper: λ.
            t: number of the step, from 0.
            draw: seed of the run.

        Returns:
            Shape (n,).
        """
        return jax.grad(self.inner)(w, hyper, t, draw)

    def settings(self, hyper: Hyper, t: jax.Array) -> dict[str, jax.Array]:
        """Return the dynamics' settings at step ``t``, each a scalar or of shape (n,).

        In λ a setting has shape (), (T,), (G,) with the number of groups G, or (T, G). Where T = G,
        a vector is a schedule.
        """
        return {name: self._at(hyper[name], t) for name in self.dynamics.settings}

    def step(
        self, state: tuple[jax.Array, ...], hyper: Hyper, t: jax.Array, draw: jax.Array
    ) -> tuple[jax.Array, ...]:
        """Apply Φ: one step of training.

        Args:
            state: state before the step.
            hyper: λ.
            t: number of the step, from 0.
            draw: seed of the run.

        Returns:
            The state after step ``t``.
        """
        w = self.dynamics.weights(state)
        gradient = self.gradient(w, hyper, t, draw)
        return self.dynamics.step(state, gradient, self.settings(hyper, t))

    def advance(self, hyper: Hyper, draw: jax.Array) -> Callable[[Any, jax.Array], Any]:
        """Return the function (state, numbers of steps, shape (k,)) -> state after those steps."""

        def go(state: Any, steps: jax.Array) -> Any:
            return jax.lax.scan(lambda s, t: (self.step(s, hyper, t, draw), None), state, steps)[0]

        return go

    def begin(self, hyper: Hyper, draw: jax.Array) -> tuple[jax.Array, ...]:
        """Apply Φ_0: return the state before the first step."""
        return self.dynamics.begin(self.initial(hyper, draw))

    def end(self, state: tuple[jax.Array, ...], hyper: Hyper) -> jax.Array:
        """Compute E, the outer loss of a state; shape ()."""
        return self.outer(self.dynamics.weights(state), hyper)

    def _at(self, values: jax.Array, t: jax.Array) -> jax.Array:
        by_step = values.ndim > 0 and values.shape[0] == self.steps
        now = values[t] if by_step else values
        return now if now.ndim == 0 else spread(now, self.groups)


def spread(values: jax.Array, groups: np.ndarray) -> jax.Array:
    """Repeat a value for each group as one for each weight.

    Args:
        values: shape (G,).
        groups: shape (n,), the group of each weight.

    Returns:
        Shape (n,).
    """
    if (np.diff(groups) < 0).any():
        return values[jnp.asarray(groups)]
    # Filling groups that lie together takes a tenth of the time of looking each weight up.
    sizes = np.bincount(groups, minlength=values.shape[0]).tolist()
    return jnp.concatenate([jnp.broadcast_to(values[i], (size,)) for i, size in enumerate(sizes)])
