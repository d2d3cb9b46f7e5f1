"""What every hypergradient engine is: a way through a training run and back.

An engine is one file in this room: its card, its options (the fields of the class), what it takes,
what it refuses, and its mathematics. Programs that must not load JAX list engines and ask what they
would take; so JAX comes from `engine.gradient.late`, and modules that need it at once are imported
inside functions.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from engine.domain.hypergradients import Suits
from engine.errors import InputError
from engine.gradient.late import jax, jnp
from engine.gradient.spec.training_spec import ITEM, TrainingSpec
from engine.gradient.spec.tunable import TUNABLES, groups_of
from engine.registry import LAST
from engine.space import Value

if TYPE_CHECKING:
    from engine.gradient.problem import Bilevel, Hyper, Names

Differentiate = Callable[["Hyper", int], "Hypergradient"]
"""(λ, draw) -> the hypergradient, by the tuned names, of the training run that ``draw`` decides."""


@dataclass(frozen=True)
class Hypergradient:
    """What an engine gives.

    Attributes:
        value: the outer loss.
        gradient: its derivative by the tuned hyperparameters, shaped like those.
        weights: shape (n,), after the last step.
        figures: what to show beside it, such as ``residual`` (of a linear solver, relative),
            ``stored_bytes`` (what was kept between the sweeps) and ``growth`` (of the norm of the
            derivative by the weights over the backward sweep).
    """

    value: float
    gradient: Mapping[str, jax.Array]
    weights: jax.Array
    figures: Mapping[str, float]


class EngineCard(msgspec.Struct, frozen=True):
    """An engine for people and rules.

    Attributes:
        id: its name in plans.
        label: for people.
        exact: whether it gives the derivative of the training run itself.
        dynamics: inner optimisers it goes through; empty for all.
        differentiates_path: whether it can tune what acts only on the way to a minimum, such as
            step sizes and initial weights.
        order: its place in lists.
        suits: the training it is advised for, the first in lists of those that can; None: never.
    """

    id: str
    label: str
    exact: bool
    dynamics: tuple[str, ...] = ()
    differentiates_path: bool = True
    order: float = LAST
    suits: Suits | None = None


class TrainingSize(NamedTuple):
    """The figures of a training run that the cost of a hypergradient depends on.

    Attributes:
        weights: of the network.
        state_bytes: of a whole state of the dynamics.
        steps: of the training.
        tuned: how many numbers are tuned, those that move as one counted once.
        item: bytes of a number.
        lost_bytes: a weight, by multiplying it with the momentum in every step.
    """

    weights: int
    state_bytes: float
    steps: int
    tuned: int
    item: int = ITEM
    lost_bytes: float = 0.0


class Cost(NamedTuple):
    """What one hypergradient takes.

    Attributes:
        stored_bytes: kept between the forward and the backward sweep, beyond the state itself.
        trainings: time, in multiples of plain training.
    """

    stored_bytes: float
    trainings: float


@dataclass(frozen=True)
class Engine(ABC):
    """A way to compute hypergradients.

    The fields of a subclass are its options: plan, forms and checks are drawn from their types,
    bounds and titles; one without a title is for callers in Python only. λ holds everything that
    the problem's functions take; only the names in ``tuned`` are differentiated by.

    Attributes:
        card: about the engine.
        refused_dynamics: the error of a training by an optimiser that it can't go through.
    """

    card: ClassVar[EngineCard]
    refused_dynamics: ClassVar[str] = "gradient.dynamics"

    # --- what it takes ----------------------------------------------------------------------------

    @abstractmethod
    def takes(self, size: TrainingSize) -> Cost:
        """The cost of one hypergradient of a training run of ``size``."""

    def cost(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> Cost:
        """The cost of one hypergradient of ``problem`` by ``tuned``."""
        return self.takes(self.size(problem, hyper, tuned))

    def planned_size(self, spec: TrainingSpec) -> TrainingSize:
        """The size of a planned training."""
        return TrainingSize(
            weights=spec.weights,
            state_bytes=spec.state_bytes,
            steps=spec.steps,
            tuned=sum(group.size for group in groups_of(spec)),
        )

    def size(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> TrainingSize:
        """The size of a training that is there."""
        return TrainingSize(
            weights=problem.groups.size,
            state_bytes=_state_bytes(problem, hyper),
            steps=problem.steps,
            tuned=sum(hyper[name].size for name in tuned),
            item=jax.eval_shape(problem.initial, hyper, jnp.asarray(0)).dtype.itemsize,
        )

    # --- what it refuses --------------------------------------------------------------------------

    def refusal(self, spec: TrainingSpec) -> InputError | None:
        """Why it can't go through a planned training or tune what is to be tuned; None if it can.

        The error's field is the option of the method that is in the way.
        """
        if self.card.dynamics and spec.dynamics not in self.card.dynamics:
            return self._refused(spec.dynamics, "method.options.dynamics")
        if not self.card.differentiates_path:
            way = [kind.option for kind in TUNABLES if kind.on_the_way and kind.chosen(spec)]
            if way:
                names, field = ", ".join(way), f"method.options.{way[0]}"
                return InputError("gradient.implicit", field=field, names=names)
        return None

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse what it can't go through or tune.

        Args:
            problem: the training.
            hyper: λ at which to differentiate.
            tuned: names in λ to differentiate by.

        Raises:
            InputError: in words; ``gradient.detached`` for what nothing depends on.
        """
        from engine.gradient.connection import check_connected

        if self.card.dynamics and problem.dynamics.id not in self.card.dynamics:
            raise self._refused(problem.dynamics.id, "method.dynamics")
        check_connected(problem, hyper, tuned)

    def _refused(self, dynamics: str, field: str) -> InputError:
        return InputError(
            self.refused_dynamics,
            field=field,
            engine=self.card.label,
            dynamics=dynamics,
            known=", ".join(self.card.dynamics),
        )

    # --- what it does -----------------------------------------------------------------------------

    @classmethod
    def fitting(cls, options: Mapping[str, Value]) -> Mapping[str, Value]:
        """How finely to tune what ``options`` of the method leave to the engine: all that it can
        tune well, by option."""
        scale = "fixed" if options.get("initial") else "layers"
        finest = "layers and steps"
        return {"step_size": finest, "momentum": finest, "scale": scale, "l2": "layers"}

    @abstractmethod
    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        """A function, compiled at its first call, that gives hypergradients of ``problem``."""


def _state_bytes(problem: Bilevel, hyper: Hyper) -> int:
    """Size of one state of the dynamics."""
    shapes = jax.eval_shape(problem.begin, hyper, jnp.asarray(0))
    return sum(math.prod(part.shape) * part.dtype.itemsize for part in shapes)


def chosen(hyper: Hyper, tuned: Names) -> Hyper:
    """The tuned part of λ."""
    return {name: hyper[name] for name in tuned}
