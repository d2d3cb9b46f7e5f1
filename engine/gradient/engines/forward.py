"""Forward mode: derivatives of the state by the hyperparameters are computed along with training.

    Z_0 = ∂Φ_0/∂λ,  Z_t = A_t Z_{t-1} + B_t,  dE/dλ = ∂E/∂s_T Z_T + ∂E/∂λ

with A_t = ∂Φ/∂s and B_t = ∂Φ/∂λ at s_{t-1}. The memory does not depend on the number of steps, and
the time is about two more trainings per hyperparameter. One derivative by the initial weights is
computed, too: its growth shows chaos, as growth in the backward sweep does in reverse mode.

Source: Franceschi et al. 2017, algorithm 2 (Forward-HG).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from msgspec import Meta

from engine.errors import InputError
from engine.gradient.engines.base import (
    Cost,
    Differentiate,
    Engine,
    EngineCard,
    Hypergradient,
    TrainingSize,
    chosen,
)
from engine.gradient.late import jax, jnp
from engine.gradient.spec.training_spec import SETTINGS, TrainingSpec
from engine.gradient.spec.tunable import GroupSpec, groups_of
from engine.space import Value

if TYPE_CHECKING:
    from engine.gradient.problem import Bilevel, Hyper, Names

AT_ONCE = 16
"""Tangents computed together in one pass."""
MOST_TUNED = 200
"""Most hyperparameters; with more, forward mode takes hours where reverse mode takes minutes."""


@dataclass(frozen=True)
class Forward(Engine):
    """Forward mode, `AT_ONCE` directions per pass, for few hyperparameters and long trainings.

    Attributes:
        share: number of steps in a row over which a schedule of the dynamics shares its values:
            fewer directions, and less noise in them. Steps that share get the mean of their
            derivatives, with which they move as one.

    Source: Franceschi et al. 2017, algorithm 2; sharing by Micaelli and Storkey 2021.
    """

    card = EngineCard("forward", "Forward", exact=True, order=50, suits="few")

    share: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            title="Steps that share",
            description="Forward mode only: so many steps of the training in a row share the "
            "values of a schedule, which costs less and is less noisy.",
        ),
    ] = 1

    def takes(self, size: TrainingSize) -> Cost:
        # One direction more shows chaos.
        return Cost(AT_ONCE * size.state_bytes, 1.0 + 2 * (size.tuned + 1))

    def planned_size(self, spec: TrainingSpec) -> TrainingSize:
        return super().planned_size(spec)._replace(tuned=self._planned_count(spec))

    def size(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> TrainingSize:
        count = self._count(problem, hyper, tuned)
        return super().size(problem, hyper, tuned)._replace(tuned=count)

    def refusal(self, spec: TrainingSpec) -> InputError | None:
        count = self._planned_count(spec)
        if count > MOST_TUNED:
            return self._too_many(count)
        return super().refusal(spec)

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse more than `MOST_TUNED` directions, and what every engine refuses.

        Args:
            problem: the training.
            hyper: λ at which to differentiate.
            tuned: names in λ to differentiate by.

        Raises:
            InputError: ``gradient.window`` if ``share`` is not at least 1 step,
                ``gradient.forward_many`` for too many directions.
        """
        if self.share < 1:
            raise InputError("gradient.window", value=self.share)
        count = self._count(problem, hyper, tuned)
        if count > MOST_TUNED:
            raise self._too_many(count)
        super().check(problem, hyper, tuned)

    @classmethod
    def fitting(cls, options: Mapping[str, Value]) -> Mapping[str, Value]:
        # Each number costs trainings, so schedules by step are out of reach.
        return {**super().fitting(options), "step_size": "layers", "momentum": "one"}

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        from jax.flatten_util import ravel_pytree

        @jax.jit
        def along(hyper: Hyper, directions: Hyper, change: jax.Array, draw: jax.Array) -> Any:
            w0 = problem.initial(hyper, draw)
            first = problem.gradient(w0, hyper, jnp.asarray(0), draw)
            # The unit vector along which a change of the initial weights is followed.
            away = first / jnp.maximum(jnp.linalg.norm(first), jnp.finfo(first.dtype).tiny)

            def end(part: Hyper, change: jax.Array) -> Any:
                whole = {**hyper, **part}
                state = problem.dynamics.begin(problem.initial(whole, draw) + change * away)
                state = problem.advance(whole, draw)(state, jnp.arange(problem.steps))
                return problem.end(state, whole), problem.dynamics.weights(state)

            # One column of Z_T: `jvp` carries A_t z + B_t through the scan over the steps.
            def one(direction: Hyper, change: jax.Array) -> Any:
                at = (chosen(hyper, tuned), jnp.zeros_like(change))
                (value, w), (slope, moved) = jax.jvp(end, at, (direction, change))
                return value, w, slope, jnp.linalg.norm(moved)

            return jax.vmap(one, out_axes=(None, None, 0, 0))(directions, change)

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            self.check(problem, hyper, tuned)
            flat, unravel = ravel_pytree(chosen(hyper, tuned))
            belongs, count = self._directions(problem, hyper, tuned)
            # One direction more: a change of the initial weights along their gradient.
            rows = math.ceil((count + 1) / AT_ONCE) * AT_ONCE
            units = jnp.asarray(np.arange(rows)[:, None] == belongs, flat.dtype)
            changes = jnp.asarray(np.arange(rows) == count, flat.dtype)
            slopes, norms = [], []
            value = w = None
            chunks = units.reshape(-1, AT_ONCE, flat.size), changes.reshape(-1, AT_ONCE)
            for chunk, change in zip(*chunks, strict=True):
                directions = jax.vmap(unravel)(chunk)
                value, w, slope, moved = along(hyper, directions, change, jnp.asarray(draw))
                slopes.append(slope)
                norms.append(moved)
            assert value is not None and w is not None, "there is at least one hyperparameter"
            mean = jnp.concatenate(slopes)[:count] / jnp.asarray(np.bincount(belongs), flat.dtype)
            figures = {
                "stored_bytes": self.cost(problem, hyper, tuned).stored_bytes,
                "growth": float(jnp.concatenate(norms)[count]),
            }
            return Hypergradient(float(value), unravel(mean[belongs]), w, figures)

        return differentiate

    @staticmethod
    def _too_many(count: int) -> InputError:
        at = "method.options.engine"
        return InputError("gradient.forward_many", field=at, count=f"{count:,}", most=MOST_TUNED)

    def _planned_count(self, spec: TrainingSpec) -> int:
        """Number of directions of a planned training; steps that share a value are one."""

        def of(group: GroupSpec) -> int:
            if group.name in SETTINGS[spec.dynamics] and group.shape[:1] == (spec.steps,):
                return math.ceil(spec.steps / self.share) * math.prod(group.shape[1:])
            return group.size

        return sum(map(of, groups_of(spec)))

    def _count(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> int:
        return self._directions(problem, hyper, tuned)[1]

    def _directions(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> tuple[np.ndarray, int]:
        """Assign a direction to each tuned number, in the order in which `ravel_pytree` puts them.

        Returns:
            Indices of the directions, shape (numbers,), and the number of directions.
        """
        parts, count = [], 0
        for name in sorted(tuned):
            shape = hyper[name].shape
            part = np.arange(math.prod(shape)).reshape(shape)
            if name in problem.dynamics.settings and shape and shape[0] == problem.steps:
                part = part[np.arange(problem.steps) // self.share]
            parts.append(part.ravel() + count)
            count += part.size and int(part.max()) + 1
        return np.concatenate(parts), count
