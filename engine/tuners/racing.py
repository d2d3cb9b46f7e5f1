"""Iterated racing over folds, as in irace (Lopez-Ibanez et al. 2016; F-race: Birattari 2002).

A race evaluates its configurations fold by fold and drops those that a test finds worse than the
best, long before they have all folds. The survivors become elites; the next race draws new
configurations around them, more closely each time, and they race against the elites' stored scores.

Three things differ from irace, since folds are few and the best complete trial is what counts. The
survivors of a race get the folds they lack before the next one begins: so an elite has seen all
folds, costs nothing in later races, and can only lose its place at the end of one. Where the budget
gives every race enough new configurations, further races are planned (`PLANS`); on real fold scores
that finds more than fewer, larger races do. And unless ``sampling`` is ``elites``, as in irace, new
configurations come from a model of all that ever raced (`engine.tuners.race.density`).

State is a function of the results told, in order. A race draws all its configurations when it
begins, from the seed and the race's number; what to ask for follows: folds that someone alive lacks
up to the race's current split. So nothing depends on when proposals were asked for, and a resumed
race is exactly the same.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, cast

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.domain.trials import TrialState
from engine.options import shown
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Tuner, TuningProblem
from engine.tuners.points import Key, identify
from engine.tuners.race.density import likely
from engine.tuners.race.entrants import Entrant, Race, behind
from engine.tuners.race.sampling import Child, Elite, Model, initial, narrowed, offspring, tunable
from engine.tuners.race.tests import Test, losers, ranks

MOST = 1024
"""Largest number of configurations in a race (as in irace)."""
PLANS = {"density": (5, 8), "elites": (10, 4)}
"""By ``sampling``: new configurations that make a race, and how many times irace's number of races
are planned at most; larger budgets make larger races. A model gains by short races, since it learns
between them only; a spread that shrinks with every race does not."""
ELITIST_LIMIT = 2
"""A race without elites to protect ends after this many tests in a row that drop none."""
UNPLANNED = 100
"""Full evaluations planned at a time without a budget of evaluations."""


class RacingOptions(MethodOptions, frozen=True):
    test: Annotated[
        Literal["friedman", "t", "t_holm", "t_bonferroni"],
        shown(
            "Test",
            "What decides who is dropped: ranks (Friedman), robust to folds of unequal "
            "difficulty, or means (paired t), also with a correction for many comparisons.",
        ),
    ] = "friedman"
    confidence: Annotated[
        float, shown("Confidence", "How sure the test must be to drop a configuration.", 0.5, 0.999)
    ] = 0.95
    first_test: Annotated[
        int,
        shown(
            "First test after",
            "Folds before the first test. With fewer than ten folds it comes sooner, but not "
            "before three.",
            2,
            50,
        ),
    ] = 5
    sampling: Annotated[
        Literal["density", "elites"],
        shown(
            "New configurations",
            "From a model of all that raced, good and bad (density), or around the survivors, "
            "ever closer (elites), as irace does it.",
        ),
    ] = "density"


class Racing(Tuner[RacingOptions]):
    """Drops configurations after a few folds and draws new ones around the survivors."""

    card = MethodCard(
        id="racing",
        label="Iterated racing",
        summary=(
            "Lets configurations race over the folds and drops those that are clearly worse after "
            "a few, so that many can be tried; then draws new ones around the survivors. Needs "
            "five folds or more to pay."
        ),
        source="Lopez-Ibanez et al. (2016), iterated racing (irace); Bischl et al. (2023), racing",
        help="racing",
        picture="race",
        sketch=Sketch(
            "Races in which most trials stop after a few folds, each race nearer to the best.",
            "475:419 633:458 0:300 554:439 317:379 79:320 792:498 238:359 950 158:340 396:399 "
            "712:478 871 606:352 950 675:369 812:403 744:386 538:334 400:300 881 469:317 784:331 "
            "908 660:300 846:346 722:316 970",
        ),
        partial_folds=True,
    )
    order = 160
    options_type = RacingOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        n_folds = problem.n_folds
        # One order for the whole search: entrants of different races meet on the same folds.
        self._order = [int(fold) for fold in self.rng(0).permutation(n_folds)]
        self._first = first_test(self.options.first_test, n_folds)
        self._survivors = iterations(tunable(self.space))
        self._iteration = 0
        """Race within what is planned: the first draws uniformly."""
        self._number = 0
        planned = UNPLANNED if problem.budget is None else problem.budget
        self._limit = math.floor(planned * n_folds + 1e-9)
        self._used = n_folds
        """Folds told, the default's counted in advance."""
        self._races = self._plan()
        configuration = self.space.nearest(problem.default)
        default = Entrant(configuration, identify(self.space, configuration), self._fresh(), 1)
        self._elites = [default]
        self._guests: list[Entrant] = []
        """A person's own configurations, until the next race."""
        self._entrants: dict[Key, Entrant] = {}
        self._of_trial: dict[int, Entrant] = {}
        self._taken: set[Key] = set()
        """Drawn for a race, or told."""
        if default.key is not None:
            self._entrants[default.key] = default
            self._taken.add(default.key)
        self._nothing_new = False
        self._race = self._begin()

    @property
    def exhausted(self) -> bool:
        """Whether the space has nothing new for another race."""
        return self._race is None and self._nothing_new

    # --- asking -----------------------------------------------------------------------------------

    def _propose(self, number: int) -> Proposal | None:
        if self._race is None:
            return None
        # Pending folds are not in `costs` yet.
        asked = {p.trial: p.folds for p in self._pending.values()}
        for entrant in self._race.alive:
            if entrant.trial is not None and entrant.trial in asked:
                continue  # at most one proposal a trial is under way
            folds = self._lacking(entrant)
            if folds:
                trial = len(self._of_trial) if entrant.trial is None else entrant.trial
                note = {"race": self._race.number, "parent": entrant.parent}
                return Proposal(
                    number,
                    trial,
                    entrant.configuration,
                    None if len(folds) == self.problem.n_folds else folds,
                    origin=self.card.id,
                    note={**note, "completing": self._race.over},
                )
        return None

    def _lacking(self, entrant: Entrant) -> tuple[int, ...]:
        """Folds that ``entrant`` has not been evaluated on, up to the race's current split."""
        assert self._race is not None
        return tuple(f for f in self._order[: self._race.split] if f not in entrant.costs)

    def adopt(self, proposal: Proposal) -> None:
        super().adopt(proposal)
        if proposal.trial in self._of_trial:
            return
        key = identify(self.space, proposal.configuration)
        entrant = None if key is None else self._entrants.get(key)
        if entrant is None or entrant.trial is not None:
            entrant = Entrant(dict(proposal.configuration), key, self._fresh(), 0)
            if key is not None:
                self._entrants.setdefault(key, entrant)
        entrant.trial = proposal.trial
        self._of_trial[proposal.trial] = entrant

    # --- hearing ----------------------------------------------------------------------------------

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        entrant = self._of_trial[proposal.trial]
        folds = self._order if proposal.folds is None else proposal.folds
        if proposal.number > 0:
            self._used += len(folds)
        if entrant.key is not None:
            self._taken.add(entrant.key)
        racing = self._race is not None and entrant in self._race.alive
        decisions: list[Decision] = []
        if not result.ok:
            entrant.failed = True
            if racing:
                assert self._race is not None
                self._race.alive.remove(entrant)
            decisions.append(Decision(proposal.trial, TrialState.FAILED))
        else:
            sign = -1.0 if self.problem.maximise else 1.0
            # A result that does not list its folds has the same mean for each.
            values = result.fold_values or dict.fromkeys(folds, cast(float, result.value))
            entrant.costs.update((fold, sign * value) for fold, value in values.items())
            if len(entrant.costs) == self.problem.n_folds:
                decisions.append(Decision(proposal.trial, TrialState.COMPLETE))
                if not racing:
                    self._guests.append(entrant)
        while self._race is not None and not any(map(self._lacking, self._race.alive)):
            decisions.extend(self._advance(self._race))
        return tuple(decisions)

    def _advance(self, race: Race) -> list[Decision]:
        """Take one step of a race in which nobody lacks a fold: test, complete the survivors, or
        end."""
        # Survivors are complete now, so the next race can use them.
        if race.over or not race.alive:
            self._elites = race.alive
            self._race = self._begin()
            return []
        n_folds, alive = self.problem.n_folds, len(race.alive)
        dropped = []
        if race.split < n_folds:
            lost = losers(self._costs(race.alive, race.split), self._test, self._confidence)
            # Who has all folds has seen more than this and can't be beaten on less.
            dropped = [e for e, bad in zip(race.alive, lost, strict=True) if bad and self._open(e)]
        race.alive = [e for e in race.alive if e not in dropped]
        race.quiet = 0 if len(race.alive) < alive else race.quiet + 1
        tired = race.number == 1 and race.quiet >= ELITIST_LIMIT
        if (
            race.split == n_folds
            or len(race.alive) <= self._survivors
            or tired
            or self._short(race)
        ):
            dropped += self._end(race)
        else:
            race.split += 1
        return [Decision(cast(int, e.trial), TrialState.PRUNED) for e in dropped]

    def _short(self, race: Race) -> bool:
        """Whether another split would leave too little budget to complete the survivors."""
        running = sum(map(self._open, race.alive))
        # A race that can't complete anybody has found nothing.
        completing = min(running, self._survivors) * (self.problem.n_folds - race.split - 1)
        return self._used + running + completing > min(race.until, self._limit)

    def _end(self, race: Race) -> list[Entrant]:
        """Keep the best-ranked entrants whose missing folds the budget affords; return the
        others."""
        kept, dropped, left = [], [], self._limit - self._used
        lacking = self.problem.n_folds - race.split
        for entrant in self._ranked(race.alive, race.split):
            running = self._open(entrant)
            if len(kept) < self._survivors and (not running or lacking <= left):
                kept.append(entrant)
                left -= lacking if running else 0
            elif running:
                dropped.append(entrant)
        race.alive, race.split, race.over = kept, self.problem.n_folds, True
        return dropped

    # --- between races ----------------------------------------------------------------------------

    def _begin(self) -> Race | None:
        """Start the next race; None when the budget or the space has nothing left for one."""
        n_folds = self.problem.n_folds
        self._elites = self._ranked(self._elites + self._guests, n_folds)[: self._survivors]
        self._guests = []
        if self._limit - self._used < n_folds:
            if self.problem.budget is not None:
                return None
            # Without a budget the schedule starts over, and with it the shrinking of the spread.
            self._limit = self._used + UNPLANNED * n_folds
            self._iteration, self._races = 0, self._plan()
        self._iteration += 1
        self._number += 1
        left = self._limit - self._used
        # B_j = (B - B_used) / (N_iter - j + 1), as irace divides its budget.
        share = left // max(1, self._races - self._iteration + 1)
        new, planned = self._size(share, left)
        drawn = self._draw(new)
        self._nothing_new = not drawn
        if not drawn:
            return None
        until = self._used + max(share, planned)
        return Race(self._number, self._elites + drawn, until, self._first)

    def _plan(self) -> int:
        """Number of races for the budget, ``N_iter = floor(2 + log2 d)`` or more."""
        each = min(self.problem.n_folds, self._first + 2)
        new, repeated = PLANS[self._sampling]
        worthwhile = (self._limit - self._used) // (each * new)
        return max(self._survivors, min(worthwhile, repeated * self._survivors))

    def _size(self, share: int, left: int) -> tuple[int, int]:
        """Number of new configurations of a race that may use ``share`` folds, and the folds
        planned for it.

        irace: ``floor(B_j / (mu + min(5, j)))`` with first test ``mu`` and race number ``j``; here
        less what completing the survivors costs. Of ``left`` folds enough remain to complete at
        least one.
        """
        n_folds, first = self.problem.n_folds, self._first
        each = min(n_folds, first + min(5, self._iteration))
        finish = self._survivors * (n_folds - each)
        new = max((share - finish) // each, self._survivors + 1)
        # irace's cap of 1,024, and never more than the rest of the budget can test once.
        new = max(1, min(new, (left - (n_folds - first)) // first, MOST - len(self._elites)))
        return new, new * each + finish

    def _draw(self, new: int) -> list[Entrant]:
        """Draw the new configurations of a race."""
        rng = np.random.default_rng([self.problem.seed, 0, self._number])
        parents: list[Entrant] = []
        if self._sampling == "density":
            # By trial, since a resumed search may take up pending ones in another order.
            # Failures count as bad in the model, so that their region is avoided.
            raced = [e for _, e in sorted(self._of_trial.items()) if e.costs or e.failed]
            scores = behind(raced, self._elites[0]) if self._elites else []
            seen = [e.configuration for e in raced]
            children = likely(self.space, seen, scores, new, self._taken, rng)
        else:
            children, parents = self._offspring(new, rng)
        drawn = []
        for child in children:
            # A person may have asked for the very same and not have heard yet.
            entrant = self._entrants.get(child.key)
            if entrant is None:
                entrant = Entrant(child.configuration, child.key, child.model, self._number)
                self._entrants[child.key] = entrant
            entrant.model, entrant.race = child.model, self._number
            entrant.parent = None if child.parent is None else parents[child.parent].trial
            drawn.append(entrant)
        return drawn

    def _offspring(self, new: int, rng: np.random.Generator) -> tuple[list[Child], list[Entrant]]:
        """Children and their parents: the first race draws uniformly, later ones around elites."""
        first = self._iteration == 1
        races = max(self._races, self._iteration)
        for elite in self._elites:
            model, centre = elite.model, elite.configuration
            elite.model = (
                self._fresh()
                if first
                else narrowed(model, self.space, centre, new, self._iteration, races)
            )
        parents = [] if first else self._elites
        elites = [Elite(self.space.nearest(e.configuration), e.model) for e in parents]
        return offspring(self.space, elites, new, self._taken, rng), parents

    # --- figures ----------------------------------------------------------------------------------

    @property
    def _test(self) -> Test:
        return self.options.test

    @property
    def _sampling(self) -> str:
        return self.options.sampling

    @property
    def _confidence(self) -> float:
        return float(self.options.confidence)

    def _fresh(self) -> Model:
        return initial(self.space)

    def _open(self, entrant: Entrant) -> bool:
        return len(entrant.costs) < self.problem.n_folds

    def _costs(self, entrants: list[Entrant], splits: int) -> np.ndarray:
        """Costs on the first splits, shape (splits, entrants)."""
        return np.array([[e.costs[fold] for e in entrants] for fold in self._order[:splits]])

    def _ranked(self, entrants: list[Entrant], splits: int) -> list[Entrant]:
        """Sort, best first, by rank sum or mean cost, whichever the test compares."""
        if len(entrants) < 2:
            return list(entrants)
        costs = self._costs(entrants, splits)
        means = costs.mean(axis=0)
        sums = ranks(costs).sum(axis=0) if self._test == "friedman" else means
        return [entrants[i] for i in np.lexsort((means, sums))]


def iterations(size: int) -> int:
    """Number of races (at least) and of survivors for ``size`` tunable parameters: ``floor(2 + log2
    size)`` (Lopez-Ibanez et al. 2016)."""
    return math.floor(2 + math.log2(size))


def first_test(wanted: int, n_folds: int) -> int:
    """Number of folds before the first test, of ``n_folds``.

    ``wanted`` (irace: 5), or half the folds where that is sooner, but not before three; so three
    folds or fewer are all evaluated and nobody is dropped in between.
    """
    return min(wanted, max(3, (n_folds + 1) // 2), n_folds)
