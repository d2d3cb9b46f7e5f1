"""Fewer trees or rounds where time is short."""

from __future__ import annotations

import math

import pytest

from engine.catalog import costs
from engine.domain.advice import ProbeResult
from engine.guide import cost, size
from engine.guide.advise import recommended_plan
from engine.plan import DataPlan, Resampling
from engine.space import Float, Integer, SearchSpace

FREE = Float("x", 0, 1)
SPACE = SearchSpace((FREE, Integer("rounds", 1, 5_000)))
KNOWN = {"learner": "gradient_boosting", "resampling": Resampling(folds=5), "workers": 2}


def probe(seconds):
    """Of a fold with a hundred rounds."""
    return ProbeResult(seconds, 5 * seconds, 1.0, 0.9, fidelity_parameter="rounds", size=100)


@pytest.mark.parametrize(
    ("seconds", "fold", "high"),
    [
        (60, 0.1, 1_900),  # 9.6 evaluations of 2,500 rounds, 25 of 960
        (60, 1.0, 200),  # the library's default must stay in the middle
        (600, 1.0, 1_900),
        (600, 0.1, 5_000),
        (None, 1.0, 1_900),  # ten minutes, when nobody says
    ],
)
def test_rounds_leave_time_for_enough_evaluations(situation, seconds, fold, high):
    known = situation(space=SPACE, seconds=seconds, probe=probe(fold), **KNOWN)
    narrowed = size.within_time(known)
    assert narrowed["rounds"] == Integer("rounds", 1, high)
    assert narrowed["x"] == FREE
    if 200 < high < 5_000:
        settled = situation(space=narrowed, seconds=seconds, probe=probe(fold), **KNOWN)
        assert size.ENOUGH <= cost.affordable(settled) < 1.1 * size.ENOUGH


@pytest.mark.parametrize(
    "changes",
    [
        {"evaluations": 40.0},  # however long they take
        {"learner": "svm"},  # nothing grows
        {"fixed": {"rounds": 5_000}},
        {"space": SearchSpace((FREE,))},
        {"space": None},
        {"space": SearchSpace((FREE, Integer("rounds", 300, 400)))},  # cut off, it would be empty
        {"space": SearchSpace((FREE, Integer("rounds", 1, 150)))},
    ],
)
def test_the_range_stays_as_it_is(situation, changes):
    known = {"space": SPACE, "probe": probe(1.0), **KNOWN, **changes}
    assert size.within_time(situation(**known)) == (known["space"] or SearchSpace())


def test_a_person_with_evaluations_and_a_time_has_the_time(situation):
    known = situation(space=SPACE, evaluations=math.inf, seconds=60, probe=probe(1.0), **KNOWN)
    assert size.within_time(known)["rounds"] == Integer("rounds", 1, size.LEAST)


def test_the_plan_and_its_budget_say_so_but_a_space_of_ones_own_is_kept(catalog, facts):
    def make(**known):
        return recommended_plan(
            DataPlan("a.csv", target="y"),
            facts(800, 800),
            catalog=catalog,
            costs=costs(),
            space_of=lambda learner: SPACE,
            learner_id="gradient_boosting",
            probe=probe(0.5),
            **known,
        )

    plan, advice, recommended = make(seconds=60)
    assert plan.space == recommended == SearchSpace((FREE, Integer("rounds", 1, 200)))
    assert "rounds goes up to 200 instead of 5,000." in advice.budget[0].reason
    patient, advice, recommended = make(seconds=6_000)
    assert patient.space == recommended == SPACE
    assert "instead of" not in advice.budget[0].reason
    own = SearchSpace((FREE, Integer("rounds", 1, 3_000)))
    kept, advice, recommended = make(seconds=60, changes={"space": own})
    assert kept.space == own
    assert recommended["rounds"] == Integer("rounds", 1, 200)
    assert "instead of" not in advice.budget[0].reason
