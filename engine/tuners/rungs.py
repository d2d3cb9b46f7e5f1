"""What successive halving, Hyperband, ASHA and BOHB share: configurations that climb rungs.

A configuration is begun with a small fit and *promoted* to larger ones while it is among the best;
each is one trial, whatever rungs it reaches. The bases here keep who is on which rung:
`Climbing` for all of them, `Bracketed` for those whose rungs wait for each other.

Two kinds of state are kept apart. What was *begun* follows from the adopted proposals, in any
order, through their notes; what is *decided* follows from the told results, in their order. Only
so does a resumed search decide at the same results as the uninterrupted one.
"""

from __future__ import annotations

import itertools
import math
from abc import abstractmethod
from collections.abc import Iterable, Set
from typing import Annotated, NamedTuple, TypeVar, cast

import numpy as np

from engine.domain.options import shown
from engine.domain.trials import TrialState
from engine.space import Configuration
from engine.tuners.base import DRAWS, Decision, MethodOptions, Problem, Proposal, Result, Tuner
from engine.tuners.brackets import Bracket, depth
from engine.tuners.points import Key, identify, some_unseen

SPARE = 1
"""Tells the randomness of `Climbing.unseen` from that of proposals."""


class RungOptions(MethodOptions, frozen=True):
    """What every method with rungs lets one choose."""

    eta: Annotated[
        int,
        shown(
            "Reduction factor", "The best 1 in so many go on, with so many times the fit.", 2, 10
        ),
    ] = 3


Options = TypeVar("Options", bound=RungOptions)


class Place(NamedTuple):
    """Where a proposal stands in the schedule."""

    iteration: int
    bracket: int
    """Promotions from its lowest rung to the full fit (``s``)."""
    rung: int
    """From 0."""
    configurations: int
    """Begun in the bracket in all; 0 where there is no such number."""


class Step(NamedTuple):
    """What to do next: a trial to promote, or a new one, at a place."""

    place: Place
    trial: int | None
    """None: a new configuration."""


class Climbing(Tuner[Options]):
    """A method that begins configurations with small fits and promotes the best."""

    options_type = RungOptions

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.eta = self.options.eta
        self.depth = depth(problem.lowest, self.eta)
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
        """What to ask for next; a new configuration only if ``may_begin``."""

    @abstractmethod
    def _begin(self, place: Place, trial: int) -> None:
        """``trial`` is under way at ``place``; in any order."""

    @abstractmethod
    def _climb(self, place: Place, trial: int, score: float) -> Iterable[int]:
        """Take in a score, smaller being better and infinite for a failure; the trials with a
        finite score that will never be promoted because of it."""

    def _close(self) -> Iterable[int]:
        """Every configuration there is has been told; the trials dropped by that."""
        return ()

    def drafts(self, rng: np.random.Generator) -> Iterable[Configuration]:
        """Configurations in order of preference; the first new one is taken."""
        return (self.space.sample(rng) for _ in range(DRAWS))

    def learn(self, configuration: Configuration, fidelity: float, score: float) -> None:
        """Take in a result, smaller being better and infinite for a failure."""

    # --- ask and tell -----------------------------------------------------------------------------

    @property
    def exhausted(self) -> bool:
        return self._next > 0 and not self._pending and self._what_next() is None

    def fidelity(self, place: Place) -> float:
        """Share of a full fit at ``place``."""
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
        """A configuration that is not among ``keys``, always the same; None if there is none."""
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
            score = -result.value if self.problem.maximise else result.value
        decisions = []
        if not result.ok:
            decisions.append(Decision(proposal.trial, TrialState.FAILED))
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
            dropped.extend(self._close())
        decisions.extend(Decision(trial, TrialState.PRUNED) for trial in dropped)
        return tuple(decisions)


class Run:
    """A bracket under way."""

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
        """Whether nobody is left to be promoted."""
        return () in self.chosen

    @property
    def open(self) -> bool:
        """Whether the lowest rung has room."""
        return self.chosen[0] is None and len(self.begun[0]) < self.sizes[0]

    def waiting(self) -> tuple[int, int] | None:
        """The best promoted trial that is not yet begun, with the rung to begin it on."""
        for rung, chosen in enumerate(self.chosen[:-1], start=1):
            for trial in chosen or ():
                if trial not in self.begun[rung]:
                    return rung, trial
        return None

    def tell(self, rung: int, trial: int, score: float, *, spent: bool) -> tuple[int, ...]:
        """Take in a score on ``rung``; the trials dropped by it."""
        self.scores[rung][trial] = score
        last = rung + 1 == len(self.sizes)
        if self.chosen[rung] is not None and not last:
            # The space was found spent, and the rung decided, while this one was under way.
            return (trial,) if math.isfinite(score) else ()
        return self.decide(rung, spent=spent)

    def decide(self, rung: int, *, spent: bool) -> tuple[int, ...]:
        """Choose whom to promote from ``rung`` once it is full; the trials dropped.

        A lowest rung that the space can't fill is as full as it gets when the space is ``spent``.
        """
        scores = self.scores[rung]
        below = self.chosen[rung - 1] if rung else None
        full = len(scores) == (len(below or ()) if rung else self.sizes[0])
        if self.chosen[rung] is not None or not (full or (spent and not rung)):
            return ()
        ranked = sorted((s, trial) for trial, s in scores.items() if math.isfinite(s))
        order = [trial for _, trial in ranked]
        if rung + 1 == len(self.sizes):
            self.chosen[rung] = ()
            return ()
        kept = self.sizes[rung + 1]
        self.chosen[rung] = tuple(order[:kept])
        return tuple(sorted(order[kept:]))


class Bracketed(Climbing[Options]):
    """A method whose brackets decide each rung when all its results are told.

    While a rung waits for its last results, the next bracket is begun, so that no worker idles.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._runs: dict[int, Run] = {}
        """Brackets under way and over, by their position in the search."""
        self._first = 0
        """Position of the first bracket that is not over."""
        self._turns = 1
        """Brackets an iteration; with several, one for every depth, the deepest first."""

    @abstractmethod
    def bracket(self, position: int) -> Bracket:
        """The bracket to begin at ``position`` in the search, from 0."""

    def _step(self, may_begin: bool) -> Step | None:
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
    """Where ``proposal`` stands in the schedule; None if it has no place in it."""
    if "rung" not in proposal.note:
        return None
    return Place(*(cast("int", proposal.note[field]) for field in Place._fields))
