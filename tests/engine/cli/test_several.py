"""Several measures at once on the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, finished):
    """A finished search for accuracy and log loss: its folder, and what it printed. Read only."""
    folder = tmp_path_factory.mktemp("searched") / "run"
    arguments = (
        *("tune", finished.table, "--target", "kind", "--learner", "svm", "--measure", "accuracy"),
        *("--trials", 16, "--folds", 3, "--workers", 1, "--seed", 2),
        *("--set", "evaluation.further_measures=log_loss", "--out", folder),
    )
    command = [sys.executable, "-m", "engine", *map(str, arguments)]
    environment = {**os.environ, "TUNESMITH_HOME": str(folder.parent / "home")}
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert said.returncode == 0, said.stderr
    return folder, said


def result_of(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text())


def test_the_front_is_found_printed_and_kept(searched, call, tmp_path: Path) -> None:
    folder, said = searched
    assert "Method, recommended: NSGA-II." in said.stderr
    result = result_of(folder)
    assert result["further_measures"] == ["log_loss"]
    assert not result["selected_by_user"]
    front = result["front"]
    assert front[0]["trial"] == result["trial"]
    assert front[0]["values"][0] == result["validation_best"]
    lines = said.stdout.splitlines()
    first = next(line for line in lines if line.endswith("<- this result"))
    assert first.split()[0] == str(result["trial"])
    to = tmp_path / "trials.csv"
    assert call("export", folder, "--what", "trials", "--to", to).status == 0
    rows = pd.read_csv(to, index_col="trial")
    report = tmp_path / "report.html"
    assert call("export", folder, "--what", "report", "--to", report).status == 0
    assert "The front, by Log loss" in report.read_text(encoding="utf-8")
    for member in front:
        accuracy, loss = member["values"]
        assert (rows["accuracy"][member["trial"]], rows["log_loss"][member["trial"]]) == (
            accuracy,
            loss,
        )
        beaten = (rows["accuracy"] >= accuracy) & (rows["log_loss"] <= loss)
        better = (rows["accuracy"] > accuracy) | (rows["log_loss"] < loss)
        assert not (beaten & better).any()


def test_another_trial_of_the_front_is_taken(searched, call, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(searched[0], tmp_path / "run"))
    before = result_of(folder)
    numbers = [member["trial"] for member in before["front"]]
    assert len(numbers) > 1
    missing = before["trials"]
    refused = call("take", folder, "--trial", missing)
    assert refused.status == 1
    assert f"Trial {missing} is not complete" in refused.err
    assert result_of(folder) == before

    said = call("take", folder, "--trial", numbers[-1])
    assert said.status == 0
    assert f"trial {numbers[-1]}, taken from the front" in said.out
    assert "watched, optimistic" in said.out
    after = result_of(folder)
    assert (after["trial"], after["selected_by_user"]) == (numbers[-1], True)
    assert (before["looks"], after["looks"]) == (1, 2)
    for same in ("front", "evaluations", "trials", "stopped_by", "validation_default", "seed"):
        assert after[same] == before[same]
    assert after["seconds"] == pytest.approx(before["seconds"], abs=3)
    config, script = tmp_path / "config.json", tmp_path / "script.py"
    assert call("export", folder, "--what", "config", "--to", config).status == 0
    assert json.dumps(after["configuration"]["C"]) in config.read_text()
    assert call("export", folder, "--what", "script", "--to", script).status == 0
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert f"{after['test_rows']} test rows: {after['test']['score']}" in done.stdout

    back = call("take", folder, "--trial", numbers[0])
    assert back.status == 0
    assert not result_of(folder)["selected_by_user"]


def test_what_does_not_go_together_is_refused_with_a_sentence(call, table: Path) -> None:
    base = ("tune", table, "--target", "kind", "--learner", "svm", "--trials", 3)
    for arguments, sentence in (
        (("--method", "nsga2"), "Choose what to optimise besides the measure"),
        (
            ("--method", "random", "--set", "evaluation.further_measures=fit_seconds"),
            "Choose NSGA-II",
        ),
        (("--set", "evaluation.further_measures=luck"), "There is no measure called “luck”"),
        (
            ("--set", "evaluation.further_measures=fit_seconds,fit_seconds"),
            "can be optimised once only",
        ),
        (
            ("--set", "evaluation.further_measures=fit_seconds", "--set", "reproducible=true"),
            "times are never the same twice",
        ),
    ):
        said = call(*base, *arguments)
        assert said.status == 2
        assert sentence in said.err


def test_taking_from_what_is_no_run_is_refused(call, tmp_path: Path) -> None:
    assert call("take", tmp_path, "--trial", 1).status == 2
