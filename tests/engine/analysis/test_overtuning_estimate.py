"""Overtuning as the study defines it, and the alarm: planted and clean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.overtuning_estimate import Watched, overtuning
from engine.analysis.remedies import remedies
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    OuterFold,
    Plan,
    Resampling,
    replace,
)
from engine.space import Float, SearchSpace
from engine.testing.overtuned import CLEAN, OVERTUNED, subset_search

NOISE = np.random.default_rng(0).standard_normal(100)


def one(trial, validation, outer, noise=0.01):
    return Watched(trial, validation, outer, outer + noise * NOISE * (1 + 0.1 * trial))


def test_a_worked_example():
    """Errors outside: 0.30, 0.20, 0.26. Overtuned by 0.06, of the 0.10 that were gained."""
    path = [one(0, 0.32, 0.30), one(3, 0.22, 0.20), one(9, 0.18, 0.26)]
    found = overtuning(path, maximise=False)
    assert found.overtuning == pytest.approx(0.06)
    assert found.relative == pytest.approx(0.6)
    assert found.flattery == pytest.approx(0.08)
    assert found.alarm.trial == 3
    assert found.alarm.better_by == pytest.approx(0.06)
    assert 0 < found.alarm.at_least < 0.06
    assert "Trial 3" in found.alarm.sentence


def test_the_same_in_accuracies():
    errors = [(0, 0.32, 0.30), (3, 0.22, 0.20), (9, 0.18, 0.26)]
    down = overtuning([one(*e) for e in errors], maximise=False)
    up = overtuning([one(t, 1 - v, 1 - o) for t, v, o in errors], maximise=True)
    for name in ("overtuning", "relative", "flattery"):
        assert getattr(up, name) == pytest.approx(getattr(down, name))
    assert up.alarm.trial == down.alarm.trial


def test_worse_than_the_default_is_told_of_the_default():
    found = overtuning([one(0, 0.3, 0.2), one(5, 0.1, 0.4)], maximise=False)
    assert found.alarm.trial == 0
    assert found.alarm.sentence.startswith("The default configuration scores better")
    assert found.relative is None  # nothing was ever gained


@pytest.mark.parametrize(
    "path",
    [
        [],
        [one(0, 0.5, 0.5)],
        [one(0, 0.3, 0.30), one(1, 0.2, 0.20)],
        [one(0, 0.3, math.nan), one(1, 0.2, 0.20)],
        [one(0, 0.3, 0.2), Watched(1, 0.2, 0.4, np.array([]))],
        [one(0, 0.3, 0.2), Watched(1, 0.2, 0.4, np.full(50, np.nan))],
    ],
)
def test_no_alarm_without_loss_or_without_knowing_the_noise(path):
    assert overtuning(path, maximise=False).alarm is None


def test_what_is_within_noise_rings_nothing():
    quiet = [one(0, 0.3, 0.200), Watched(1, 0.2, 0.205, 0.205 + 0.02 * NOISE[::-1])]
    assert overtuning(quiet, maximise=False).alarm is None


def test_the_more_are_looked_at_the_surer_the_alarm_must_be():
    """2.8 standard errors are rare for one earlier incumbent, and not for the best of twenty."""
    last = Watched(99, 0.1, 0.3, np.full(NOISE.size, 0.3))
    better = 2.8 * 0.01 * NOISE.std()
    earlier = [Watched(t, 0.2, 0.3 - better, 0.3 - better + 0.01 * NOISE) for t in range(20)]
    assert overtuning([earlier[0], last], maximise=False).alarm is not None
    assert overtuning([*earlier, last], maximise=False).alarm is None


def test_the_alarm_rings_for_planted_overtuning_only():
    """Sixteen validation rows and three hundred trials against ten folds and thirty trials."""
    for seed in range(2):
        planted = overtuning(subset_search(seed, OVERTUNED), maximise=True)
        clean = overtuning(subset_search(seed, CLEAN), maximise=True)
        assert planted.alarm is not None
        assert planted.overtuning > 0.02
        assert clean.alarm is None


def plan(resampling, **changes):
    made = Plan(
        data=DataPlan("builtin:wine", target="target", task="multiclass"),
        learner=LearnerPlan("svm"),
        search=Configurations(
            SearchSpace((Float("C", 0.1, 10.0, log=True),)), MethodPlan("random")
        ),
        evaluation=EvaluationPlan("accuracy", resampling),
        budget=Budget(10),
        seed=7,
    )
    return replace(made, changes)


@pytest.mark.parametrize(
    ("resampling", "n_folds"),
    [
        (Resampling("holdout"), [5, 10, 30]),
        (Resampling("kfold", 5), [10, 15]),
        (Resampling("kfold", 10), [30]),
        (Resampling("repeated_kfold", 10, 3), [60]),
    ],
)
def test_remedies_are_plans_with_more_fits_and_other_test_rows(resampling, n_folds):
    before = plan(resampling)
    after = [replace(before, r.changes) for r in remedies(before)]
    assert [p.evaluation.resampling.n_folds for p in after] == n_folds
    assert all(p.seed == 8 for p in after)
    assert all(r.label and "times the fits" in r.why for r in remedies(before))


def test_test_rows_that_are_given_stay():
    outside = plan(Resampling("kfold", 10), **{"data.test_source": "test.csv"})
    nested = replace(
        plan(Resampling("kfold", 10)), {"evaluation.outer": OuterFold(fold=0, folds=3)}
    )
    for made in (outside, nested):
        assert all("seed" not in r.changes for r in remedies(made))
