"""The exported script, run as a person runs it, against the score in ``result.json``."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from skops.io import load

from engine.data.table_store import load_arrow
from engine.errors import InputError
from engine.export import script
from engine.export.finished_run import finished
from engine.learners import LEARNERS
from engine.objective.final_model import refit_on_all
from engine.plan import DataPlan, OuterFold, PreparationPlan, Resampling

THIRD = {"numpy", "pandas", "sklearn", "skops", "joblib"}

EVERY = [
    # It compiles for every number of rows.
    pytest.param(name, marks=pytest.mark.slow) if name == "self_tuning" else name
    for name in sorted(LEARNERS)
]


@pytest.fixture
def exported(tmp_path: Path):
    """The script of a run, beside which it saves."""

    def write(folder: Path) -> Path:
        to = tmp_path / "elsewhere" / "again.py"
        to.parent.mkdir()
        script.write(folder, to)
        return to

    return write


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a script in this process: starting Python with its libraries is what takes time."""

    def inside(path: Path, *arguments: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", [str(path), *arguments])
        with warnings.catch_warnings():
            runpy.run_path(str(path), run_name="__main__")
        return capsys.readouterr()

    return inside


def as_a_person_does(path: Path) -> tuple[str, str]:
    """Run a script on its own; nothing of ours can be imported from where it is."""
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        cwd=path.parent,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def check(folder: Path, path: Path, output: tuple[str, str]) -> None:
    """The script has printed the run's score and saved the model that the run exports."""
    result = finished(folder).result
    assert result.test is not None
    first, last = output[0].splitlines()
    rows = result.test_rows
    assert first == f"{result.measure} on {rows} test rows: {result.test.score}"
    assert output[1] == ""
    saved = path.with_suffix(".skops")
    assert last.endswith(str(saved))
    trusted = list(LEARNERS[result.learner].trusted)
    again = load(saved, trusted=trusted)
    model = refit_on_all(folder, result.configuration, result.model_seed)
    features = load_arrow(folder / "data.arrow").features
    assert (again.predict(features) == model.predict(features)).all()


@pytest.mark.parametrize("learner", ["random_forest", "network"])
def test_the_script_runs_on_its_own(mixed, finished_run, exported, learner):
    data = DataPlan(str(mixed), target="kind", leave_out=("two", "price"))
    folder = finished_run(data, learner, "accuracy")
    path = exported(folder)
    check(folder, path, as_a_person_does(path))


def test_the_script_of_a_folder_of_pictures_runs_on_its_own(shapes, finished_run, exported, run):
    folder = finished_run(DataPlan(str(shapes)), "random_forest", "accuracy")
    path = exported(folder)
    check(folder, path, as_a_person_does(path))
    (shapes / "left" / "0.png").unlink()
    assert "has changed since the search" in run(path)[1]


@pytest.mark.parametrize(("target", "measure"), [("code", "accuracy"), ("size", "rmse")])
@pytest.mark.parametrize("suffix", ["parquet", "feather"])
def test_the_script_of_a_table_with_types(
    finished_run, exported, run, tmp_path, suffix, target, measure
):
    rng = np.random.default_rng(5)
    size = rng.normal(size=80)
    table = pd.DataFrame(
        {
            "size": size,
            "word": rng.choice(["NA", "007", "7"], 80),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 80), "D"),
            "rounded": pd.array(np.where(size > 1, None, size.round()), dtype="Int64"),
            "code": np.where(size > 0.5, "01", np.where(size > -0.5, "1", "10")),
        }
    )
    path = tmp_path / f"table.{suffix}"
    getattr(table, f"to_{suffix}")(path)
    folder = finished_run(DataPlan(str(path), target=target), "random_forest", measure)
    script_path = exported(folder)
    check(folder, script_path, run(script_path))


@pytest.mark.parametrize("learner", EVERY)
@pytest.mark.parametrize(
    ("target", "left_out", "measure"),
    [
        ("kind", ("two", "price"), "accuracy"),
        ("price", ("two", "kind"), "rmse"),
    ],
)
def test_the_script_prints_the_test_score(
    mixed, finished_run, exported, run, learner, target, left_out, measure
):
    data = DataPlan(str(mixed), target=target, leave_out=left_out)
    folder = finished_run(data, learner, measure)
    path = exported(folder)
    check(folder, path, run(path))


@pytest.mark.parametrize(
    ("learner", "target", "measure"),
    [
        # Probabilities where they are needed, decisions where there are none, of two classes and
        # of more; every measure's own code is checked in its suite.
        ("svm", "two", "log_loss"),
        ("svm", "two", "roc_auc"),
        ("svm", "kind", "roc_auc"),
        ("random_forest", "kind", "roc_auc"),
        ("elastic_net", "two", "f1_macro"),
    ],
)
def test_every_kind_of_measure(mixed, finished_run, exported, run, learner, target, measure):
    left_out = tuple({"kind", "two", "price"} - {target})
    data = DataPlan(str(mixed), target=target, leave_out=left_out)
    folder = finished_run(data, learner, measure)
    path = exported(folder)
    check(folder, path, run(path))


@pytest.mark.parametrize(("target", "measure"), [("kind", "accuracy"), ("price", "mae")])
def test_the_test_rows_of_an_outer_fold(mixed, finished_run, exported, run, target, measure):
    left_out = tuple({"kind", "two", "price"} - {target})
    data = DataPlan(str(mixed), target=target, leave_out=left_out)
    outer = OuterFold(1, 3, seed=8)
    folder = finished_run(data, "random_forest", measure, outer=outer)
    path = exported(folder)
    check(folder, path, run(path))


@pytest.mark.parametrize(
    ("name", "measure"), [("wine", "accuracy"), ("breast_cancer", "roc_auc"), ("diabetes", "r2")]
)
def test_bundled_tables(finished_run, exported, run, name, measure):
    folder = finished_run(DataPlan(f"builtin:{name}", target="target"), "random_forest", measure)
    path = exported(folder)
    check(folder, path, run(path))


def test_preparation_and_fixed_values_are_the_plans(mixed, finished_run, exported, run):
    data = DataPlan(str(mixed), target="kind", leave_out=("two", "price"))
    preparation = PreparationPlan(impute="mean", encode="ordinal", scale="standard")
    fixed = {"max_depth": 2}
    folder = finished_run(
        data, "gradient_boosting", "accuracy", preparation=preparation, fixed=fixed
    )
    path = exported(folder)
    check(folder, path, run(path))


def test_a_file_with_test_rows(mixed, finished_run, exported, run, tmp_path):
    table = pd.read_csv(mixed, sep=";", dtype=str, encoding="cp1252", keep_default_na=False)
    table.loc[0, "colour"] = "never seen"
    rows = tmp_path / "test rows.csv"
    table.iloc[:30].to_csv(rows, index=False)
    data = DataPlan(str(mixed), target="two", leave_out=("kind", "price"), test_source=str(rows))
    folder = finished_run(data, "random_forest", "accuracy")
    path = exported(folder)
    check(folder, path, run(path))


@pytest.mark.parametrize(
    "resampling",
    [
        Resampling(folds=4),
        Resampling("repeated_kfold", folds=3, repeats=2),
        Resampling("holdout", share=0.3),
    ],
    ids=lambda r: r.kind,
)
@pytest.mark.parametrize(("target", "measure"), [("kind", "accuracy"), ("price", "mae")])
def test_without_test_rows_it_prints_the_validation_score(
    mixed, finished_run, exported, run, target, measure, resampling
):
    left_out = tuple({"kind", "two", "price"} - {target})
    data = DataPlan(str(mixed), target=target, leave_out=left_out)
    folder = finished_run(data, "random_forest", measure, share=0.0, resampling=resampling)
    first = run(exported(folder))[0].splitlines()[0]
    best = finished(folder).result.validation_best
    assert first == f"{measure}, mean of {resampling.n_folds} folds: {best}"


def test_it_says_when_the_table_has_changed_or_is_missing(
    mixed, finished_run, exported, run, tmp_path
):
    data = DataPlan(str(mixed), target="kind", leave_out=("two", "price"))
    path = exported(finished_run(data, "random_forest", "accuracy"))
    other = tmp_path / "other.csv"
    other.write_bytes(mixed.read_bytes() + b"1,0;red;01.01.2024;3;small;no;20,0\r\n")
    model = tmp_path / "model.skops"
    _, said = run(path, "--table", str(other), "--save", str(model))
    assert f"{other} has changed since the search" in said
    assert model.exists()
    with pytest.raises(SystemExit, match="There is no table"):
        run(path, "--table", str(tmp_path / "none.csv"))


def test_without_skops_the_model_is_saved_with_joblib(mixed, finished_run, exported, run):
    import joblib

    data = DataPlan(str(mixed), target="kind", leave_out=("two", "price"))
    path = exported(finished_run(data, "random_forest", "accuracy"))
    text = path.read_text(encoding="utf-8").replace("from skops.io", "from skops_is_missing.io")
    path.write_text(text, encoding="utf-8")
    run(path)
    assert hasattr(joblib.load(path.with_suffix(".joblib")), "predict")


@pytest.mark.parametrize("learner", ["svm", "network"])
def test_the_script_is_tidy(mixed, finished_run, exported, learner):
    """It imports what it uses and no more, needs nothing of ours, and reads well."""
    data = DataPlan(str(mixed), target="kind", leave_out=("two", "price"))
    path = exported(finished_run(data, learner, "roc_auc"))
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    froms = {n.module.split(".")[0] for n in nodes if isinstance(n, ast.ImportFrom) and n.module}
    plains = {a.name.split(".")[0] for n in nodes if isinstance(n, ast.Import) for a in n.names}
    assert froms | plains <= THIRD | sys.stdlib_module_names | set(LEARNERS[learner].packages)
    named = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(named) == len(set(named))
    assert max(map(len, text.splitlines())) <= 110
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet"]
    rules = ["--select", "F,E7,E9,B006", str(path)]
    done = subprocess.run([*command, *rules], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    threads = next(n for n in nodes if isinstance(n, ast.For)).lineno
    imports = [n for n in nodes if isinstance(n, ast.Import) and n.names[0].name == "numpy"]
    assert imports[0].lineno > threads


def test_a_run_without_a_result_is_refused(finished_run, tmp_path):
    folder = finished_run(DataPlan("builtin:wine", target="target"), "svm", "accuracy")
    (folder / "result.json").unlink()
    with pytest.raises(InputError) as caught:
        script.write(folder, tmp_path / "a.py")
    assert caught.value.code == "run.no_result"
    with pytest.raises(InputError) as caught:
        script.write(tmp_path, tmp_path / "a.py")
    assert caught.value.code == "run.none"
