"""What every HPO method must hold to: `TunerSuite`, a class of tests to inherit.

class TestRandomSearch(TunerSuite):
    method = RandomSearch

It serves methods that evaluate every configuration fully and those that ask for parts of an
evaluation (lower fidelities, some of the folds) alike: what holds for trials holds for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.trials import TrialState
from engine.options import options_of
from engine.plots import sketch
from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace, Value
from engine.testing.strategies import spaces
from engine.tuners.base import Decision, Proposal, Result, Tuner, TuningProblem
from engine.tuners.points import identify

Told = list[tuple[Proposal, Result]]

# The tests are shared by the classes that inherit them, which Hypothesis would object to.
_shared = settings(max_examples=15, suppress_health_check=[HealthCheck.differing_executors])

MIXED = SearchSpace(
    (
        Float("rate", 1e-4, 1.0, log=True),
        Integer("trees", 1, 500),
        Categorical("kind", ("a", "b", None)),
        Float("share", 0.1, 1.0),
    ),
    (Condition("share", "kind", ("a", None)),),
)
"""All kinds of parameters and a condition."""

MANY = SearchSpace(
    tuple(
        parameter
        for i in range(50)
        for parameter in (
            Float(f"rate{i}", 1e-4, 1.0, log=True),
            Integer(f"trees{i}", 1, 500),
            Categorical(f"kind{i}", ("a", "b", None)),
            Float(f"share{i}", 0.1, 1.0),
        )
    ),
    tuple(Condition(f"share{i}", f"kind{i}", ("a", None)) for i in range(50)),
)
"""200 dimensions of the kinds of `MIXED`."""

PLANE = SearchSpace((Float("x", 0.0, 1.0), Float("y", 1e-4, 1.0, log=True)))

SMALL = SearchSpace(
    (Integer("k", 1, 3), Categorical("flag", (True, False)), Integer("extra", 0, 1)),
    (Condition("extra", "flag", (True,)),),
)
"""Nine configurations."""

N_FOLDS = 5
"""Folds of a full evaluation."""

FAILURES: tuple[float | None, ...] = (None, math.nan, math.inf, -math.inf)


class TunerSuite:
    """Tests of one method; a subclass sets `method`."""

    method: ClassVar[type[Tuner]]
    options: ClassVar[dict[str, Value]] = {}
    """Options under test, such as to reach the method's model after few results."""
    min_fidelity: ClassVar[float] = 0.25
    """Smallest share of a fit; few rungs, so that a short test climbs them all."""
    warm_starts: ClassVar[bool] = False
    further_maximise: ClassVar[tuple[bool, ...]] = ()
    """Measures optimised at once with the first: whether larger is better, of each."""
    same_points: ClassVar[bool] = False
    """Whether every seed proposes the same configurations, in another order."""

    def make(
        self,
        space: SearchSpace = MIXED,
        *,
        seed: int = 0,
        maximise: bool = False,
        default: Configuration | None = None,
    ) -> Tuner:
        """A tuner of the method under test."""
        return self.method(
            TuningProblem(
                space,
                default or {},
                maximise,
                seed,
                n_folds=N_FOLDS,
                options=self.options,
                min_fidelity=self.min_fidelity,
                warm_starts=self.warm_starts,
                further_maximise=self.further_maximise,
            )
        )

    def test_card_is_complete(self) -> None:
        card = self.method.card
        assert card.id and card.label and card.summary and card.source and card.help
        if card.sketch is not None:
            drawn = sketch.prepare(card.sketch)
            assert drawn.summary.endswith(".")
            assert len(drawn.dots) > 1
            assert ((drawn.cost > 0) & (drawn.cost <= 1)).all()
        for option in options_of(self.method.options_type):
            assert option.label and option.help
            if option.kind in ("float", "integer"):
                assert option.low is not None and option.high is not None
                assert option.low <= option.default <= option.high  # type: ignore[operator]

    def test_the_default_configuration_comes_first(self) -> None:
        default: Configuration = {"rate": 0.1, "trees": 100, "kind": "b"}
        first = self.make(default=default).ask()
        assert first is not None
        assert (first.number, first.trial, first.origin) == (0, 0, "default")
        assert first.configuration == default
        assert (first.fidelity, first.folds) == (1.0, None)

    def test_a_default_outside_the_space_is_moved_into_it(self) -> None:
        first = self.make(default={"rate": 7.0, "trees": 100, "kind": "b", "other": 1}).ask()
        assert first is not None
        assert first.configuration == {"rate": 1.0, "trees": 100, "kind": "b"}

    @given(spaces(), st.sampled_from([1, 8]), st.integers(0, 100))
    @_shared
    def test_respects_the_space_and_never_repeats(
        self, space: SearchSpace, max_pending: int, seed: int
    ) -> None:
        tuner = self.make(space, seed=seed)
        asked = [p for p, _ in drive(tuner, 40, max_pending, score_in(space), seed)]
        check_proposals(space, [*asked, *tuner.pending])

    @given(spaces(), st.booleans())
    @_shared
    def test_is_deterministic_by_seed(self, space: SearchSpace, maximise: bool) -> None:
        def run() -> Told:
            tuner = self.make(space, seed=3, maximise=maximise)
            return list(drive(tuner, 20, 4, score_in(space)))

        assert run() == run()

    def test_another_seed_gives_other_proposals(self) -> None:
        if self.same_points:
            tuners = [self.make(PLANE, seed=seed) for seed in (1, 2)]
            orders = [[repr(p.configuration) for p, _ in drive(t, 99, 1, _zero)] for t in tuners]
            assert orders[0] != orders[1]
            assert sorted(orders[0]) == sorted(orders[1])
            return
        runs = [list(drive(self.make(seed=seed), 15, 1, score_in(MIXED)))[1:] for seed in (1, 2)]
        assert not {repr(p.configuration) for p, _ in runs[0]} & {
            repr(p.configuration) for p, _ in runs[1]
        }

    @given(spaces(), st.sampled_from([1, 8]), st.integers(1, 40), st.integers(0, 50))
    @_shared
    def test_resumes_by_replay(
        self, space: SearchSpace, max_pending: int, interrupted: int, seed: int
    ) -> None:
        score = score_in(space, failing=True)
        first, second = self.make(space, seed=seed), self.make(space, seed=seed)
        decided: list[Decision] = []
        again: list[Decision] = []
        for proposal, result in drive(first, interrupted, max_pending, score, seed, decided):
            second.adopt(proposal)
            again.extend(second.tell(proposal, result))
        assert again == decided
        for proposal in first.pending:
            second.adopt(proposal)
        assert second.pending == first.pending
        rest = [list(drive(t, 10, max_pending, score, seed)) for t in (first, second)]
        assert rest[0] == rest[1]

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_survives_failed_results(self, max_pending: int) -> None:
        tuner = self.make()

        def score(proposal: Proposal) -> float | None:
            failed = proposal.number % 2 == 0
            return FAILURES[proposal.number // 2 % len(FAILURES)] if failed else 1.0

        told = list(drive(tuner, 40, max_pending, score))
        assert len(told) == 40

    def test_survives_when_everything_fails(self) -> None:
        assert len(list(drive(self.make(), 30, 2, lambda _: None))) == 30

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_every_trial_is_decided_once_with_its_state(self, max_pending: int) -> None:
        tuner = self.make()
        states: dict[int, TrialState] = {}
        done: set[tuple[int, int]] = set()
        """Trials and folds at full fidelity."""
        decided: list[Decision] = []
        score = score_in(MIXED, failing=True)
        for proposal, result in drive(tuner, 40, max_pending, score, 0, decided):
            assert proposal.trial not in states
            if result.ok and proposal.fidelity == 1.0:
                done |= {(proposal.trial, fold) for fold in result.fold_values}
            for decision in decided:
                assert decision.trial not in states
                states[decision.trial] = decision.state
            decided.clear()
            assert (states.get(proposal.trial) == TrialState.FAILED) == (not result.ok)
            whole = all((proposal.trial, fold) in done for fold in range(N_FOLDS))
            if states.get(proposal.trial) == TrialState.COMPLETE:
                assert whole
            if result.ok and whole:
                assert states[proposal.trial] == TrialState.COMPLETE
        assert {TrialState.COMPLETE, TrialState.FAILED} <= set(states.values())
        assert TrialState.RUNNING not in states.values()

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_finishes_when_the_space_is_exhausted(self, max_pending: int) -> None:
        tuner = self.make(SMALL)
        told = list(drive(tuner, 1000, max_pending, score_in(SMALL)))
        assert len({identify(SMALL, p.configuration) for p, _ in told}) == SMALL.cardinality() == 9
        assert tuner.ask() is None
        assert tuner.exhausted

    def test_finishes_when_floats_are_too_narrow(self) -> None:
        space = SearchSpace((Float("x", 1.0, math.nextafter(1.0, 2.0)),))
        tuner = self.make(space)
        told = list(drive(tuner, 100, 1, score_in(space)))
        assert len({p.trial for p, _ in told}) <= 2
        assert tuner.exhausted

    @pytest.mark.parametrize("max_pending", [1, 8])
    @pytest.mark.parametrize("dimensions", [1, 200])
    def test_handles_few_and_many_dimensions(self, dimensions: int, max_pending: int) -> None:
        space = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(dimensions)))
        tuner = self.make(space)
        told = [p for p, _ in drive(tuner, 12, max_pending, score_in(space))]
        assert len(told) == 12 or tuner.exhausted
        assert all(len(p.configuration) == dimensions for p in told)
        check_proposals(space, [*told, *tuner.pending])

    def test_handles_many_dimensions_of_every_kind(self) -> None:
        tuner = self.make(MANY, maximise=True)
        told = [p for p, _ in drive(tuner, 12, 3, score_in(MANY, failing=True))]
        assert len(told) == 12
        check_proposals(MANY, [*told, *tuner.pending])

    def test_maximising_is_minimising_the_negative(self) -> None:
        score = score_in(MIXED)
        down = list(drive(self.make(), 30, 2, score))
        up = list(drive(self.make(maximise=True), 30, 2, lambda p: -(score(p) or 0.0)))
        assert [p for p, _ in down] == [p for p, _ in up]

    def test_asking_leaves_everything_but_the_pending_as_it_was(self) -> None:
        told = list(drive(self.make(), 12, 1, score_in(MIXED)))
        asked, replayed = self.make(), self.make()
        for tuner in (asked, replayed):
            for proposal, result in told:
                tuner.adopt(proposal)
                tuner.tell(proposal, result)
        # A method may have no more to ask until something is told.
        ahead = [proposal for _ in range(3) if (proposal := asked.ask()) is not None]
        for proposal in reversed(ahead):
            replayed.adopt(proposal)
        assert asked.ask() == replayed.ask()

    def test_a_persons_own_proposal_is_taken_in(self) -> None:
        tuner = self.make()
        tuner.ask()
        own = Proposal(1, 1, {"rate": 0.5, "trees": 10_000, "kind": "b"}, origin="person")
        tuner.adopt(own)
        following = tuner.ask()
        assert following is not None and following.number == 2
        assert tuner.tell(own, result_of(own, 0.0, further(tuner, own)))
        assert len(list(drive(tuner, 20, 2, score_in(MIXED)))) == 20

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_persons_own_proposals_are_taken_in_at_any_time(self, max_pending: int) -> None:
        """As is what an earlier life has taken in."""
        score, decided = score_in(MIXED, failing=True), list[Decision]()
        first, second = self.make(seed=1), self.make(seed=1)
        own = np.random.default_rng(7)
        trials, told, persons = set[int](), list[tuple[Proposal, Result]](), set[int]()
        for turn in range(6):
            for proposal, result in drive(first, 5, max_pending, score, turn, decided):
                trials |= {proposal.trial}
                told.append((proposal, result))
            trials |= {p.trial for p in first.pending}
            configuration = MIXED.sample(own)
            if turn == 3:
                configuration = {"rate": 0.5, "trees": 10_000, "kind": "b"}  # outside the space
            mine = Proposal(first.next_number, len(trials), configuration, origin="person")
            first.adopt(mine)
            trials.add(mine.trial)
            persons.add(mine.trial)
        left = max_pending + 20
        told.extend(drive(first, left, max_pending, score, 9, decided))
        states = {decision.trial: decision.state for decision in decided}
        assert len(states) == len(decided)
        for trial in persons - {p.trial for p in first.pending}:
            assert states[trial] in (TrialState.COMPLETE, TrialState.FAILED)
        check_proposals(MIXED, [p for p, _ in told if p.origin != "person"], gaps=True)
        for proposal, result in told:
            second.adopt(proposal)
            second.tell(proposal, result)
        for proposal in first.pending:
            second.adopt(proposal)
        rest = [list(drive(t, 8, max_pending, score)) for t in (first, second)]
        assert rest[0] == rest[1]

    @pytest.mark.parametrize("earlier", [1, 30])
    def test_begins_with_results_it_has_not_asked_for(self, earlier: int) -> None:
        """As a run does that goes on from another in a narrower space."""
        tuner, random, score = self.make(), np.random.default_rng(3), score_in(MIXED)
        default = Proposal(0, 0, MIXED.nearest({}), origin="default")
        told = []
        for number in range(1, earlier + 1):
            proposal = Proposal(number, number, MIXED.sample(random), origin="random")
            tuner.adopt(proposal)
            result = result_of(proposal, score(proposal), further(tuner, proposal))
            decisions = tuner.tell(proposal, result)
            assert Decision(number, TrialState.COMPLETE) in decisions
            told.append(proposal)
        tuner.adopt(default)
        asked = [p for p, _ in drive(tuner, 25, 2, score)]
        assert default in asked
        new = {p.trial: p.configuration for p in asked if p.trial > earlier}
        assert len(new) > 5
        for configuration in new.values():
            MIXED.validate(configuration)
        keys = {identify(MIXED, p.configuration) for p in told}
        assert not keys & {identify(MIXED, configuration) for configuration in new.values()}

    def test_telling_what_was_not_asked_is_refused(self) -> None:
        tuner = self.make()
        proposal = tuner.ask()
        assert proposal is not None
        with pytest.raises(ValueError, match="pending already"):
            tuner.adopt(proposal)
        result = result_of(proposal, 1.0, further(tuner, proposal))
        tuner.tell(proposal, result)
        with pytest.raises(ValueError, match="not pending"):
            tuner.tell(proposal, result)


def drive(
    tuner: Tuner,
    results: int,
    max_pending: int,
    score: Callable[[Proposal], float | None],
    seed: int = 0,
    decided: list[Decision] | None = None,
) -> Iterator[tuple[Proposal, Result]]:
    """Run ``tuner`` until it was told ``results`` results, and give these in order.

    Keeps up to ``max_pending`` proposals pending and finishes them in an order drawn from ``seed``.
    Decisions are added to ``decided`` before the result is given.
    """
    rng = np.random.default_rng(seed)
    for _ in range(results):
        while len(tuner.pending) < max_pending and tuner.ask() is not None:
            pass
        if not tuner.pending:
            return
        proposal = tuner.pending[rng.integers(len(tuner.pending))]
        result = result_of(proposal, score(proposal), further(tuner, proposal))
        decisions = tuner.tell(proposal, result)
        for decision in decisions:
            assert all(p.trial != decision.trial for p in tuner.pending), "work of a final trial"
        if decided is not None:
            decided.extend(decisions)
        yield proposal, result


def further(tuner: Tuner, proposal: Proposal) -> tuple[float, ...]:
    """A smooth score for each measure optimised at once, the k-th best at 1 / (k + 3) of every
    range."""
    if not tuner.problem.further_maximise:
        return ()
    unit = tuner.space.to_unit(tuner.space.nearest(proposal.configuration))
    return tuple(
        (-1 if larger else 1) * float(np.nansum((unit - 1 / (k + 3)) ** 2))
        for k, larger in enumerate(tuner.problem.further_maximise)
    )


def result_of(
    proposal: Proposal, value: float | None, further_values: tuple[float, ...] = ()
) -> Result:
    """The result where the mean over all folds is ``value`` and fold ``i`` is off by ``i - 2`` per
    cent; ``further_values`` are the means of the measures optimised at once."""
    if value is None or not math.isfinite(value):
        return Result(value, seconds=1.0)
    folds = range(N_FOLDS) if proposal.folds is None else proposal.folds
    fold_values = {fold: value * (1 + 0.01 * (fold - 2)) for fold in folds}
    mean = math.fsum(fold_values.values()) / len(fold_values)
    return Result(value if len(fold_values) == N_FOLDS else mean, fold_values, 1.0, further_values)


def check_proposals(space: SearchSpace, proposals: list[Proposal], *, gaps: bool = False) -> None:
    """Check that proposals respect ``space``, are numbered as agreed, and never repeat work.

    With ``gaps``, some of the trials are not among them.

    A new trial has the next trial number and a new configuration; a known one keeps its
    configuration and is asked for a fidelity or a fold that it was not asked for before. Values
    are plain, since they go into the journal.
    """
    configurations: dict[int, Configuration] = {}
    work: set[tuple[int, float, int]] = set()
    for proposal in sorted(proposals, key=lambda p: p.number):
        trial, configuration = proposal.trial, proposal.configuration
        space.validate(configuration)
        plain = (*configuration.values(), *proposal.note.values())
        assert all(type(value) in (bool, int, float, str, type(None)) for value in plain)
        assert list(configuration) == [n for n in space.names if n in configuration]
        assert gaps or trial <= len(configurations)
        assert configurations.setdefault(trial, configuration) == configuration
        assert 0 < proposal.fidelity <= 1
        for fold in range(N_FOLDS) if proposal.folds is None else proposal.folds:
            assert (trial, proposal.fidelity, fold) not in work
            work.add((trial, proposal.fidelity, fold))
        assert proposal.fidelity == max(f for t, f, _ in work if t == trial)
    keys = [identify(space, configuration) for configuration in configurations.values()]
    assert len(keys) == len(set(keys))


def _zero(proposal: Proposal) -> float:
    return 0.0


def score_in(space: SearchSpace, failing: bool = False) -> Callable[[Proposal], float | None]:
    """A smooth score to be minimised, best at the middle; every fifth fails where ``failing``."""

    def score(proposal: Proposal) -> float | None:
        if failing and proposal.number % 5 == 4:
            return None
        unit = space.to_unit(proposal.configuration)
        return float(np.nansum((unit - 0.5) ** 2))

    return score
