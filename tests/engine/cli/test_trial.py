"""One trial of a run: scored on other folds, and taken home; and runs beside each other."""

from __future__ import annotations

import json
from pathlib import Path


def test_a_trial_is_scored_once_more_and_taken_home(call, finished, tmp_path: Path) -> None:
    status, out, err = call("recheck", finished.folder, "--trial", 1)
    assert status == 0, err
    assert out.startswith("On other folds trial 1 scores")
    found = json.loads(call("recheck", finished.folder, "--json").out)
    result = json.loads((finished.folder / "result.json").read_text())
    assert found["trial"] == result["trial"]
    assert call("recheck", finished.folder, "--trial", 99).status == 1
    to = tmp_path / "one.json"
    assert call("export", finished.folder, "--what", "config", "--trial", 1, "--to", to).status == 0
    assert json.loads(to.read_text())["trial"] == 1
    model = call("export", finished.folder, "--what", "model", "--trial", 1, "--to", to)
    assert model.status == 2
    assert "configuration and the script" in model.err


def test_finished_runs_stand_side_by_side(call, finished, table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    options = ["--learner", "svm", "--method", "sobol", "--trials", 3, "--folds", 3]
    assert call("tune", finished.table, "--target", "kind", *options, "--out", other).status == 0
    status, out, err = call("compare", finished.folder, other)
    assert status == 0, err
    assert "Sobol" in out
    found = json.loads(call("compare", finished.folder, other, "--json").out)
    assert len(found["contenders"]) == 3
    wrong = call("compare", finished.folder, other, "--methods", "tpe")
    assert wrong.status == 2
    assert call("compare", table, "--target", "kind").status == 2
