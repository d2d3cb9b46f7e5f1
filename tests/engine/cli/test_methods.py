"""What is said of methods on the command line: the pick, what does not suit, what was saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOREST = ["--learner", "random_forest", "--folds", 2, "--set", "learner.fixed.n_estimators=27"]
SPACE = 'space={"parameters":[{"type":"float","name":"max_features","low":0.2,"high":1}]}'


def test_what_going_on_with_fits_saved_is_said(call, table: Path, tmp_path: Path) -> None:
    options = [*FOREST, "--set", SPACE, "--set", "method.min_fidelity=0.1", "--trials", 4]
    options += ["--workers", 1]  # so that each promoted trial finds its fit
    at = ["--method", "halving", "--out", tmp_path / "run"]
    status, out, err = call("tune", table, "--target", "kind", *options, *at)
    assert status == 0, err
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    # A bracket of 12, 4 and 1: four went on from 1/9 and one from 1/3 of a fit.
    assert result["saved_evaluations"] == pytest.approx(4 / 9 + 1 / 3)
    assert result["saved_seconds"] > 0
    said = "Promoted trials went on where their fits had stopped, which saved 0.778 evaluations ("
    assert said in out
    to = tmp_path / "report.html"
    assert call("export", tmp_path / "run", "--what", "report", "--to", to).status == 0
    assert "which saved 0.778 full evaluations" in to.read_text(encoding="utf-8")


def test_small_fits_that_mislead_are_warned_of(call, table: Path, tmp_path: Path) -> None:
    options = ["--learner", "svm", "--folds", 3, "--trials", 1]
    at = ["--method", "halving", "--out", tmp_path / "run"]
    status, out, err = call("tune", table, "--target", "kind", *options, *at)
    assert status == 0, err
    assert "note: Successive halving does not suit this search. 1/3 of the " in err
    assert "rows that a fit learns from is " in err
    assert "mislead, so full fits are the safer choice." in err
    assert "saved" not in out


def test_what_automatic_picks_is_said_with_its_reason(call, table: Path, tmp_path: Path) -> None:
    options = ["--learner", "svm", "--folds", 3, "--trials", 1, "--method", "auto"]
    status, _, err = call("tune", table, "--target", "kind", *options, "--out", tmp_path / "run")
    assert status == 0, err
    assert "Method, picked: Random search. " in err
    assert "a model of the score needs about" in err
    assert "note: Automatic" not in err
