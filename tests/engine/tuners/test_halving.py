"""Successive halving: who is promoted when."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.trials import TrialState
from engine.space import Float, SearchSpace, Value
from engine.testing.tuner_suite import drive
from engine.tuners.base import Decision, Proposal, Result, TuningProblem
from engine.tuners.halving import Halving

LINE = SearchSpace((Float("x", 0.0, 1.0),))


def position(proposal: Proposal) -> float:
    return float(proposal.configuration["x"])  # type: ignore[arg-type]


def make(
    *,
    maximise: bool = False,
    budget: float | None = None,
    warm_starts: bool = False,
    **options: Value,
) -> Halving:
    return Halving(
        TuningProblem(
            LINE,
            {},
            maximise,
            options=options,
            budget=budget,
            min_fidelity=1 / 27,
            warm_starts=warm_starts,
        )
    )


@pytest.mark.parametrize("maximise", [False, True])
def test_the_best_are_promoted_and_the_others_dropped(maximise: bool) -> None:
    decided: list[Decision] = []
    told = [p for p, _ in drive(make(maximise=maximise), 41, 1, position, 0, decided)]
    for rung, size in enumerate([27, 9, 3, 1]):
        here = [p for p in told[1:] if p.note["rung"] == rung]
        assert len(here) == size
        above = {p.trial for p in told[1:] if p.note["rung"] == rung + 1}
        ranked = sorted(here, key=position, reverse=maximise)
        assert above == {p.trial for p in ranked[: size // 3]}
        if rung < 3:
            dropped = {p.trial for p in ranked[size // 3 :]}
            assert dropped <= {d.trial for d in decided if d.state == TrialState.PRUNED}
    assert len(decided) == 28 == len({d.trial for d in decided})


def test_equals_are_promoted_in_order() -> None:
    told = [p for p, _ in drive(make(), 41, 1, lambda _: 0.5)]
    assert [p.trial for p in told if p.note.get("rung") == 1] == list(range(1, 10))


def test_while_a_rung_waits_the_next_bracket_is_begun() -> None:
    tuner = make()
    list(drive(tuner, 1, 1, position))
    waiting = [tuner.ask() for _ in range(30)]
    assert [p.note["iteration"] for p in waiting if p] == [0] * 27 + [1] * 3
    for proposal in waiting[:27]:
        assert proposal is not None
        tuner.tell(proposal, Result(position(proposal)))
    following = tuner.ask()
    assert following is not None and (following.note["iteration"], following.note["rung"]) == (0, 1)


@pytest.mark.parametrize("warm_starts", [False, True])
@pytest.mark.parametrize("budget", [2.0, 5.0, 12.0, 40.0, 100.0])
def test_whole_brackets_use_the_budget_up(budget: float, warm_starts: bool) -> None:
    tuner = make(budget=budget, warm_starts=warm_starts)
    spent, at = 0.0, {}
    ended = [0.0]
    for proposal, _ in drive(tuner, 3000, 1, position):
        if spent >= budget - 1e-9:
            break
        spent += proposal.fidelity - (at.get(proposal.trial, 0.0) if warm_starts else 0.0)
        at[proposal.trial] = proposal.fidelity
        if proposal.fidelity == 1.0:
            ended.append(spent)
    # The last full fit of the last whole bracket comes just before the end.
    assert budget - 1 < ended[-1] <= budget + 1e-9


def test_the_number_of_configurations_can_be_chosen() -> None:
    told = [p for p, _ in drive(make(configurations=60), 1 + 60 + 20 + 6 + 2, 1, position)]
    rungs = [p.note["rung"] for p in told[1:]]
    assert np.bincount(np.array(rungs, dtype=int)).tolist() == [60, 20, 6, 2]


def test_a_larger_budget_does_not_move_what_was_begun() -> None:
    first = make(budget=6.0)
    told = list(drive(first, 30, 4, position))
    second = make(budget=60.0)
    for proposal, result in told:
        second.adopt(proposal)
        second.tell(proposal, result)
    for proposal in first.pending:
        second.adopt(proposal)
    in_bracket = [[p for p, _ in drive(t, 5, 1, position)] for t in (first, second)]
    assert in_bracket[0] == in_bracket[1]
