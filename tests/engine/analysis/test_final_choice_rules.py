"""The ways to choose the final configuration, and what each gives up."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.final_choice_rules import choices, distance, standard_error
from engine.analysis.forest_model import learn
from engine.domain.trials import FoldResult, TrialRecord, TrialState
from engine.plan import Resampling
from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.testing.planted import planted

SPACE = SearchSpace((Float("C", 0.01, 100, log=True), Integer("depth", 1, 9)))
FIVE = Resampling("kfold", 5)


def trial(number, configuration, scores, seconds=1.0):
    made = TrialRecord(number, configuration, TrialState.COMPLETE, value=float(np.mean(scores)))
    for fold, score in enumerate(scores):
        made.add(FoldResult(number, fold, {"accuracy": score}, fit_seconds=seconds))
    return made


def near(value, spread=0.02):
    return value + spread * np.array([-1, -0.5, 0, 0.5, 1])


def chosen(trials, **changes):
    given = {
        "space": SPACE,
        "measure": "accuracy",
        "maximise": True,
        "resampling": FIVE,
        "model": None,
        "refused": "No model.",
    }
    return {c.kind: c for c in choices(trials, **{**given, **changes})}


TRIALS = [
    trial(0, {"C": 1.0, "depth": 5}, near(0.80)),
    trial(1, {"C": 100.0, "depth": 9}, near(0.90)),
    trial(2, {"C": 2.0, "depth": 5}, near(0.895), seconds=3.0),
    trial(3, {"C": 50.0, "depth": 1}, near(0.893), seconds=0.1),
]


def test_each_choice_is_what_it_says():
    found = chosen(TRIALS)
    assert {k: c.trial for k, c in found.items()} == {
        "best": 1,
        "one_se": 2,
        "cheapest": 3,
        "surrogate": None,
    }
    assert found["one_se"].gives_up == pytest.approx(0.005)
    assert found["cheapest"].fit_seconds == pytest.approx(0.1)
    assert found["one_se"].distance < found["best"].distance
    assert found["surrogate"].sentence == "No model."
    assert "3 configurations" in found["one_se"].sentence


def test_the_default_is_chosen_where_nothing_is_surely_better():
    close = [trial(0, {"C": 1.0, "depth": 5}, near(0.893)), *TRIALS[1:]]
    found = chosen(close)["one_se"]
    assert found.trial == 0
    assert found.distance == 0
    assert "nothing surely better" in found.sentence


def test_the_direction_of_the_measure_counts():
    found = chosen(
        [trial(t.number, t.configuration, [1 - s for s in near(t.value)]) for t in TRIALS],
        maximise=False,
    )
    assert found["best"].trial == 1
    assert found["one_se"].trial == 2
    assert found["one_se"].gives_up == pytest.approx(0.005)


def test_one_fold_has_no_standard_error():
    found = chosen([trial(0, {"C": 1.0, "depth": 5}, [0.8])], resampling=Resampling("holdout"))
    assert found["best"].trial == 0
    assert found["one_se"].trial is None
    assert "no standard error" in found["one_se"].sentence


def test_without_a_complete_trial_there_is_no_choice():
    assert chosen([]) == {}
    assert chosen([TrialRecord(0, {"C": 1.0, "depth": 5})]) == {}


def test_the_standard_error_counts_shared_training_rows():
    """Variance over folds times 1/5 + 1/4: training sets overlap, so it is more than a fifth."""
    one = TRIALS[0]
    sd = np.std(near(0.8), ddof=1)
    assert standard_error(one, "accuracy", FIVE) == pytest.approx(sd * np.sqrt(1 / 5 + 1 / 4))


def test_the_surrogates_choice_is_denoised():
    snapshot = planted(200, noise=0.15)
    rows = [
        trial(i, {n: snapshot.configurations[n][i] for n in snapshot.space.names}, [v] * 2)
        for i, v in enumerate(snapshot.value.tolist())
    ]
    model = learn(snapshot, trees=16)
    found = chosen(rows, space=snapshot.space, maximise=False, model=model)

    def true(kind):
        unit = snapshot.space.to_unit(rows[found[kind].trial].configuration)
        return (unit[5] - 0.3) ** 2 + 0.4 * (unit[6] > 0.6)

    assert found["surrogate"].gives_up >= 0
    assert true("surrogate") <= true("best") + 0.02


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ({"k": "a", "x": 0.0}, {"k": "a", "x": 1.0}, 0.5),
        ({"k": "a", "x": 0.0}, {"k": "b"}, 1.0),
        ({"k": "b"}, {"k": "b"}, 0.0),
    ],
)
def test_distances_count_choices_and_what_only_one_has(one, other, apart):
    space = SearchSpace(
        (Categorical("k", ("a", "b")), Float("x", 0.0, 1.0)), (Condition("x", "k", ("a",)),)
    )
    assert distance(space, one, other) == distance(space, other, one) == apart
