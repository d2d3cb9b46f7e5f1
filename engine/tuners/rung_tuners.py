"""Base classes of successive halving, Hyperband, ASHA and BOHB: configurations promoted along
rungs.

A configuration starts with a small fit and is *promoted* to larger ones while it is among the best;
it remains one trial, whatever rungs it reaches. The base classes keep which trial is on which rung:
`Climbing` for all of these methods, `Bracketed` for those with synchronous rungs.

State has two kinds. Which trials were *started* follows from the adopted proposals, in any order,
through their notes; what is *decided* follows from the results told, in their order. Only so does a
resumed search decide at the same results as an uninterrupted one.
"""

from __future__ import annotations

import itertools
import math
from abc import abstractmethod
from collections.abc import Iterable, Set
from typing import Annotated, NamedTuple, TypeVar, cast

import numpy as np

from engine.domain.trials import TrialState
from engine.options import shown
from engine.space import Configuration
from engine.tuners.base import (
    DRAWS,
    Decision,
    MethodOptions,
    Proposal,
    Result,
    Tuner,
    TuningProblem,
)
from engine.tuners.brackets import Bracket, depth
from engine.tuners.points import Key, identify, some_unseen

SPARE = 1
"""Distinguishes the random stream of `Climbing.unseen` from those of proposals."""


class RungOptions(MethodOptions, frozen=True):
    """Options of every method with rungs."""

    eta: Annotated[
        int,
        shown(
            "Reduction factor", "The best 1 in so many go on, with so many times the fit.", 2, 10
        ),
    ] = 3


Options = TypeVar("Options", bound=RungOptions)


class Place(NamedTuple):
    """Position of a proposal in the schedule."""

    iteration: int
    bracket: int
    """Promotions from its lowest rung to the full fit (``s``)."""
    rung: int
    """From 0."""
    configurations: int
    """Started in the bracket in all; 0 where there is no such number."""


class Step(NamedTuple):
    """The next thing to do: promote a trial, or start a new one, at a place."""

    place: Place
    trial: int | None
    """None: a new configuration."""


class Climbing(Tuner[Options]):
    """Base of methods that start configurations with small fits and promote the best."""

    options_type = RungOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self.eta = self.options.eta
        self.depth = depth(problem.min_fidelity, self.eta)
        """Promotions from the smallest fit to the full one; 0 where fits can't be partial."""
        self._size = self.space.cardinality()
        self._configurations: list[Configuration | None] = []
        self._known: set[Key] = set()
        self._told: set[Key] = set()
        self._spent = False
        """Whether every configuration there is has been told."""

    # --- for methods ------------------------------------------------------------------------------

    @abstractmethod
    def _step(self, may_begin: bool) -> Step | None:
        """Choose the next step; a new configuration only if ``may_begin``."""

    @abstractmethod
    def _begin(self, place: Place, trial: int) -> None:
        """Record that ``trial`` was started at ``place``; called in any order."""

    @abstractmethod
    def _climb(self, place: Place, trial: int, score: float) -> Iterable[int]:
        """Record a score, smaller being better and infinite for a failure.

        Args:
            place: rung the trial was evaluated on.
            trial: its number.
            score: its score.

        Returns:
            Trials with a finite score that will never be promoted because of it.
        """

    def _close(self) -> Iterable[int]:
        """Settle the open rungs once every configuration of the space has been told; returns trials
        dropped."""
        return ()

    def drafts(self, rng: np.random.Generator) -> Iterable[Configuration]:
        """Yield configurations in order of preference; the first that is new is used."""
        return (self.space.sample(rng) for _ in range(DRAWS))

    def learn(self, configuration: Configuration, fidelity: float, score: float) -> None:
        """Update a model with a result.

        Args:
            configuration: that was evaluated.
            fidelity: share of a full fit.
            score: smaller is better, infinite for a failure.
        """

    # --- ask and tell -----------------------------------------------------------------------------

    @property
    def exhausted(self) -> bool:
        """Whether nothing is pending and there is no next step."""
        return self._next > 0 and not self._pending and self._what_next() is None

    def fidelity(self, place: Place) -> float:
        """Share of a full fit at ``place``: ``eta^(rung - s)``."""
        return 1 / self.eta ** (place.bracket - place.rung)

    def _what_next(self) -> Step | None:
        return self._step(not self._spent and self.unseen(self._known) is not None)

    def _propose(self, number: int) -> Proposal | None:
        step = self._what_next()
        if step is None:
            return None
        place, trial = step
        note = place._asdict()
        if trial is None:
            trial = len(self._configurations)
            configuration = self._new(self.rng(number))
        else:
            # A promotion keeps the trial and its configuration, and only raises the fidelity.
            configuration = self._configurations[trial]
            assert configuration is not None, "a trial to promote has been begun"
        return Proposal(
            number,
            trial,
            configuration,
            fidelity=self.fidelity(place),
            origin=self.card.id,
            note=note,
        )

    def _new(self, rng: np.random.Generator) -> Configuration:
        for configuration in self.drafts(rng):
            if identify(self.space, configuration) not in self._known:
                return configuration
        spare = self.unseen(self._known)
        assert spare is not None, "asked for a new configuration when there is none"
        return spare

    def unseen(self, keys: Set[Key]) -> Configuration | None:
        """Return a configuration that is not among ``keys``, the same for equal keys; None if there
        is none."""
        if len(keys) >= self._size:
            return None
        rng = np.random.default_rng([self.problem.seed, len(keys), SPARE])
        for _ in range(DRAWS):
            configuration = self.space.sample(rng)
            if identify(self.space, configuration) not in keys:
                return configuration
        # A float may be so narrow that its few values are used up, though it counts as infinite.
        rest = some_unseen(self.space, keys)
        return rest[rng.integers(len(rest))] if rest else None

    def adopt(self, proposal: Proposal) -> None:
        super().adopt(proposal)
        # On a resume, finished trials arrive in the order of their results.
        missing = proposal.trial + 1 - len(self._configurations)
        self._configurations.extend([None] * missing)
        self._configurations[proposal.trial] = proposal.configuration
        # A person's own configuration may lie outside the space; then no draw can repeat it.
        key = identify(self.space, proposal.configuration)
        if key is not None:
            self._known.add(key)
        place = place_of(proposal)
        if place is not None:
            self._begin(place, proposal.trial)

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        score = math.inf
        if result.ok and result.value is not None:
            # Scores are losses inside; a failure is infinitely bad, and is never promoted.
            score = -result.value if self.problem.maximise else result.value
        decisions = []
        if not result.ok:
            decisions.append(Decision(proposal.trial, TrialState.FAILED))
        # Below full fidelity a trial is undecided: it may still be promoted.
        elif proposal.fidelity == 1.0:
            decisions.append(Decision(proposal.trial, TrialState.COMPLETE))
        self.learn(proposal.configuration, proposal.fidelity, score)
        place = place_of(proposal)
        dropped = [] if place is None else list(self._climb(place, proposal.trial, score))
        key = identify(self.space, proposal.configuration)
        if key is not None:
            self._told.add(key)
        if not self._spent and self.unseen(self._told) is None:
            self._spent = True
            # No more configurations will fill the lowest rungs, so they are decided with what they
            # have.
            dropped.extend(self._close())
        decisions.extend(Decision(trial, TrialState.PRUNED) for trial in dropped)
        return tuple(decisions)


class Run:
    """State of one bracket."""

    def __init__(self, bracket: Bracket) -> None:
        self.bracket = bracket
        self.sizes = bracket.sizes
        self.begun: list[set[int]] = [set() for _ in self.sizes]
        """Trials by rung."""
        self.scores: list[dict[int, float]] = [{} for _ in self.sizes]
        """Told scores of trials by rung."""
        self.chosen: list[tuple[int, ...] | None] = [None] * len(self.sizes)
        """The trials promoted from each rung, best first; None while it is not decided."""

    @property
    def over(self) -> bool:
        """Whether no promotion is left."""
        return () in self.chosen

    @property
    def open(self) -> bool:
        """Whether the lowest rung has room for new configurations."""
        return self.chosen[0] is None and len(self.begun[0]) < self.sizes[0]

    def waiting(self) -> tuple[int, int] | None:
        """The best promoted trial that is not started on its next rung, with that rung."""
        for rung, chosen in enumerate(self.chosen[:-1], start=1):
            for trial in chosen or ():
                if trial not in self.begun[rung]:
                    return rung, trial
        return None

    def tell(self, rung: int, trial: int, score: float, *, spent: bool) -> tuple[int, ...]:
        """Record a score on ``rung``.

        Args:
            rung: from 0.
            trial: its number.
            score: smaller is better, infinite for a failure.
            spent: whether the space has no more configurations to start.

        Returns:
            Trials dropped by it.
        """
        self.scores[rung][trial] = score
        last = rung + 1 == len(self.sizes)
        if self.chosen[rung] is not None and not last:
            # The space was found spent, and the rung decided, while this one was under way.
            return (trial,) if math.isfinite(score) else ()
        return self.decide(rung, spent=spent)

    def decide(self, rung: int, *, spent: bool) -> tuple[int, ...]:
        """Choose the trials to promote from ``rung`` once all its results are in.

        A lowest rung that a small space can't fill counts as full when the space is ``spent``.

        Args:
            rung: from 0.
            spent: whether the space has no more configurations to start.

        Returns:
            Trials dropped: those not among the best ``n_(i+1)``, failures excepted.
        """
        scores = self.scores[rung]
        below = self.chosen[rung - 1] if rung else None
        full = len(scores) == (len(below or ()) if rung else self.sizes[0])
        if self.chosen[rung] is not None or not (full or (spent and not rung)):
            return ()
        # top_k of Li et al. (2018), algorithm 1; ties go to the older trial.
        ranked = sorted((s, trial) for trial, s in scores.items() if math.isfinite(s))
        order = [trial for _, trial in ranked]
        if rung + 1 == len(self.sizes):
            self.chosen[rung] = ()
            return ()
        # n_(i+1) of the bracket, fewer where too many failed.
        kept = self.sizes[rung + 1]
        self.chosen[rung] = tuple(order[:kept])
        return tuple(sorted(order[kept:]))


class Bracketed(Climbing[Options]):
    """Base of methods whose brackets decide each rung when all its results are in.

    While a rung waits for its last results, the next bracket is started, so that no worker idles.
    """

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._runs: dict[int, Run] = {}
        """Brackets under way and over, by their position in the search."""
        self._first = 0
        """Position of the first bracket that is not over."""
        self._turns = 1
        """Brackets an iteration; with several, one for every depth, the deepest first."""

    @abstractmethod
    def bracket(self, position: int) -> Bracket:
        """Return the bracket to start at ``position`` in the search, from 0."""

    def _step(self, may_begin: bool) -> Step | None:
        # The earliest bracket first: its promotions, then its new configurations, then the next
        # bracket.
        for position in itertools.count(self._first):
            run = self._runs.get(position)
            if run is None:
                if not may_begin:
                    return None
                return Step(self._place(position, 0, self.bracket(position)), None)
            waiting = run.waiting()
            if waiting is not None:
                rung, trial = waiting
                return Step(self._place(position, rung, run.bracket), trial)
            if may_begin and run.open:
                return Step(self._place(position, 0, run.bracket), None)
        raise AssertionError("there is always another bracket")

    def _place(self, position: int, rung: int, bracket: Bracket) -> Place:
        return Place(position // self._turns, bracket.s, rung, bracket.configurations)

    def _position(self, place: Place) -> int:
        # Hyperband's brackets differ in s, so s tells the bracket's place within its iteration.
        turn = self.depth - place.bracket if self._turns > 1 else 0
        return place.iteration * self._turns + turn

    def _begin(self, place: Place, trial: int) -> None:
        # Its size is as it was when it was begun, whatever the budget is now.
        bracket = Bracket(place.configurations, place.bracket, self.eta)
        run = self._runs.setdefault(self._position(place), Run(bracket))
        run.begun[place.rung].add(trial)

    def _climb(self, place: Place, trial: int, score: float) -> Iterable[int]:
        run = self._runs[self._position(place)]
        dropped = run.tell(place.rung, trial, score, spent=self._spent)
        while self._first in self._runs and self._runs[self._first].over:
            self._first += 1
        return dropped

    def _close(self) -> Iterable[int]:
        # Runs without a result may be unknown yet to a search that is being resumed.
        under_way = [run for _, run in sorted(self._runs.items()) if run.scores[0]]
        return [trial for run in under_way for trial in run.decide(0, spent=True)]


def place_of(proposal: Proposal) -> Place | None:
    """Position of ``proposal`` in the schedule; None if it has none, as the default
    configuration."""
    if "rung" not in proposal.note:
        return None
    return Place(*(cast("int", proposal.note[field]) for field in Place._fields))
