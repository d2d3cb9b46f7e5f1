"""Nested resampling: no outer row in any search, an estimate with an interval, and the gap."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from engine.domain.advice import ProbeResult
from engine.domain.comparison import DEFAULT, Member
from engine.errors import InputError
from engine.experiments import compose
from engine.experiments.collect_results import comparison_of
from engine.experiments.experiment import WHOLE, load, member_folder, slots
from engine.experiments.experiment_costs import costs
from engine.experiments.nested import estimate, estimates, spread
from engine.objective.fold_data import FoldData
from engine.testing.experiments import carry_out


def test_no_outer_row_is_in_its_search_and_every_row_is_tested_once(make) -> None:
    """The rows that workers fit and validate on, by what they hold, fold by fold."""
    folder = make("random", kind="nested", repetitions=3, whole=True)
    carry_out(folder)
    experiment = load(folder)
    tested, seeds = [], set()
    for slot in slots(experiment):
        problem = FoldData(member_folder(folder, experiment, slot))
        seeds.add(problem.plan.seed)
        if slot.repetition == WHOLE:
            assert problem.test is None
            assert len(problem.rows) == 178
            continue
        rows, features, truth = problem.test
        tested.append(rows)
        seen = {row for fold in problem.folds for part in fold for row in problem.rows[part]}
        assert not seen & set(rows)
        assert len(seen) + len(rows) == 178
        inside = {tuple(row) for row in problem.features.to_numpy()}
        for fold in range(len(problem.folds)):
            prepared = problem.prepared(fold)
            assert len(prepared.train) + len(prepared.valid) == len(seen)
        assert len(truth) == len(features) == len(rows)
        assert not inside & {tuple(row) for row in features.to_numpy()}
    assert sorted(np.concatenate(tested)) == list(range(178))
    assert len(seeds) == 4

    found = comparison_of(folder)
    assert found.kind == "nested"
    assert [c.name for c in found.contenders] == ["random", DEFAULT]
    one, default = estimates(folder, experiment, found)
    assert one.path == str(member_folder(folder, experiment, slots(experiment)[-1]))
    assert one.estimate is not None
    assert one.estimate.score == pytest.approx(np.mean(one.outer))
    assert one.estimate.low < one.estimate.score < one.estimate.high
    assert one.estimate.method == "Nadeau-Bengio"
    assert one.gap == pytest.approx(one.naive - one.estimate.score)
    assert set(one.spread) <= {"C", "gamma"}
    assert default.contender == DEFAULT
    assert default.path == ""


def test_the_interval_is_nadeau_and_bengios() -> None:
    folds = [
        Member("c", "m", fold, "finished", validation=0.95, test=test)
        for fold, test in enumerate((0.8, 0.9, 0.85, 0.95))
    ]
    found = estimate(folds, maximise=True)
    # t(3) at 97.5 % is 3.18245; s^2 = 0.0041667; 1/4 + 1/3.
    half = 3.182446 * math.sqrt((1 / 4 + 1 / 3) * 0.01 * 1.25 / 3)
    assert found.estimate is not None
    assert found.estimate.score == pytest.approx(0.875)
    assert found.estimate.high - 0.875 == pytest.approx(half, rel=1e-5)
    assert found.naive == pytest.approx(0.95)
    assert found.gap == pytest.approx(0.075)
    worse = estimate(folds, maximise=False, naive=0.8)
    assert worse.gap == pytest.approx(0.075)  # of an error that looks smaller


def test_with_one_fold_done_there_is_no_estimate() -> None:
    folds = [
        Member("c", "m", 0, "finished", validation=0.9, test=0.8),
        Member("c", "m", 1, "running", validation=0.9),
    ]
    found = estimate(folds, maximise=True)
    assert (found.estimate, found.gap) == (None, None)
    assert found.outer == (0.8, None)


def test_what_the_folds_chose_in_words() -> None:
    chosen = [
        {"C": 0.1, "kernel": "rbf", "trees": 5},
        {"C": 10.0, "kernel": "rbf", "trees": 5, "degree": 2},
        {"C": 1.0, "kernel": "poly", "trees": 5},
    ]
    members = [Member("c", "m", n, configuration=c) for n, c in enumerate(chosen)]
    assert spread(members) == {
        "C": "0.1 to 10",
        "kernel": "rbf 2, poly 1",
        "trees": "5",
        "degree": "2 (in 1 of 3)",
    }


def test_costs_are_known_before(make, plan) -> None:
    folder = make("random", kind="nested", repetitions=3, whole=True, trials=25)
    found = costs(load(folder), ProbeResult(0.1, 0.2, 1.0, 0.9))
    assert (found.searches, found.evaluations, found.fits) == (4, 100, 25 * 2 * 4 + 8)
    assert found.seconds == pytest.approx(20.8)
    assert "3 outer folds and a search on all rows: 4 searches of 25 evaluations" in found.sentence
    assert costs(load(folder)).seconds is None


def test_a_file_with_test_rows_does_not_go_with_it(make, plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Leave that file out"):
        make("tpe", kind="nested", plans=[plan(data__test_source="x.csv")])
    folder = make("tpe", kind="nested", repetitions=3)
    with pytest.raises(InputError, match="outer folds belong together"):
        compose.extend(folder, repetitions=4)
