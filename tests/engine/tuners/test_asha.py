"""ASHA: what it promotes when."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest

from engine.space import Float, SearchSpace
from engine.testing.tuner_suite import drive
from engine.tuners.asha import Asha
from engine.tuners.base import Proposal, TuningProblem

LINE = SearchSpace((Float("x", 0.0, 1.0),))


def position(proposal: Proposal) -> float:
    return float(proposal.configuration["x"])  # type: ignore[arg-type]


def worsening(proposal: Proposal) -> float:
    return float(proposal.trial)


def improving(proposal: Proposal) -> float:
    return -float(proposal.trial)


@pytest.mark.parametrize("max_pending", [1, 8])
@pytest.mark.parametrize("eta", [2, 3, 4])
@pytest.mark.parametrize("score", [position, worsening, improving])
def test_a_rung_never_promotes_more_than_its_share(max_pending: int, eta: int, score) -> None:
    tuner = Asha(TuningProblem(LINE, {}, False, min_fidelity=1 / 64, options={"eta": eta}))
    results: dict[int, dict[int, float]] = defaultdict(dict)
    promoted: dict[int, set[int]] = defaultdict(set)
    known = {0}
    for proposal, result in drive(tuner, 400, max_pending, score):
        for pending in (proposal, *tuner.pending):
            if pending.number not in known and pending.note["rung"]:
                promoted[int(pending.note["rung"]) - 1].add(pending.trial)  # type: ignore[arg-type]
            known.add(pending.number)
        if proposal.number:
            results[int(proposal.note["rung"])][proposal.trial] = result.value or 0.0  # type: ignore[arg-type]
        for rung, trials in promoted.items():
            assert len(trials) <= math.floor(len(results[rung]) / eta)
    assert promoted[0] and promoted[1]


def test_a_promotion_comes_before_anything_new_and_takes_the_best() -> None:
    tuner = Asha(TuningProblem(LINE, {}, False, min_fidelity=1 / 9))
    told = [p for p, _ in drive(tuner, 200, 1, position)][1:]
    results: dict[int, list[Proposal]] = defaultdict(list)
    gone: dict[int, set[int]] = defaultdict(set)
    for proposal in told:
        owed = [r for r in (1, 0) if len(results[r]) // 3 > len(gone[r])]
        expected = None
        for rung in owed:
            top = sorted(results[rung], key=position)[: len(results[rung]) // 3]
            expected = next(((rung, p.trial) for p in top if p.trial not in gone[rung]), None)
            if expected:
                break
        rung = int(proposal.note["rung"])  # type: ignore[arg-type]
        assert (rung - 1, proposal.trial) == expected if expected else rung == 0
        if rung:
            gone[rung - 1].add(proposal.trial)
        results[rung].append(proposal)
    assert len(results[2]) > 5


def test_nothing_is_ever_waited_for() -> None:
    tuner = Asha(TuningProblem(LINE, {}, False, min_fidelity=1 / 27))
    assert all(tuner.ask() is not None for _ in range(100))
