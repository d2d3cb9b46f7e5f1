"""The model a run ends with, its predictions and its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from skops.io import get_untrusted_types, load

from engine.learners import LEARNERS
from engine.objective.final import fit_final, refit_on_all
from engine.objective.fold_data import FoldData
from engine.objective.pipeline import pipeline
from engine.plan import Resampling

MakeRun = Callable[..., Path]
Columns = dict[str, list[object]]


@pytest.mark.parametrize(
    "learner",
    [
        # Its model is a network's.
        pytest.param(id, marks=pytest.mark.slow) if id == "self_tuning" else id
        for id in LEARNERS
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scores_the_outer_test_rows_with_a_model_that_never_saw_them(
    make_run: MakeRun, flowers: Columns, learner: str
) -> None:
    from sklearn.metrics import accuracy_score

    folder = make_run(flowers, learner=learner, test_share=0.2)
    fit = fit_final(str(folder), {}, {}, 4)
    task = FoldData(folder)
    assert task.test is not None
    rows, features, truth = task.test
    model = pipeline(task.plan, task.learner, task.schema, {}, 4)
    model.fit(task.features, task.target)
    assert fit.about == "test"
    assert fit.scores["accuracy"] == accuracy_score(truth, model.predict(features))
    assert fit.default == fit.scores
    assert fit.classes == ("iris", "rose", "tulip")

    saved = folder / "model.skops"
    unknown = get_untrusted_types(file=saved)
    assert set(unknown) <= set(LEARNERS[learner].trusted)
    reopened = load(saved, trusted=unknown)
    assert np.array_equal(reopened.predict(features), model.predict(features))

    table = pd.read_parquet(folder / "predictions.parquet")
    assert table["row"].tolist() == sorted(rows.tolist())
    right = (table["truth"] == table["prediction"]).mean()
    assert right == pytest.approx(fit.scores["accuracy"])
    assert set(table["truth"]) == set(fit.classes)


@pytest.mark.parametrize(
    ("resampling", "rows"),
    [
        (Resampling("kfold", folds=3), 80),
        (Resampling("repeated_kfold", folds=4, repeats=2), 80),
        (Resampling("holdout", share=0.25), 20),
    ],
)
def test_without_test_rows_predicts_each_validation_row_once(
    make_run: MakeRun, prices: Columns, resampling: Resampling, rows: int
) -> None:
    folder = make_run(prices, measure="rmse", resampling=resampling)
    fit = fit_final(str(folder), {"alpha": 0.1}, {}, 4)
    assert (fit.about, fit.default) == ("validation", None)
    table = pd.read_parquet(folder / "predictions.parquet")
    assert len(table) == table["row"].nunique() == rows
    error = np.sqrt(((table["truth"] - table["prediction"]) ** 2).mean())
    assert error == pytest.approx(fit.scores["rmse"])
    target = np.array([float(str(x)) for x in prices["target"]])
    assert np.allclose(table["truth"], target[table["row"]])


def test_probabilities_are_saved_by_class(make_run: MakeRun, flowers: Columns) -> None:
    folder = make_run(flowers, learner="svm", measure="log_loss", test_share=0.2)
    fit_final(str(folder), {"C": 1.0}, {}, 4)
    table = pd.read_parquet(folder / "predictions.parquet")
    shares = table[[f"probability: {name}" for name in ("iris", "rose", "tulip")]]
    assert np.allclose(shares.sum(axis=1), 1.0)


def test_the_refitted_model_has_seen_every_row(make_run: MakeRun, flowers: Columns) -> None:
    test = {name: values[:9] for name, values in flowers.items()}
    folder = make_run(flowers, test=test, learner="random_forest")
    model = refit_on_all(folder, {"n_estimators": 3}, 4)
    assert model[-1].estimators_[0].tree_.weighted_n_node_samples[0] == 99


def test_a_failing_fit_leaves_no_file(
    make_run: MakeRun, flowers: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(flowers)

    def full(model: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr("skops.io.dump", full)
    with pytest.raises(OSError, match="full"):
        fit_final(str(folder), {}, {}, 4)
    assert {path.name for path in folder.iterdir()} == {"plan.json", "data.arrow", "table.csv"}
