"""Numbers and times as a person reads them."""

from __future__ import annotations

import math

import msgspec
import pytest

from engine.domain.advice import ProbeResult
from engine.domain.results import RunResult
from engine.plan import Budget, Plan, with_method
from engine.space import Integer, SearchSpace, Value
from gui import words


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (1234.0, "1,234"),
        (0.03125, "0.03125"),
        (0.0, "0"),
        (-0.5, "−0.5"),
        (1e-6, "1e−6"),
        (123456.0, "123,456"),
        (2.5e9, "2.5e9"),
        (math.nan, "—"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers(x: float, text: str) -> None:
    assert words.number(x) == text


@pytest.mark.parametrize(
    ("x", "text"), [(0.96333, "0.9633"), (None, "—"), (math.nan, "—"), (1234.567, "1,234.6")]
)
def test_scores(x: float | None, text: str) -> None:
    assert words.score(x) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.84, "0.8 s"),
        (48.2, "48 s"),
        (192, "3 min 12 s"),
        (3599.7, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_measured_times(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ({}, ""),
        ({"phase": "design"}, "Proposed to fill the space, before there was a model."),
        ({"phase": "model", "model_points": 57}, "Proposed by a model of 57 results."),
        (
            {"phase": "model", "model_points": 400, "model_left_out": 834},
            "Proposed by a model of 400 results of 1,234: the best, the latest, an even share of "
            "the rest.",
        ),
        ({"iteration": 0, "bracket": 3, "rung": 0}, "Begun in a bracket of 3 promotions."),
        ({"iteration": 1, "bracket": 0, "rung": 0}, "Begun in full."),
        ({"race": 2, "parent": 7, "completing": False}, "Entered race 2, drawn around trial 7."),
        ({"race": 1, "parent": None, "completing": False}, "Entered race 1."),
        ({"generation": 4, "draw": 99}, ""),
    ],
)
def test_how_a_trial_came_to_be(note: dict[str, Value], text: str) -> None:
    assert words.proposed(note) == text


def test_what_going_on_with_fits_saved() -> None:
    result = RunResult(
        learner="random_forest",
        measure="accuracy",
        maximise=True,
        trial=1,
        configuration={},
        validation_best=0.9,
        validation_default=0.8,
        default_configuration={},
        trials=20,
        evaluations=9.0,
        seconds=60.0,
        seed=0,
        model_seed=0,
        folds=10,
    )
    assert words.saved(result) == ""
    result = msgspec.structs.replace(result, saved_evaluations=2.345, saved_seconds=81.0)
    assert words.saved(result) == (
        "Going on where fits had stopped saved 2.3 evaluations, 1 min 21 s of fits."
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "a few seconds"),
        (41, "about 40 seconds"),
        (60, "about 1 minute"),
        (290, "about 5 minutes"),
        (22 * 60, "about 20 minutes"),
        (3600, "about 1 hour"),
        (5400, "about 1.5 hours"),
        (20 * 3600, "about 20 hours"),
        (50 * 3600, "about 2 days"),
    ],
)
def test_estimated_times(seconds: float, text: str) -> None:
    assert words.about(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (True, "true"), (1500, "1,500"), (0.378, "0.378"), ("rbf", "rbf")],
)
def test_values(value: bool | int | float | str | None, text: str) -> None:
    assert words.value(value) == text


def test_no_estimate_says_nothing() -> None:
    assert words.left(None) == ""
    assert words.left(120) == "about 2 minutes left"


def test_the_cost_of_a_search(plan: Plan) -> None:
    probe = ProbeResult(seconds=3.0, evaluation_seconds=15.0, memory_mb=10, score=0.9)
    assert words.cost(None, None) == ""
    assert words.cost(plan, None) == "40 evaluations on 2 workers"
    assert words.cost(plan, probe) == "40 evaluations, about 5 minutes on 2 workers"
    limited = msgspec.structs.replace(plan, budget=Budget(evaluations=40, seconds=60))
    assert words.search_seconds(limited, probe) == 60
    tenth = msgspec.structs.replace(probe, seconds=0.3, fidelity_parameter="depth", size=1)
    grown = with_method(plan, plan.method, SearchSpace((Integer("depth", 1, 19),)))
    assert words.search_seconds(grown, tenth) == words.search_seconds(plan, probe)
    timed = msgspec.structs.replace(plan, budget=Budget(seconds=600))
    assert words.cost(timed, probe) == "10 minutes on 2 workers"


def test_what_a_table_is_called() -> None:
    assert words.name_of("builtin:wine") == "wine"
    assert words.name_of("/home/a/wine.csv") == "wine.csv"
