"""A fold in a worker: the same score as plain scikit-learn, and nothing leaks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.domain.trials import FoldResult
from engine.learners import LEARNERS
from engine.objective.fold_data import FoldData, fold_data
from engine.objective.fold_job import evaluate_fold
from engine.objective.pipeline import pipeline
from engine.objective.seeds import final_seed, fold_seed
from engine.plan import Resampling
from engine.space import Configuration

MakeRun = Callable[..., Path]
Columns = dict[str, list[object]]

SETTINGS: dict[str, Configuration] = {
    "elastic_net": {"l1_ratio": 0.3},
    "svm": {"C": 2.0, "gamma": 0.2},
    "random_forest": {
        "n_estimators": 7,
        "max_features": 0.5,
        "bootstrap": True,
        "max_samples": 0.8,
    },
    "gradient_boosting": {"max_iter": 8, "max_features": 0.6, "max_depth": 3},
    "network": {"epochs": 8, "width": 16, "batch_size": 16},
    "self_tuning": {"hyper_steps": 2, "steps": 10, "width": 4},
    "conv_network": {"epochs": 8, "filters": 2, "batch_size": 16},
}


def plainly(folder: Path, configuration: Configuration, fold: int, seed: int) -> Any:
    """A pipeline fitted by scikit-learn alone on the training rows, and the validation rows."""
    task = FoldData(folder)
    train, valid = task.folds[fold]
    model = pipeline(task.plan, task.learner, task.schema, configuration, seed)
    model.fit(task.features.iloc[train], task.target[train])
    return model, task.features.iloc[valid], task.target[valid]


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("encode", ["one_hot", "ordinal"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scores_are_those_of_a_plain_pipeline(
    make_run: MakeRun, flowers: Columns, learner: str, encode: str
) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    folder = make_run(flowers, learner=learner, changes={"preparation.encode": encode})
    for fold in (0, 2):
        found = evaluate_fold(str(folder), SETTINGS.get(learner, {}), fold, 3)
        model, features, truth = plainly(folder, SETTINGS.get(learner, {}), fold, 3)
        labels = model.predict(features)
        assert found.scores["accuracy"] == accuracy_score(truth, labels)
        assert found.scores["f1_macro"] == f1_score(truth, labels, average="macro")


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regression_scores_are_those_of_a_plain_pipeline(
    make_run: MakeRun, prices: Columns, learner: str
) -> None:
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    folder = make_run(prices, learner=learner, measure="rmse")
    found = evaluate_fold(str(folder), SETTINGS.get(learner, {}), 1, 3)
    model, features, truth = plainly(folder, SETTINGS.get(learner, {}), 1, 3)
    labels = model.predict(features)
    expected = {
        "rmse": root_mean_squared_error(truth, labels),
        "mae": mean_absolute_error(truth, labels),
        "r2": r2_score(truth, labels),
    }
    assert {name: found.scores[name] for name in expected} == expected


@pytest.mark.parametrize(("measure", "has"), [("roc_auc", {"roc_auc"}), ("log_loss", {"log_loss"})])
def test_an_svm_gives_what_its_measure_needs(
    make_run: MakeRun, flowers: Columns, measure: str, has: set[str]
) -> None:
    folder = make_run(flowers, learner="svm", measure=measure)
    scores = evaluate_fold(str(folder), SETTINGS["svm"], 0, 1).scores
    assert {"roc_auc", "log_loss"} & set(scores) == has
    assert all(np.isfinite(score) for score in scores.values())


def test_the_outcome_is_decided_by_configuration_fold_and_seed(
    make_run: MakeRun, flowers: Columns
) -> None:
    folder = str(make_run(flowers, learner="random_forest", measure="log_loss"))

    def scores(fold: int, seed: int) -> dict[str, float]:
        return evaluate_fold(folder, SETTINGS["random_forest"], fold, seed).scores

    assert scores(0, 1) == scores(0, 1)
    assert scores(0, 1) != scores(0, 2)
    assert scores(0, 1) != scores(1, 1)


def test_times_and_warnings_are_told(
    make_run: MakeRun, flowers: Columns, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(flowers)
    began = time.perf_counter()
    found = evaluate_fold(str(folder), {"C": 1e6, "l1_ratio": 0.5}, 0, 1)
    assert isinstance(found, FoldResult)
    assert 0 < found.fit_seconds <= found.seconds <= time.perf_counter() - began
    assert 0 < found.predict_seconds <= found.seconds - found.fit_seconds
    assert any(text.startswith("ConvergenceWarning: ") for text in found.warnings)
    assert capfd.readouterr() == ("", "")


def test_what_is_optimised_as_well_is_scored_though_it_is_dear(
    make_run: MakeRun, flowers: Columns
) -> None:
    further_measures = {"evaluation.further_measures": ["roc_auc", "log_loss", "fit_seconds"]}
    for changes, scored in (({}, False), (further_measures, True)):
        folder = make_run(flowers, learner="svm", changes=changes)
        found = evaluate_fold(str(folder), {"C": 1.0, "gamma": 0.1}, 0, 1)
        assert ("roc_auc" in found.scores, "log_loss" in found.scores) == (scored, scored)
        assert "fit_seconds" not in found.scores


def test_fixed_hyperparameters_reach_the_model(make_run: MakeRun, flowers: Columns) -> None:
    free = make_run(flowers, learner="svm", measure="roc_auc")
    fixed = make_run(
        flowers, learner="svm", measure="roc_auc", changes={"learner.fixed.gamma": 0.2}
    )
    configuration: Configuration = {"C": 2.0}
    bound = evaluate_fold(str(fixed), configuration, 0, 1).scores
    assert bound == evaluate_fold(str(free), {"C": 2.0, "gamma": 0.2}, 0, 1).scores
    assert bound != evaluate_fold(str(free), configuration, 0, 1).scores


def test_the_table_and_each_prepared_fold_are_kept(make_run: MakeRun, flowers: Columns) -> None:
    folder = str(make_run(flowers))
    first = fold_data(folder)
    prepared = first.prepared(0)
    assert fold_data(folder) is first
    assert first.prepared(0) is prepared


def test_prepared_folds_stay_within_their_bytes(
    make_run: MakeRun, flowers: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = FoldData(make_run(flowers))
    size = task.prepared(0).size
    monkeypatch.setattr("engine.objective.fold_data.PREPARED_BYTES", int(2.5 * size))
    first, second = task.prepared(0), task.prepared(1)
    task.prepared(2)
    assert task.prepared(1) is second
    assert task.prepared(0) is not first
    monkeypatch.setattr("engine.objective.fold_data.PREPARED_BYTES", 0)
    assert np.array_equal(task.prepared(2).train, FoldData(task_folder(task)).prepared(2).train)


def task_folder(task: FoldData) -> Path:
    """The folder that a problem was read from."""
    return Path(task.plan.data.source).parent


def test_preparation_never_sees_validation_rows(make_run: MakeRun, flowers: Columns) -> None:
    folder = make_run(flowers)
    train, valid = FoldData(folder).folds[0]
    planted = {name: list(values) for name, values in flowers.items()}
    for row in valid:
        planted["length"][row] = "1000000"
        planted["colour"][row] = "only here"
    clean, spoilt = FoldData(folder).prepared(0), FoldData(make_run(planted)).prepared(0)
    assert np.array_equal(clean.train, spoilt.train)
    assert not np.array_equal(clean.valid, spoilt.valid)
    assert len(train) + len(valid) == 90


def test_a_category_unseen_in_training_is_no_fault(make_run: MakeRun, flowers: Columns) -> None:
    for encode in ("one_hot", "ordinal"):
        run = make_run(flowers, changes={"preparation.encode": encode})
        _, valid = FoldData(run).folds[0]
        planted = {name: list(values) for name, values in flowers.items()}
        planted["colour"][valid[0]] = "never seen before"
        folder = make_run(planted, changes={"preparation.encode": encode})
        prepared = FoldData(folder).prepared(0)
        assert np.isfinite(prepared.valid).all()
        assert not evaluate_fold(str(folder), {"C": 0.1}, 0, 1).warnings


def test_rare_categories_share_a_column(make_run: MakeRun, flowers: Columns) -> None:
    few = FoldData(make_run(flowers, changes={"preparation.max_categories": 3}))
    many = FoldData(make_run(flowers))
    # length and width, and three columns for the colours.
    assert few.prepared(0).train.shape[1] == 5 < many.prepared(0).train.shape[1]


def test_features_are_scaled_where_the_learner_needs_it(make_run: MakeRun, prices: Columns) -> None:
    def spread(learner: str, scale: str) -> float:
        run = make_run(
            prices, learner=learner, measure="rmse", changes={"preparation.scale": scale}
        )
        return float(FoldData(run).prepared(0).train[:, 0].std())

    assert spread("svm", "auto") == pytest.approx(1.0)
    assert spread("random_forest", "auto") > 10
    assert spread("random_forest", "standard") == pytest.approx(1.0)
    assert spread("svm", "none") > 10


def test_a_column_empty_in_training_is_no_fault(make_run: MakeRun, prices: Columns) -> None:
    run = make_run(prices, measure="rmse", resampling=Resampling("holdout"))
    _, valid = FoldData(run).folds[0]
    prices["late"] = ["1.5" if row in valid else "" for row in range(80)]
    folder = make_run(prices, measure="rmse", resampling=Resampling("holdout"))
    assert np.isfinite(FoldData(folder).prepared(0).valid).all()
    assert math.isfinite(evaluate_fold(str(folder), {}, 0, 1).scores["rmse"])


@pytest.mark.parametrize("learner", ["random_forest", "svm"])
def test_random_labels_score_at_chance(make_run: MakeRun, learner: str) -> None:
    # Identifier-like categories would be learnt by heart if encoding saw the validation labels.
    rng = np.random.default_rng(3)
    table = {
        "code": [f"c{i}" for i in rng.integers(0, 40, 200)],
        "noise": [f"{x:.3f}" for x in rng.normal(size=200)],
        "target": [str(label) for label in rng.permutation(["no", "yes"] * 100)],
    }
    folder = make_run(table, learner=learner, measure="roc_auc", resampling=Resampling(folds=5))
    scores = [
        evaluate_fold(str(folder), SETTINGS.get(learner, {}), fold, 1).scores["roc_auc"]
        for fold in range(5)
    ]
    assert abs(np.mean(scores) - 0.5) < 0.12


@pytest.mark.parametrize(
    ("resampling", "count"),
    [
        (Resampling("holdout", share=0.3), 1),
        (Resampling("kfold", folds=4), 4),
        (Resampling("repeated_kfold", folds=3, repeats=2), 6),
    ],
)
def test_folds_leave_the_outer_test_rows_alone(
    make_run: MakeRun, flowers: Columns, resampling: Resampling, count: int
) -> None:
    task = FoldData(make_run(flowers, resampling=resampling, test_share=0.2))
    assert len(task.folds) == task.plan.evaluation.resampling.n_folds == count
    assert task.test is not None
    test_rows = set(task.test[0].tolist())
    assert len(test_rows) == 18
    assert not test_rows & set(task.rows.tolist())
    for train, valid in task.folds:
        assert not set(train.tolist()) & set(valid.tolist())
        assert max(*train, *valid) < len(task.rows) == 72


def test_a_separate_test_file_replaces_the_share(make_run: MakeRun, flowers: Columns) -> None:
    test = {name: values[:9] for name, values in flowers.items()}
    task = FoldData(make_run(flowers, test=test, test_share=0.2))
    assert task.test is not None
    assert len(task.test[0]) == 9
    assert len(task.rows) == 90


def test_seeds_differ_by_trial_fold_and_plan() -> None:
    seeds = [fold_seed(s, t, f) for s in range(3) for t in range(20) for f in range(5)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in [*seeds, final_seed(0), final_seed(7)])
    assert fold_seed(1, 2, 3) == fold_seed(1, 2, 3)
