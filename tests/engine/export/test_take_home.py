"""Configuration, model and report of a run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from skops.io import load

from engine.catalog import CATALOG
from engine.data.table_store import load_arrow
from engine.domain.results import Confusion, Residuals
from engine.domain.trials import Snapshot, TrialRecord, TrialRow, TrialState
from engine.domain.understanding import Importance
from engine.errors import InputError
from engine.export import config, model, report, script
from engine.export.finished_run import finished
from engine.learners import LEARNERS
from engine.plan import DataPlan

WINE = DataPlan("builtin:wine", target="target")

EVERY = [
    # It compiles for every number of rows.
    pytest.param(name, marks=pytest.mark.slow) if name == "self_tuning" else name
    for name in sorted(LEARNERS)
]


@pytest.mark.parametrize("learner", EVERY)
def test_the_configuration_makes_the_estimator(finished_run, tmp_path, learner):
    folder = finished_run(WINE, learner, "accuracy")
    to = tmp_path / "best.json"
    config.write(folder, to)
    found = json.loads(to.read_text(encoding="utf-8"))
    result = finished(folder).result
    assert found["learner"] == learner
    assert found["hyperparameters"] == result.configuration
    assert found["test"]["score"] == result.test.score
    assert found["versions"] == result.versions
    module, _, name = found["estimator"].rpartition(".")
    names: dict = {}
    exec(f"from {module} import {name}", names)
    made = eval(found["constructor"], names)
    for key, value in result.configuration.items():
        assert made.get_params()[key] == value


def test_another_trial_than_the_results_goes_home_without_a_test_score(finished_run, tmp_path):
    folder = finished_run(WINE, "svm", "accuracy")
    other = TrialRecord(7, {"C": 0.5, "gamma": 0.125}, TrialState.COMPLETE, 0.75)
    config.write(folder, tmp_path / "other.json", other)
    found = json.loads((tmp_path / "other.json").read_text(encoding="utf-8"))
    assert found["hyperparameters"] == other.configuration
    assert (found["trial"], found["validation"], found["test"]) == (7, 0.75, None)
    script.write(folder, tmp_path / "other.py", other)
    assert "C=0.5" in (tmp_path / "other.py").read_text(encoding="utf-8")


def test_a_calibrated_model_is_named_as_such(finished_run, tmp_path):
    folder = finished_run(WINE, "svm", "log_loss")
    config.write(folder, tmp_path / "best.json")
    found = json.loads((tmp_path / "best.json").read_text(encoding="utf-8"))
    assert found["estimator"] == "sklearn.calibration.CalibratedClassifierCV"
    assert "SVC(C=3.7, gamma=0.031" in found["constructor"]


@pytest.mark.parametrize("refit", [True, False])
@pytest.mark.parametrize("learner", EVERY)
def test_the_model_opens_with_its_learners_types_alone(finished_run, tmp_path, learner, refit):
    folder = finished_run(WINE, learner, "accuracy")
    to = tmp_path / "a model"
    model.write(folder, to, refit=refit)
    opened = load(to, trusted=list(LEARNERS[learner].trusted))
    loaded = load_arrow(folder / "data.arrow")
    assert np.mean(opened.predict(loaded.features) == loaded.target) > 0.5
    same = to.read_bytes() == (folder / "model.skops").read_bytes()
    assert same == (not refit)


@pytest.mark.parametrize("write", [config.write, model.write], ids=["config", "model"])
def test_what_can_not_be_written_is_refused(finished_run, tmp_path, write):
    folder = finished_run(WINE, "svm", "accuracy")
    with pytest.raises(InputError) as caught:
        write(folder, tmp_path / "none" / "a")
    assert caught.value.code == "export.unwritable"
    (folder / "result.json").write_text("{")
    with pytest.raises(InputError) as caught:
        write(folder, tmp_path / "a")
    assert caught.value.code == "file.unreadable"


# --- report ---------------------------------------------------------------------------------------


def snapshot(folder: Path) -> Snapshot:
    plan = finished(folder).plan
    n = 5
    return Snapshot(
        measure="accuracy",
        measure_label="accuracy",
        maximise=True,
        number=np.arange(n),
        state=np.full(n, 1, dtype=np.int8),
        value=np.linspace(0.7, 0.9, n),
        started=np.arange(n, dtype=float),
        ended=np.arange(n, dtype=float) + 1,
        seconds=np.ones(n),
        configurations={name: np.full(n, None, dtype=object) for name in plan.space.names},
        space=plan.space,
    )


ROWS = tuple(
    TrialRow(i, TrialState.COMPLETE, {"C": 0.1 * i, "gamma": 1.0}, 0.9 - 0.01 * i)
    for i in range(12)
)


@pytest.fixture
def page(finished_run, tmp_path) -> str:
    folder = finished_run(WINE, "svm", "accuracy")
    to = tmp_path / "report.html"
    report.write(
        folder,
        to,
        catalog=CATALOG(),
        snapshot=snapshot(folder),
        rows=ROWS,
        importances=[Importance("C", 0.7, 0.6, 0.8), Importance("gamma", 0.3, 0.2, 0.4)],
        confusion=Confusion(("a <b>", "c"), ((3, 1), (0, 4))),
    )
    return to.read_text(encoding="utf-8")


def test_the_report_is_one_file_that_needs_nothing(page):
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    links = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)
    assert [link for link in links if not link.startswith("data:image/png;base64,")] == []
    # The way there, what mattered, where it errs, and the picture of another package.
    assert page.count("<svg") == 4
    # Well formed, but for the tags that HTML leaves open.
    ElementTree.fromstring(re.sub(r"<meta [^>]*>", "", page.split("\n", 1)[1]))


def test_the_report_says_what_was_found_and_how(page):
    text = re.sub(r"<[^>]+>", " ", page)
    for words in (
        "Support vector machine",
        "36 test rows, looked at once",
        "hyperparameter",
        "What mattered",
        "The best 10 trials",
        "searched gamma",
        "log scale",
        "3-fold cross-validation",
        "Random search",
        "Bergstra and Bengio",
        "scikit-learn",
    ):
        assert words in text


def test_the_report_of_the_same_run_is_the_same(finished_run):
    folder = finished_run(DataPlan("builtin:diabetes", target="target"), "svm", "rmse", share=0.0)
    result = finished(folder).result
    residuals = Residuals((1.0, 2.0, 3.0), (1.1, 1.9, 3.3))
    first = report.pictures(result, snapshot(folder), residuals=residuals)
    again = report.pictures(result, snapshot(folder), residuals=residuals)
    assert first == again
    assert [p.title for p in first] == [
        "The way there",
        "True and predicted values of the validation rows",
        "How long trials took",
    ]
    text = report.page(result, finished(folder).plan, ROWS, first, CATALOG())
    assert "There were no test rows" in text


def test_the_report_says_how_many_trials_are_paused(finished_run):
    run = finished(finished_run(WINE, "svm", "accuracy"))
    waiting = [
        TrialRow(number, TrialState.RUNNING, {}, folds_done=2, fidelity=1 / 9) for number in (7, 8)
    ]
    for count, words in ((0, None), (1, "1 is paused"), (2, "2 are paused")):
        text = report.page(run.result, run.plan, [*ROWS, *waiting[:count]], (), CATALOG())
        assert ("paused" in text) is bool(words)
        assert words is None or words in text


def test_names_from_the_table_can_not_break_the_page(finished_run, tmp_path):
    folder = finished_run(WINE, "svm", "accuracy")
    run = finished(folder)
    from engine import plan as plans

    plan = plans.replace(run.plan, {"data.target": "<script>alert(1)</script>"})
    assert "<script" not in report.page(run.result, plan, ROWS, (), CATALOG())
