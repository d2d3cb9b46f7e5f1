"""Folds as fidelity: the conformance suite over the methods with rungs, and what a rung is."""

from __future__ import annotations

import math
from collections import defaultdict

import msgspec
import pytest

from engine.domain.trials import TrialState
from engine.testing.tuner_suite import MIXED, TunerSuite, drive, score_in
from engine.tuners.asha import Asha
from engine.tuners.base import Decision, Proposal, Result, TuningProblem
from engine.tuners.bohb import Bohb
from engine.tuners.few_folds import RUNGS, FewFolds, counts, smallest
from engine.tuners.halving import Halving
from engine.tuners.hyperband import Hyperband
from engine.tuners.rung_tuners import Climbing

METHODS: list[type[Climbing]] = [Halving, Hyperband, Asha, Bohb]


def inner(method: type[Climbing], problem: TuningProblem) -> Climbing:
    min_fidelity = smallest(problem.min_fidelity, problem.n_folds)
    return method(msgspec.structs.replace(problem, min_fidelity=min_fidelity, warm_starts=True))


class OverHalving(FewFolds):
    card = Halving.card

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(inner(Halving, problem))


class OverHyperband(FewFolds):
    card = Hyperband.card

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(inner(Hyperband, problem))


class OverAsha(FewFolds):
    card = Asha.card

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(inner(Asha, problem))


class OverBohb(FewFolds):
    card = Bohb.card

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(inner(Bohb, problem))


class TestHalving(TunerSuite):
    method = OverHalving
    options = {"eta": 2}  # noqa: RUF012


class TestHyperband(TunerSuite):
    method = OverHyperband
    options = {"eta": 2}  # noqa: RUF012


class TestAsha(TunerSuite):
    method = OverAsha
    options = {"eta": 2}  # noqa: RUF012


class TestBohb(TunerSuite):
    method = OverBohb
    options = {"eta": 2}  # noqa: RUF012


@pytest.mark.parametrize(
    ("n_folds", "eta", "depth", "expected"),
    [
        (10, 3, 2, (1, 3, 10)),
        (10, 2, 3, (1, 3, 5, 10)),
        (5, 2, 2, (1, 3, 5)),
        (50, 3, 3, (2, 6, 17, 50)),
        (3, 3, 1, (1, 3)),
        (2, 2, 1, (1, 2)),
        (1, 2, 0, (1,)),
    ],
)
def test_a_rung_is_a_number_of_folds(n_folds, eta, depth, expected):
    assert counts(n_folds, eta, depth) == expected


def test_every_rung_has_more_folds_than_the_one_below():
    for n_folds in range(1, 200):
        for eta in range(2, 11):
            depth = 0
            while eta ** (depth + 1) <= n_folds:
                depth += 1
            found = counts(n_folds, eta, depth)
            assert found[0] >= 1 and found[-1] == n_folds
            assert list(found) == sorted(set(found))


def test_no_rung_is_below_one_fold():
    assert smallest(1 / 27, 10) == 1 / 10
    assert smallest(1 / 3, 10) == 1 / 3


def over(method: type[Climbing], **changes: object) -> FewFolds:
    problem = TuningProblem(MIXED, {}, False, n_folds=10, min_fidelity=1 / 27, options={"eta": 3})
    return FewFolds(inner(method, msgspec.structs.replace(problem, **changes)))


def answer(tuner: FewFolds, proposal: Proposal, level: float) -> tuple[Decision, ...]:
    """Fold ``i`` scores ``level + i / 100``, the harder the later."""
    folds = range(10) if proposal.folds is None else proposal.folds
    values = {fold: level + fold / 100 for fold in folds}
    return tuner.tell(proposal, Result(math.fsum(values.values()) / len(values), values))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("max_pending", [1, 8])
def test_promoted_trials_keep_their_folds_and_get_those_they_lack(method, max_pending):
    tuner, decided = over(method), []
    told = [p for p, _ in drive(tuner, 200, max_pending, score_in(MIXED), 0, decided)]
    trials = defaultdict(list)
    for proposal in told:
        assert proposal.fidelity == 1.0
        trials[proposal.trial].append(proposal)
    assert trials.pop(0)[0].folds is None
    firsts = set()
    for trial in trials.values():
        seen = []
        for proposal in trial:
            folds = range(10) if proposal.folds is None else proposal.folds
            assert not set(folds) & set(seen)
            seen += folds
            assert len(seen) in (1, 3, 10)
            assert proposal.note[RUNGS] == "1,3,10"
        firsts.add(seen[0])
    if method in (Halving, Asha):
        assert len(firsts) == 1  # all begin with the same fold
    assert max(len(trial) for trial in trials.values()) == 3
    complete = {d.trial for d in decided if d.state is TrialState.COMPLETE}
    assert complete - {0} <= {t for t, ps in trials.items() if sum(_size(p) for p in ps) == 10}


def _size(proposal: Proposal) -> int:
    return 10 if proposal.folds is None else len(proposal.folds)


def test_a_trial_is_judged_by_the_mean_of_all_its_folds():
    """Three on one fold, the best on three; with the folds' own difficulty the same for all."""
    tuner = over(Halving, options={"eta": 3, "configurations": 9})
    default = tuner.ask()
    assert default is not None
    answer(tuner, default, 0.0)
    first = [tuner.ask() for _ in range(9)]
    assert all(p is not None and len(p.folds or ()) == 1 for p in first)
    dropped = []
    for place, proposal in enumerate(first):
        dropped += answer(tuner, proposal, float(place))  # type: ignore[arg-type]
    assert {d.trial for d in dropped} == {4, 5, 6, 7, 8, 9}
    second = [tuner.ask() for _ in range(3)]
    assert [p.trial for p in second] == [1, 2, 3]  # type: ignore[union-attr]
    # On the new folds alone the third is best, on all three the second.
    levels = {1: 9.0, 2: 0.9, 3: 0.5}
    ended = []
    for proposal in second:
        ended += answer(tuner, proposal, levels[proposal.trial])  # type: ignore[union-attr, arg-type]
    # Means: (0 + 18) / 3 = 6, (1 + 1.8) / 3 = 0.93, (2 + 1) / 3 = 1.
    assert {d.trial for d in ended} == {1, 3}
    third = tuner.ask()
    assert third is not None and third.trial == 2 and len(third.folds or ()) == 7
    assert answer(tuner, third, 1.0) == (Decision(2, TrialState.COMPLETE),)


@pytest.mark.parametrize("method", METHODS)
def test_with_too_few_folds_every_evaluation_is_full(method):
    tuner = over(method, n_folds=2)
    told = [p for p, _ in drive(tuner, 20, 2, lambda p: None if p.number % 3 else 1.0)]
    assert all(p.folds is None for p in told)
