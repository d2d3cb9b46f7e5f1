"""What may be asked and told when, on a real archive and a tuner that decides as scripted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.archive import Archive
from engine.domain.trials import Cause, FoldResult, TrialState
from engine.errors import RunError
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
    Resampling,
)
from engine.search import SearchSpec
from engine.search.pending import EQUAL_FAILURES, PendingProposals
from engine.space import Float, SearchSpace
from engine.tuners.base import Decision, Proposal, Result
from engine.workers.base import JobResult

N_FOLDS = 3
SPACE = SearchSpace((Float("x", 0.0, 1000.0),))
Decide = Callable[[Proposal, Result], tuple[Decision, ...]]


def complete(proposal: Proposal, result: Result) -> tuple[Decision, ...]:
    state = TrialState.COMPLETE if result.ok else TrialState.FAILED
    return (Decision(proposal.trial, state),)


@dataclass
class ScriptedTuner:
    """Decides as ``decide`` says, and remembers what it was given and told."""

    decide: Decide = complete
    adopted: list[int] = field(default_factory=list)
    told: list[tuple[int, Result]] = field(default_factory=list)

    def adopt(self, proposal: Proposal) -> None:
        self.adopted.append(proposal.number)

    def tell(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        self.told.append((proposal.number, result))
        return self.decide(proposal, result)


class Sittings:
    """One archive, opened again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive: Archive | None = None
        self.tuner = ScriptedTuner()
        self.ended: list[int] = []

    def open(self, decide: Decide = complete, *, maximise: bool = True, **changes: Any):
        """`PendingProposals` over the archive and a fresh tuner."""
        self.close()
        self.archive = Archive(self.folder, SPACE, maximise=maximise)
        self.tuner = ScriptedTuner(decide)
        self.ended = []
        plan = Plan(
            data=DataPlan("builtin:wine"),
            learner=LearnerPlan("svm"),
            search=Configurations(SPACE, MethodPlan("random")),
            evaluation=EvaluationPlan("accuracy", Resampling("kfold", folds=N_FOLDS)),
            budget=Budget(evaluations=10),
            **{k: v for k, v in changes.items() if k != "warm_starts"},
        )
        spec = SearchSpec(
            plan,
            self.archive,
            self.tuner,  # type: ignore[arg-type]
            n_folds=N_FOLDS,
            maximise=maximise,
            arguments=lambda trial, fold, fidelity: (),
            warm_starts=changes.get("warm_starts", False),
        )
        return PendingProposals(spec, lambda trial: self.ended.append(trial.number))

    def close(self) -> None:
        if self.archive is not None:
            self.archive.close()
            self.archive = None


@pytest.fixture
def sittings(tmp_path: Path):
    made = Sittings(tmp_path)
    yield made
    made.close()


def proposal(number: int, trial: int | None = None, **more: Any) -> Proposal:
    trial = number if trial is None else trial
    return Proposal(number, trial, {"x": float(trial)}, origin="random", **more)


def scored(score: float, **more: Any) -> JobResult:
    return JobResult(0, FoldResult(scores={"accuracy": score}, seconds=1.0), **more)


def failed(message: str = "no luck", cause: Cause = Cause.ERROR) -> JobResult:
    return JobResult(0, cause=cause, message=message)


def do(pending: PendingProposals, number: int, *results: JobResult) -> None:
    """Hand in results of the folds of proposal ``number`` and record them."""
    for fold, result in enumerate(results):
        pending.receive(number, fold, result)
    assert len([*pending.record()]) == len(results)


def evaluate(pending: PendingProposals, number: int, score: float = 0.5, **more: Any) -> None:
    """Begin a proposal and do all of its folds."""
    pending.begin(proposal(number, **more))
    do(pending, number, *[scored(score)] * N_FOLDS)


def waiting(pending: PendingProposals) -> list[tuple[int, int]]:
    found = []
    while (fold := pending.next_fold()) is not None:
        found.append((fold[0].number, fold[1]))
    return found


# --- asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", [1, 2, 4])
def test_reproducible_asks_proposal_n_when_exactly_n_minus_q_are_told(sittings, q):
    pending = sittings.open(reproducible=True, max_pending=q)
    asked = []  # told when each proposal was asked
    while len(asked) < 12:
        if pending.may_ask:
            number = len(asked)
            asked.append(len(sittings.tuner.told))
            evaluate(pending, number)
        else:
            assert pending.tell(nothing_to_ask=False)
    assert asked == [max(0, number - q + 1) for number in range(12)]


def test_otherwise_it_may_always_ask(sittings):
    pending = sittings.open()
    for number in range(5):
        assert pending.may_ask
        pending.begin(proposal(number))


def test_folds_wait_in_the_order_asked_and_a_persons_own_come_first(sittings):
    pending = sittings.open()
    pending.begin(proposal(0))
    pending.begin(proposal(1, folds=(2, 0)))
    pending.begin(proposal(2), first=True)
    first = [(2, 0), (2, 1), (2, 2)]
    assert waiting(pending) == [*first, (0, 0), (0, 1), (0, 2), (1, 2), (1, 0)]


def test_folds_that_a_trial_has_already_are_not_done_again(sittings):
    pending = sittings.open(lambda p, r: () if p.number == 0 else complete(p, r))
    pending.begin(proposal(0, folds=(1,)))
    pending.receive(0, 1, scored(0.5))
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    pending.begin(proposal(1, trial=0))
    assert waiting(pending) == [(1, 0), (1, 2)]


def test_what_cant_be_recorded_is_not_begun(sittings, monkeypatch):
    pending = sittings.open()

    def full(logs):
        raise RunError("run.disk_full", path="journal")

    with monkeypatch.context() as patch, pytest.raises(RunError):
        patch.setattr(sittings.archive._journal, "append_logs", full)
        pending.begin(proposal(0))
    assert not pending
    assert pending.states[TrialState.RUNNING] == 0
    pending.begin(proposal(0))
    assert waiting(pending) == [(0, 0), (0, 1), (0, 2)]


# --- telling --------------------------------------------------------------------------------------


def test_a_result_is_the_exact_mean_of_the_folds(sittings):
    pending = sittings.open()
    pending.begin(proposal(0))
    do(pending, 0, scored(0.1), scored(0.2), scored(0.6))
    assert pending.tell(nothing_to_ask=False)
    ((number, result),) = sittings.tuner.told
    assert (number, result.value, result.seconds) == (0, 0.9 / 3, 3.0)
    assert result.fold_values == {0: 0.1, 1: 0.2, 2: 0.6}
    assert sittings.archive.trials[0].value == result.value
    assert sittings.ended == [0]


def test_results_are_told_as_they_come_or_reproducibly_in_the_order_asked(sittings, tmp_path):
    for reproducible, order in ((False, [1, 2, 0]), (True, [0, 1, 2])):
        folder = tmp_path / str(reproducible)
        folder.mkdir()
        sittings.folder = folder
        pending = sittings.open(reproducible=reproducible, max_pending=3)
        for number in range(3):
            pending.begin(proposal(number))
        for number in (1, 2, 0):
            do(pending, number, *[scored(0.5)] * N_FOLDS)
            while pending.tell(nothing_to_ask=True):
                pass
        assert [number for number, _ in sittings.tuner.told] == order


def test_reproducible_tells_no_earlier_than_the_next_proposal_needs_it(sittings):
    pending = sittings.open(reproducible=True, max_pending=2)
    evaluate(pending, 0)
    assert not pending.tell(nothing_to_ask=False)
    assert pending.may_ask
    evaluate(pending, 1)
    assert pending.tell(nothing_to_ask=False)
    assert not pending.tell(nothing_to_ask=False)
    assert pending.tell(nothing_to_ask=True)  # nothing else brings it on


def test_a_failed_fold_spares_the_others_unless_their_number_would_tell_of_speed(sittings):
    for reproducible in (False, True):
        number = int(reproducible)
        pending = sittings.open(reproducible=reproducible)
        pending.restore()
        pending.begin(proposal(number))
        pending.receive(number, 0, scored(0.5))
        pending.receive(number, 1, failed())
        assert [dropped for _, dropped in pending.record()] == [
            [],
            [] if reproducible else [number],
        ]
        assert waiting(pending) == ([(number, 2)] if reproducible else [])
        if reproducible:
            pending.receive(number, 2, scored(0.5))
            [*pending.record()]
        assert pending.tell(nothing_to_ask=True)
        assert sittings.tuner.told[-1][1].value is None
        trial = sittings.archive.trials[number]
        assert (trial.state, trial.cause, trial.message) == (
            TrialState.FAILED,
            Cause.ERROR,
            "no luck",
        )


@pytest.mark.parametrize("reproducible", [False, True])
def test_a_killed_trial_fails_at_its_first_missing_fold(sittings, reproducible):
    pending = sittings.open(reproducible=reproducible)
    pending.begin(proposal(0))
    pending.receive(0, 0, scored(0.5))
    assert pending.kill(0) == [0]
    recorded = [(result.fold, result.cause) for result, _ in pending.record()]
    assert recorded == [(0, None), (1, Cause.KILLED)]
    pending.receive(0, 2, failed(cause=Cause.KILLED))  # its folds that were under way
    assert [*pending.record()] == []
    pending.tell(nothing_to_ask=True)
    assert sittings.archive.trials[0].cause is Cause.KILLED
    assert pending.kill(0) == []


def test_a_trial_whose_folds_have_all_arrived_is_killed_no_more(sittings):
    pending = sittings.open()
    pending.begin(proposal(0))
    for fold in range(N_FOLDS):
        pending.receive(0, fold, scored(0.5))
    assert pending.kill(0) == []
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    assert sittings.archive.trials[0].state is TrialState.COMPLETE


def test_of_several_failed_folds_the_first_says_why(sittings):
    pending = sittings.open(reproducible=True)
    pending.begin(proposal(0))
    for fold in (2, 0, 1):
        pending.receive(0, fold, failed(f"fold {fold}"))
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    assert sittings.archive.trials[0].message == "fold 0"


def test_a_fold_result_that_cant_be_recorded_is_kept(sittings, monkeypatch):
    pending = sittings.open()
    pending.begin(proposal(0))
    pending.receive(0, 1, scored(0.5))

    def full(logs):
        raise RunError("run.disk_full", path="journal")

    with monkeypatch.context() as patch, pytest.raises(RunError):
        patch.setattr(sittings.archive._journal, "append_logs", full)
        [*pending.record()]
    assert pending.done == 0
    assert [result.fold for result, _ in pending.record()] == [1]
    assert pending.done == pytest.approx(1 / 3)


def test_decisions_about_other_trials_are_written_after_the_own_one(sittings):
    def both(p, r):
        if p.number == 0:
            return ()
        return Decision(0, TrialState.PRUNED), Decision(1, TrialState.COMPLETE)

    pending = sittings.open(both)
    pending.begin(proposal(0, folds=(0,)))
    pending.receive(0, 0, scored(0.1))
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    assert sittings.archive.told == [0]
    evaluate(pending, 1)
    pending.tell(nothing_to_ask=True)
    assert sittings.ended == [1, 0]
    assert sittings.archive.told == [0, 1]
    assert sittings.archive.trials[0].message == "Dropped after 1 of 3 folds."


def test_what_cant_be_written_waits_and_is_written_before_anything_else(sittings, monkeypatch):
    pending = sittings.open()
    evaluate(pending, 0)
    finish = sittings.archive.finish

    def full(*args, **more):
        raise RunError("run.disk_full", path="journal")

    monkeypatch.setattr(sittings.archive, "finish", full)
    with pytest.raises(RunError):
        pending.tell(nothing_to_ask=True)
    with pytest.raises(RunError):
        pending.write()
    assert sittings.ended == []
    monkeypatch.setattr(sittings.archive, "finish", finish)
    pending.write()
    assert sittings.ended == [0]
    assert [number for number, _ in sittings.tuner.told] == [0]


# --- failures in a row ----------------------------------------------------------------------------


def fails(pending: PendingProposals, numbers: range, message: str = "singular at {}") -> None:
    for number in numbers:
        pending.begin(proposal(number))
        do(pending, number, failed(message.format(number)))
        pending.tell(nothing_to_ask=True)


def test_failures_alike_in_a_row_are_a_fault(sittings):
    pending = sittings.open()
    fails(pending, range(EQUAL_FAILURES - 1))
    with pytest.raises(RunError) as caught:
        fails(pending, range(EQUAL_FAILURES - 1, EQUAL_FAILURES))
    assert caught.value.code == "run.failing"
    assert "singular at 4" in str(caught.value)
    assert sittings.ended == [*range(EQUAL_FAILURES)]  # they are all recorded


def test_a_success_a_kill_or_a_person_begin_the_count_anew(sittings):
    pending, last = sittings.open(), EQUAL_FAILURES - 1
    fails(pending, range(last))
    evaluate(pending, last)
    pending.tell(nothing_to_ask=True)
    fails(pending, range(last + 1, 2 * last + 1))
    pending.begin(proposal(2 * last + 1))
    pending.kill(2 * last + 1)
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    fails(pending, range(2 * last + 2, 3 * last + 2))
    pending.forgive()
    fails(pending, range(3 * last + 2, 4 * last + 2))


def test_failures_of_different_kinds_are_no_fault(sittings):
    pending = sittings.open()
    for number in range(3 * EQUAL_FAILURES):
        fails(pending, range(number, number + 1), "ab"[number % 2])


# --- counting -------------------------------------------------------------------------------------


def test_partial_work_counts_its_share(sittings):
    pending = sittings.open(lambda p, r: ())
    pending.begin(proposal(0, folds=(0, 1)))
    assert (pending.begun, pending.done, pending.evaluations) == pytest.approx((2 / 3, 0, 0))
    pending.receive(0, 1, scored(0.5))
    [*pending.record()]
    assert (pending.begun, pending.done, pending.evaluations) == pytest.approx((2 / 3, 1 / 3, 0))
    pending.receive(0, 0, scored(0.5))
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    assert (pending.done, pending.evaluations) == pytest.approx((2 / 3, 2 / 3))


@pytest.mark.parametrize(("warm_starts", "cost"), [(False, 1.3), (True, 1.0)])
def test_a_fit_that_continues_the_last_one_costs_the_difference(sittings, warm_starts, cost):
    pending = sittings.open(lambda p, r: (), warm_starts=warm_starts)
    evaluate(pending, 0, fidelity=0.3)
    pending.tell(nothing_to_ask=True)
    assert pending.evaluations == pytest.approx(0.3)
    evaluate(pending, 1, trial=0)
    pending.tell(nothing_to_ask=True)
    assert pending.evaluations == pytest.approx(cost)


@pytest.mark.parametrize(("maximise", "best", "at"), [(True, 0.8, 2), (False, 0.2, 3)])
def test_the_best_score_and_when_it_was_found(sittings, maximise, best, at):
    pending = sittings.open(maximise=maximise)
    for number, score in enumerate((0.5, 0.8, 0.2, 0.8, 0.2)):
        evaluate(pending, number, score)
        pending.tell(nothing_to_ask=True)
    assert (pending.best, pending.evaluations_at_best) == (pytest.approx(best), at)
    assert pending.states == {TrialState.COMPLETE: 5, TrialState.RUNNING: 0}


# --- restoring ------------------------------------------------------------------------------------


def test_a_fresh_tuner_is_told_the_same_in_the_same_order(sittings):
    pending = sittings.open()
    for number in range(4):
        pending.begin(proposal(number))
    for number, score in ((2, 0.2), (0, 0.9), (1, 0.4)):
        do(pending, number, *[scored(score)] * N_FOLDS)
        pending.tell(nothing_to_ask=True)
    pending.receive(3, 1, scored(0.7))
    [*pending.record()]
    told, sums = sittings.tuner.told, (pending.evaluations, pending.done, pending.best)

    again = sittings.open()
    again.restore()
    assert sittings.tuner.told == told
    assert sittings.tuner.adopted == [2, 0, 1, 3]
    assert (again.evaluations, again.done, again.best) == sums
    assert again.evaluations_at_best == 2
    assert again.states == {TrialState.COMPLETE: 3, TrialState.RUNNING: 1}
    assert waiting(again) == [(3, 0), (3, 2)]
    assert sittings.ended == []


def test_a_decision_that_a_kill_kept_from_being_written_is_written_then(sittings, monkeypatch):
    def decide(p, r):
        return () if p.number == 0 else (*complete(p, r), Decision(0, TrialState.PRUNED))

    pending = sittings.open(decide)
    pending.begin(proposal(0, folds=(0,)))
    pending.receive(0, 0, scored(0.1))
    [*pending.record()]
    pending.tell(nothing_to_ask=True)
    evaluate(pending, 1)
    finish = sittings.archive.finish

    class PowerCut(BaseException):
        pass

    def cut(number, *args, **more):
        if number == 0:
            raise PowerCut
        finish(number, *args, **more)

    monkeypatch.setattr(sittings.archive, "finish", cut)
    with pytest.raises(PowerCut):
        pending.tell(nothing_to_ask=True)
    monkeypatch.undo()

    again = sittings.open(decide)
    again.restore()
    assert sittings.archive.trials[0].state is TrialState.RUNNING
    again.write()
    assert sittings.archive.trials[0].state is TrialState.PRUNED
    assert sittings.ended == [0]
    assert not again


def test_what_was_given_up_has_failed_for_the_tuner(sittings):
    pending = sittings.open()
    evaluate(pending, 0)
    pending.begin(proposal(1))
    sittings.archive.finish(1, TrialState.FAILED, message="Given up unfinished.")
    again = sittings.open()
    again.restore()
    assert sittings.tuner.told[-1] == (1, Result(None))
    assert waiting(again) == []
    assert again.next_to_tell(nothing_to_ask=True).proposal.number == 0
