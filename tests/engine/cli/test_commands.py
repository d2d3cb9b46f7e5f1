"""What the commands do when all is well, and what they leave on disk."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.archive import JOURNAL, is_locked, read
from engine.domain.trials import TrialState

ROOT = Path(__file__).parents[3]


def test_json_is_one_object_on_stdout_and_nothing_else(finished) -> None:
    assert finished.out.count("\n") == 1
    found = json.loads(finished.out)
    assert found == {"run": str(finished.folder), **load(finished.folder / "result.json")}
    assert found["learner"] == "svm"
    assert found["trials"] == 3
    assert found["test_rows"] == 12
    assert found["test"]["low"] <= found["test"]["score"] <= found["test"]["high"]
    assert found["looks"] == 1


def test_what_the_guide_chose_is_said_on_stderr(finished) -> None:
    assert "Predicting kind with Support vector machine" in finished.err
    assert "note: " in finished.err
    assert "Method, recommended" not in finished.err  # the call has named it


def test_the_folder_holds_what_design_says(finished) -> None:
    names = {file.name for file in finished.folder.iterdir()}
    assert names == {
        "plan.json",
        "data.arrow",
        "journal.log",
        "result.json",
        "model.skops",
        "predictions.parquet",
        "cache.msgpack",
        "lock",
    }
    assert not is_locked(finished.folder)


def test_the_plan_on_disk_makes_the_same_run(call, finished, tmp_path: Path) -> None:
    status, out, _ = call(
        "run", finished.folder / "plan.json", "--out", tmp_path / "again", "--json"
    )
    assert status == 0
    timed = ("run", "seconds")
    first, again = json.loads(finished.out), json.loads(out)
    assert [first.pop(key) for key in timed] != [again.pop(key) for key in timed]
    assert again == first
    assert (tmp_path / "again" / "plan.json").read_bytes() == (
        finished.folder / "plan.json"
    ).read_bytes()


def test_a_run_made_elsewhere_is_in_the_library(finished, monkeypatch) -> None:
    from engine.runs import run_library

    monkeypatch.setenv("TUNESMITH_HOME", str(finished.home))
    runs = run_library.list_runs()
    assert [run.path for run in runs] == [str(finished.folder)]
    assert runs[0].state == "finished"
    assert runs[0].test == json.loads(finished.out)["test"]["score"]


def test_without_out_the_run_is_in_the_library_and_the_summary_says_where(
    call, table: Path, home: Path
) -> None:
    options = ["--learner", "svm", "--trials", 1, "--folds", 2]
    status, out, err = call("tune", table, "--target", "kind", *options)
    assert status == 0, err
    (folder,) = (home / "runs").iterdir()
    assert folder.name.startswith("shapes-svm-")
    assert f"The run is in {folder}" in out
    assert "95 % interval" in out
    assert "Method, recommended" in err


def test_fields_of_the_plan_are_set_by_path(call, table: Path, tmp_path: Path) -> None:
    settings = [
        'data.leave_out=["count"]',
        "data.positive=small",
        "data.kinds.count=category",
        "evaluation.resampling.kind=holdout",
        "evaluation.test_share=0",
        "learner.fixed.gamma=0.5",
        'space={"parameters":[{"type":"float","name":"C","low":0.5,"high":2}]}',
        "method.n_startup_trials=3",
        "limits.seconds=60",
        "reproducible=true",
    ]
    options = ["--learner", "svm", "--method", "tpe", "--trials", 2, "--out", tmp_path / "run"]
    for setting in settings:
        options += ["--set", setting]
    status, out, err = call("tune", table, "--target", "kind", *options, "--json")
    assert status == 0, err
    result = json.loads(out)
    assert result["prediction_rows"] == "validation"
    assert result["test"] is None
    assert set(result["configuration"]) == {"C"}
    plan = load(tmp_path / "run" / "plan.json")
    assert plan["data"]["leave_out"] == ["count"]
    assert plan["data"]["positive"] == "small"
    assert plan["search"]["method"]["options"]["n_startup_trials"] == 3
    assert len(plan["search"]["method"]["options"]) > 1
    assert plan["limits"]["seconds"] == 60
    assert result["classes"] == ["big", "small"]


def test_more_budget_takes_a_finished_run_further(call, finished, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished.folder, run)
    status, out, err = call("resume", run, "--trials", 5, "--json")
    assert status == 0, err
    result = json.loads(out)
    assert result["trials"] == 5
    assert result["looks"] == 2
    assert load(run / "plan.json")["budget"]["evaluations"] == 5
    before, after = read(finished.folder)[0], read(run)[0]
    assert after[:3] == before
    assert [trial.number for trial in after] == list(range(5))
    assert "watched, optimistic" in call("resume", run, "--trials", 6).out


def test_more_trials_leave_the_other_ends_of_the_budget(call, finished, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished.folder, run)
    tree = load(run / "plan.json")
    tree["budget"] |= {"target": 0.01, "stagnation": 50}  # the one is met, the other far away
    (run / "plan.json").write_text(json.dumps(tree))
    status, _, err = call("resume", run, "--trials", 4)
    assert status == 0
    assert "budget.target has ended the search" in err
    budget = load(run / "plan.json")["budget"]
    assert (budget["evaluations"], budget["target"], budget["stagnation"]) == (4, None, 50)
    assert len(read(run)[0]) == 4


def test_a_run_in_use_is_left_alone(call, finished, tmp_path: Path) -> None:
    from engine.archive.lock import FolderLock

    run = tmp_path / "run"
    shutil.copytree(finished.folder, run)
    lock = FolderLock(run)
    try:
        status, _, err = call("resume", run, "--trials", 9)
    finally:
        lock.release()
    assert status == 1
    assert "in use by another Tunesmith" in err
    assert load(run / "plan.json")["budget"]["evaluations"] == 3


def test_a_folder_of_pictures_is_tuned_and_another_predicted(call, shapes, paint, tmp_path: Path):
    run, to = tmp_path / "run", tmp_path / "p.csv"
    small = ("--learner", "svm", "--method", "random", "--trials", 3, "--folds", 3, "--workers", 1)
    status, _, err = call("tune", shapes, *small, "--seed", 1, "--out", run)
    assert status == 0, err
    assert "8 by 8 pixels" in err
    paint("../new/thin.png", 0.25, size=(30, 20))
    paint("../new/fat.png", 0.75, size=(16, 16))
    status, _, err = call("predict", run, tmp_path / "new", "--to", to)
    assert status == 0, err
    with to.open(newline="", encoding="utf-8") as file:
        found = {row["picture"]: row["class"] for row in csv.DictReader(file)}
    assert found == {"fat.png": "wide", "thin.png": "left"}


def test_prediction(call, finished, write, tmp_path: Path) -> None:
    rows = write(
        "new.csv",
        ["extra", "count", "colour", "size"],
        [["x", 1, "red", 14.5], ["y", 5, "never seen", 3.0], ["z", "", "", ""]],
    )
    to = tmp_path / "p.csv"
    status, out, err = call("predict", finished.folder, rows, "--to", to)
    assert status == 0, err
    assert out == f"3 rows predicted: {to}\n"
    with to.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [row["kind"] for row in found][:2] == ["big", "small"]
    assert err.count("note: ") == len(err.splitlines())


@pytest.mark.parametrize("what", ["config", "script", "model", "report", "trials"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_exports(call, finished, tmp_path: Path, what: str) -> None:
    to = tmp_path / f"exported.{what}"
    before = {f.name: f.read_bytes() for f in finished.folder.iterdir()}
    status, out, err = call("export", finished.folder, "--what", what, "--to", to)
    assert (status, out, err) == (0, f"{to}\n", "")
    assert to.stat().st_size > 100
    assert {f.name: f.read_bytes() for f in finished.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (
            "learners",
            {
                "svm",
                "elastic_net",
                "random_forest",
                "gradient_boosting",
                "network",
                "conv_network",
                "self_tuning",
            },
        ),
        ("methods", {"random", "tpe"}),
        ("measures", {"accuracy", "roc_auc", "rmse"}),
        ("readers", {"csv", "parquet", "arrow", "pictures", "builtin"}),
        ("datasets", {"builtin:wine", "builtin:diabetes"}),
    ],
)
def test_lists(call, what: str, expected: set[str]) -> None:
    status, out, _ = call("list", what)
    assert status == 0
    assert expected <= {line.split()[0] for line in out.splitlines()}
    answer = json.loads(call("list", what, "--json").out)
    assert answer["left_out"] == []
    cards = answer[what]
    assert expected <= {card.get("id") or card["source"] for card in cards}


@pytest.mark.parametrize("json_", [[], ["--json"]])
def test_a_broken_package_is_reported_and_left_out(start, broken_package: str, json_) -> None:
    out, err = start("list", "measures", *json_).communicate(timeout=600)
    said = json.loads(out)["left_out"] if json_ else err.splitlines()
    assert len(said) == 1
    assert "measure “bad” of the package broken_package was left out: RuntimeError: not" in said[0]
    assert "accuracy" in out


def test_recommendations(call, table: Path) -> None:
    status, out, err = call("recommend", table, "--target", "kind")
    assert (status, err) == (0, "")
    for title in ("Model", "Resampling", "Method", "Budget"):
        assert f"\n{title}\n-> " in out
    options = ["--learner", "svm", "--seconds", 60, "--json"]
    found = json.loads(call("recommend", table, "--target", "kind", *options).out)
    assert found["plan"]["learner"]["id"] == "svm"
    assert {"plan", "advice", "warnings"} == set(found)


def test_recommendations_with_measured_costs_and_noise(call, monkeypatch) -> None:
    monkeypatch.setattr("engine.runs.probe.ALLOWANCE", 60.0)  # however busy the machine is
    options = ["--learner", "random_forest", "--probe", "--set", "learner.fixed.n_estimators=5"]
    options += [
        "--set",
        'space={"parameters":[{"type":"float","name":"max_features","high":1,"low":0.1}]}',
        "--set",
        "workers=1",
        "--set",
        "evaluation.resampling.folds=5",
    ]
    status, out, err = call("recommend", "builtin:breast_cancer", *options)
    assert (status, err) == (0, "")
    assert "\nProbe\n     One fold of the default configuration takes " in out
    said = " ".join(out.split())
    assert re.search(r"Noise between folds: Accuracy differs by \d+% of its distance", said)
    found = json.loads(call("recommend", "builtin:breast_cancer", *options, "--json").out)
    assert len(found["probe"]["fold_scores"]["accuracy"]) == 5
    assert [name for name, _ in found["advice"]["method"][0]["figures"] if "noise" in name] == [
        "noise between folds"
    ]


def test_a_call_needs_no_table_of_the_current_folder(finished, start, tmp_path: Path) -> None:
    """A stray module beside the person's table takes no part."""
    (tmp_path / "random.py").write_text("raise SystemExit('stray')")
    process = start("list", "methods", cwd=tmp_path, env={"PYTHONSAFEPATH": "1"})
    assert "tpe" in process.communicate(timeout=600)[0]


def test_a_reader_that_goes_away_is_no_fault(start) -> None:
    process = start("list", "datasets", "--json")
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == ""


# --- interrupted, and faults ----------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_interrupted_search_can_be_resumed(
    call, start, table: Path, tmp_path: Path, number: signal.Signals
) -> None:
    run = tmp_path / "run"
    options = ["--learner", "svm", "--method", "random", "--trials", 2000, "--folds", 3]
    process = start("tune", table, "--target", "kind", *options, "--out", run, "--json")
    wait_for_folds(process, run, 4)
    process.send_signal(number)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130, err
    assert out == ""
    assert f"Go on with: tunesmith resume {run}" in err
    assert "Traceback" not in err
    before = read(run)[0]
    assert not (run / "result.json").exists()
    done = sum(len(trial.folds) for trial in before)
    status, out, err = call("resume", run, "--trials", len(before) + 1, "--json")
    assert status == 0, err
    after = read(run)[0]
    assert len(after) == len(before) + 1
    assert all(trial.state is TrialState.COMPLETE for trial in after)
    assert done > 0
    for old, new in zip(before, after, strict=False):
        assert old.folds.items() <= new.folds.items()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes")
def test_a_full_disk_pauses_the_run_and_nothing_is_lost(call, table: Path, tmp_path: Path) -> None:
    limited = (
        "import resource, sys\n"
        "from engine.cli import main\n"
        "if __name__ == '__main__':\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (24_000, resource.RLIM_INFINITY))\n"
        "    sys.exit(main())\n"
    )
    run = tmp_path / "run"
    options = ["--learner", "svm", "--method", "random", "--trials", "40", "--folds", "3"]
    arguments = ["tune", str(table), "--target", "kind", *options, "--out", str(run)]
    process = subprocess.run(
        [sys.executable, "-c", limited, *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(__file__).parents[3],
    )
    assert process.returncode == 1, process.stderr
    assert process.stdout == ""
    assert "The disk is full" in process.stderr
    assert "Traceback" not in process.stderr
    for line in (run / JOURNAL).read_bytes().splitlines():
        json.loads(line)
    before = read(run)[0]
    assert 1 < len(before) < 40
    status, _, err = call("resume", run, "--trials", len(before) + 1)
    assert status == 0, err
    again = read(run)[0]
    assert len(again) == len(before) + 1
    assert [t.configuration for t in again[:-1]] == [t.configuration for t in before]


def test_five_failures_alike_pause_the_run(call, table: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    options = ["--learner", "svm", "--method", "random", "--trials", 40, "--folds", 2]
    limit = ["--set", "limits.seconds=0.000001"]
    status, out, err = call("tune", table, "--target", "kind", *options, *limit, "--out", run)
    assert status == 1
    assert out == ""
    assert "Five trials in a row failed in the same way" in err
    assert f"Go on with: tunesmith resume {run}" in err
    trials = read(run)[0]
    assert [t.state for t in trials] == [TrialState.FAILED] * 5
    assert {t.cause for t in trials} == {"timeout"}


def load(path: Path) -> dict:
    return json.loads(path.read_bytes())


def wait_for_folds(process: subprocess.Popen[str], run: Path, count: int) -> None:
    """Wait until the journal holds so many fold results."""
    import time

    while True:
        text = (run / JOURNAL).read_bytes() if (run / JOURNAL).exists() else b""
        if text.count(b'"fold:') >= count:
            return
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)


def fail(_: object) -> int:
    raise KeyError("mcc")


def test_a_fault_is_a_sentence_and_its_details_are_in_the_log(
    call, home: Path, monkeypatch
) -> None:
    monkeypatch.setattr("engine.cli.list_components.list_components", fail)
    status, out, err = call("list", "measures")
    (log,) = (home / "logs").iterdir()
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert str(log) in err
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize("arguments", [("--verbose", "list"), ("list", "--verbose")])
def test_verbose_shows_the_log_as_well(call, monkeypatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setattr("engine.cli.list_components.list_components", fail)
    assert "Traceback" in call(*arguments, "measures").err


@pytest.mark.parametrize(("said", "expected"), [(None, "1"), ("3", "3")])
def test_the_engine_leaves_the_cores_to_the_fits(said: str | None, expected: str) -> None:
    """Before any library is loaded that would read it, and unless the person has said otherwise."""
    code = (
        "import os, sys; from engine.cli import main; assert 'numpy' not in sys.modules; "
        "main(['list', 'methods', '--json']); print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environment = {n: v for n, v in os.environ.items() if n != "OPENBLAS_NUM_THREADS"}
    if said is not None:
        environment["OPENBLAS_NUM_THREADS"] = said
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == expected, done.stderr
