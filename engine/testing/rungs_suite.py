"""What every method of the successive-halving family must hold to, beside `TunerSuite`."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.trials import TrialState
from engine.space import Value
from engine.testing.tuner_suite import FAILURES, MIXED, SMALL, TunerSuite, drive, score_in
from engine.tuners.base import Decision, Proposal, Tuner, TuningProblem

PLACE = ("iteration", "bracket", "rung")


class RungsSuite(TunerSuite):
    """Tests of one method whose configurations climb rungs."""

    options: ClassVar[dict[str, Value]] = {"eta": 2}

    def on_rungs(self, **changes: object) -> Tuner:
        """A tuner with three promotions by three, for `MIXED`."""
        problem = TuningProblem(MIXED, {}, False, min_fidelity=1 / 27, options={"eta": 3})
        return self.method(msgspec.structs.replace(problem, **changes))

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_a_promotion_is_the_same_trial_one_rung_up(self, max_pending: int) -> None:
        tuner = self.on_rungs()
        told = [p for p, _ in drive(tuner, 300, max_pending, score_in(MIXED))]
        trials: dict[int, list[Proposal]] = defaultdict(list)
        for proposal in sorted([*told, *tuner.pending], key=lambda p: p.number):
            trials[proposal.trial].append(proposal)
        assert sorted(trials) == list(range(len(trials)))
        assert not trials.pop(0)[0].note
        for trial in trials.values():
            iteration, bracket, _ = (trial[0].note[key] for key in PLACE)
            for rung, proposal in enumerate(trial):
                assert [proposal.note[key] for key in PLACE] == [iteration, bracket, rung]
                assert proposal.fidelity == pytest.approx(3.0 ** (rung - float(bracket)))  # type: ignore[arg-type]
        assert max(len(trial) for trial in trials.values()) == 4

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_failures_are_never_promoted(self, max_pending: int) -> None:
        tuner = self.on_rungs(maximise=True)
        failed = set()
        for proposal, result in drive(
            tuner, 300, max_pending, lambda p: FAILURES[p.trial % 4] if p.trial % 3 else 1.0
        ):
            assert proposal.trial not in failed
            if not result.ok:
                failed.add(proposal.trial)
        assert failed

    @given(
        st.sampled_from([1, 8]),
        st.integers(1, 150),
        st.integers(0, 50),
        st.booleans(),
        st.sampled_from([None, 3.0, 17.0]),
    )
    @settings(max_examples=15, suppress_health_check=[HealthCheck.differing_executors])
    def test_resumes_at_any_rung(
        self, max_pending: int, interrupted: int, seed: int, failing: bool, budget: float | None
    ) -> None:
        score = score_in(MIXED, failing)
        first = self.on_rungs(budget=budget)
        decided: list[Decision] = []
        again: list[Decision] = []
        told = list(drive(first, interrupted, max_pending, score, seed, decided))
        second = self.on_rungs(budget=budget)
        for proposal, result in told:
            second.adopt(proposal)
            again.extend(second.tell(proposal, result))
        for proposal in reversed(first.pending):
            second.adopt(proposal)
        assert again == decided
        rest = [list(drive(t, 60, max_pending, score, seed)) for t in (first, second)]
        assert rest[0] == rest[1]

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_goes_on_when_everything_fails(self, max_pending: int) -> None:
        decided: list[Decision] = []
        tuner = self.on_rungs()
        told = list(drive(tuner, 100, max_pending, lambda _: math.nan, 0, decided))
        assert len(told) == 100 == len({p.trial for p, _ in told})
        assert [d.state for d in decided] == [TrialState.FAILED] * 100

    def test_without_partial_fits_every_fit_is_full(self) -> None:
        decided: list[Decision] = []
        tuner = self.on_rungs(min_fidelity=1.0)
        told = list(drive(tuner, 50, 4, score_in(MIXED), 0, decided))
        assert [p.fidelity for p, _ in told] == [1.0] * 50
        assert len({p.trial for p, _ in told}) == 50
        assert [d.state for d in decided] == [TrialState.COMPLETE] * 50

    @pytest.mark.parametrize("max_pending", [1, 8])
    def test_a_finite_space_ends_with_full_fits_of_its_best(self, max_pending: int) -> None:
        tuner = self.on_rungs(space=SMALL)
        score = score_in(SMALL)
        told = list(drive(tuner, 1000, max_pending, score))
        assert tuner.exhausted
        assert {p.trial for p, _ in told} == set(range(9))
        best = min(score(p) or 0.0 for p, _ in told)
        assert best in [score(p) for p, _ in told if p.fidelity == 1.0]

    def test_a_person_may_try_a_full_fit_in_between(self) -> None:
        tuner = self.on_rungs()
        list(drive(tuner, 10, 1, score_in(MIXED)))
        proposal = tuner.ask()
        assert proposal is not None
        own = Proposal(
            proposal.number + 1,
            proposal.trial + 1,
            {"rate": 0.5, "trees": 7, "kind": "b"},
            origin="person",
        )
        tuner.adopt(own)
        following = tuner.ask()
        assert following is not None and following.trial == own.trial + 1
        told = list(drive(tuner, 200, 2, score_in(MIXED)))
        assert [p for p, _ in told if p.trial == own.trial] == [own]
