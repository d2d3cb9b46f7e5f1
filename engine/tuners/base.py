"""Interface of HPO methods: a `Tuner` is asked for proposals and told results.

A tuner has no thread, no clock, no file. Every random draw derives from the plan's seed and the
number of the proposal; ``ask`` changes nothing but the set of pending proposals; all other state is
a function of the problem and the results told, in order. So a search resumes exactly: a new tuner
adopts (`Tuner.adopt`) and gets the result of every finished proposal in their order, adopts the
pending ones, and is asked for the next.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar, Generic, TypeVar, cast

import msgspec
import numpy as np

from engine.domain.cards import MethodCard
from engine.domain.trials import TrialState
from engine.domain.understanding import SurrogateSlice
from engine.errors import InputError
from engine.registry import LAST
from engine.space import Configuration, SearchSpace, Value
from engine.tuners.points import Key, identify, some_unseen


class MethodOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a method (`engine.options`), each with a default; this one has none."""


Options = TypeVar("Options", bound=MethodOptions)
"""Type of `Tuner.options`."""

DRAWS = 5
"""Attempts to draw a configuration that is not known yet."""


class TuningProblem(msgspec.Struct, frozen=True):
    """The tuning problem that a method is to solve."""

    space: SearchSpace
    default: Configuration
    """The learner's default configuration; moved into the space where it lies outside."""
    maximise: bool
    seed: int = 0
    n_folds: int = 1
    """Folds that one full evaluation takes."""
    options: dict[str, Value] = {}
    """Options of the method by name; those left out have their default."""
    budget: float | None = None
    """Full evaluations planned, if the budget says so."""
    min_fidelity: float = 1.0
    """Smallest share of a full fit that still tells something; 1 where fits can't be partial."""
    warm_starts: bool = False
    """Whether a fit at a higher fidelity resumes the one before, so that it costs only the
    difference."""
    further_maximise: tuple[bool, ...] = ()
    """Measures optimised at once with the first: whether larger is better, of each."""


class Proposal(msgspec.Struct, frozen=True):
    """A request for an evaluation: a configuration and how much of it to evaluate."""

    number: int
    """Position among all proposals of the search, from 0."""
    trial: int
    """A new number is a new trial; a known one asks for more of that trial."""
    configuration: Configuration
    folds: tuple[int, ...] | None = None
    """None: all folds."""
    fidelity: float = 1.0
    """Share of a full fit, in (0, 1]."""
    origin: str = ""
    """``default``, the method's id, or ``person``."""
    note: dict[str, Value] = {}
    """Figures for pictures: its bracket and rung, generation, race."""


class Result(msgspec.Struct, frozen=True):
    """Outcome of a proposal."""

    value: float | None
    """Mean of the measure over the proposal's folds; None when it failed."""
    fold_values: dict[int, float] = {}
    seconds: float = 0.0
    further_values: tuple[float, ...] = ()
    """Means of the measures optimised at once (`TuningProblem.further_maximise`)."""

    @property
    def ok(self) -> bool:
        """Whether every score is present and finite."""
        return self.value is not None and all(
            map(math.isfinite, (self.value, *self.further_values))
        )


class Decision(msgspec.Struct, frozen=True):
    """Final state of a trial: COMPLETE, PRUNED or FAILED."""

    trial: int
    state: TrialState


class Tuner(ABC, Generic[Options]):
    """An HPO method for one problem.

    The base numbers proposals, makes the default configuration the first, and keeps what is
    pending; a method implements `_propose` and `_observe`.
    """

    card: MethodCard
    """How it is shown, and what it can do."""
    order: ClassVar[float] = LAST
    """Its place in lists, the lowest first."""
    options_type: ClassVar[type[MethodOptions]] = MethodOptions
    """The options it has."""
    exhausted_reason: str = "Every configuration of the search space has been tried."
    """Why there is no more to ask when the method is exhausted, as a sentence."""

    def __init__(self, problem: TuningProblem) -> None:
        self.problem = problem
        self.space = problem.space
        self.options = self.options_from(problem.options)
        self._pending: dict[int, Proposal] = {}
        self._next = 0

    @classmethod
    def options_from(cls, values: Mapping[str, Value]) -> Options:
        """The method's own options among ``values``; those left out have their default.

        Raises:
            msgspec.ValidationError: for one of another kind or outside its bounds.
        """
        names = cls.options_type.__struct_fields__
        own = {name: values[name] for name in names if name in values}
        return cast("Options", msgspec.convert(own, cls.options_type))

    @classmethod
    def refusals(cls, options: Options, space: SearchSpace) -> Iterable[InputError]:
        """Why ``options`` do not go with ``space``, though each is within its bounds."""
        return ()

    @classmethod
    def uniform_draws(cls, options: Options) -> float:
        """The trials with a lower number than this are drawn uniformly from the space, whatever
        the scores."""
        return 0

    @property
    def next_number(self) -> int:
        """Number of the next proposal, whether the method's own or a person's."""
        return self._next

    @property
    def pending(self) -> tuple[Proposal, ...]:
        """Proposals without a result, by number."""
        return tuple(self._pending[number] for number in sorted(self._pending))

    @property
    def exhausted(self) -> bool:
        """Whether `ask` will never again return a proposal, whatever is told."""
        return False

    def ask(self) -> Proposal | None:
        """Return the next proposal and make it pending; None when there is none before another
        result, or none at all (`exhausted`)."""
        number = self._next
        # Every method begins with the default configuration: the reference that tuning must beat.
        if number == 0:
            configuration = self.space.nearest(self.problem.default)
            proposal = Proposal(0, 0, configuration, origin="default")
        else:
            proposal = self._propose(number)
        if proposal is not None:
            self.adopt(proposal)
        return proposal

    def adopt(self, proposal: Proposal) -> None:
        """Make ``proposal`` pending, one from an interrupted run or chosen by the user; later
        numbers follow.

        Raises:
            ValueError: if a proposal of that number is pending already.
        """
        if proposal.number in self._pending:
            raise ValueError(f"proposal {proposal.number} is pending already")
        self._pending[proposal.number] = proposal
        # Resumed proposals come in the order of their results, not of their numbers.
        self._next = max(self._next, proposal.number + 1)

    def tell(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        """Update the method with the result of a pending proposal.

        Args:
            proposal: a pending one.
            result: its outcome.

        Returns:
            Trials whose state is now final.

        Raises:
            ValueError: if the proposal is not pending.
        """
        if proposal.number not in self._pending:
            raise ValueError(f"proposal {proposal.number} is not pending")
        return self._observe(self._pending.pop(proposal.number), result)

    def slices(self, configuration: Configuration) -> tuple[SurrogateSlice, ...]:
        """Slices of the surrogate model along each hyperparameter through ``configuration``; empty
        for a method without a model, or before it is fitted."""
        return ()

    def rng(self, number: int) -> np.random.Generator:
        """Fresh random generator of proposal ``number``, seeded by it and the plan's seed alone."""
        return np.random.default_rng([self.problem.seed, number])

    @abstractmethod
    def _propose(self, number: int) -> Proposal | None:
        """Make proposal ``number``, from 1 on; must not change any later proposal."""

    @abstractmethod
    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        """Update with a result; ``proposal`` is no longer pending."""


class Sampler(Tuner[Options]):
    """Base of methods whose every proposal is a new configuration, fully evaluated.

    No configuration is proposed twice, since an evaluation is deterministic. When draws keep
    returning known ones, the remaining configurations are enumerated; when none remains, the method
    is exhausted.
    """

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._known: set[Key] = set()
        self._size = self.space.cardinality()
        self._found_nothing = False

    @property
    def exhausted(self) -> bool:
        """Whether every configuration of the space is known."""
        return self._found_nothing or len(self._known) >= self._size

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Configuration:
        """Draw one configuration of the space; called again with the same ``rng`` if it is
        known."""

    def learn(self, configuration: Configuration, value: float | None) -> None:
        """Update the model with a finite score in the measure's units, or None for a failure."""

    def note(self) -> dict[str, Value]:
        """Return what pictures show about the configuration just drawn, for `Proposal.note`."""
        return {}

    def _propose(self, number: int) -> Proposal | None:
        if self.exhausted:
            return None
        configuration = self._new(self.rng(number))
        if configuration is None:
            # A float so narrow that its few values are used up, though it counts as infinite.
            self._found_nothing = True
            return None
        return Proposal(number, number, configuration, origin=self.card.id, note=self.note())

    def _new(self, rng: np.random.Generator) -> Configuration | None:
        # First by the method, then uniformly, then by enumeration, which ends in small spaces.
        for draw in (self.draw, self.space.sample):
            for _ in range(DRAWS):
                configuration = draw(rng)
                # Fits are deterministic given the seed, so a repeat would tell nothing.
                if identify(self.space, configuration) not in self._known:
                    return configuration
        rest = some_unseen(self.space, self._known)
        return rest[rng.integers(len(rest))] if rest else None

    def adopt(self, proposal: Proposal) -> None:
        super().adopt(proposal)
        # A person's own configuration may lie outside the space; then no draw can repeat it.
        key = identify(self.space, proposal.configuration)
        if key is not None:
            self._known.add(key)

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        self.learn(proposal.configuration, result.value if result.ok else None)
        state = TrialState.COMPLETE if result.ok else TrialState.FAILED
        return (Decision(proposal.trial, state),)
