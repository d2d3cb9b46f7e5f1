"""``compare``, ``tune --nested``, and what becomes of the folders they leave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SMALL = ["--learner", "svm", "--trials", 2, "--folds", 2, "--workers", 1, "--seed", 1]


def test_a_comparison_is_made_made_larger_and_reported(call, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "c"
    asked = ["--methods", "tpe", "--repeats", 1, "--set", "tpe.n_startup_trials=7"]
    status, out, err = call(
        "compare", table, "--target", "kind", *SMALL, *asked, "--out", folder, "--json"
    )
    assert status == 0, err
    assert "2 methods: 2 searches of 2 evaluations" in err
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found["comparison"] == str(folder)
    (case,) = found["scores"]
    assert case == "shapes, svm"
    assert {name: len(row) for name, row in found["scores"][case].items()} == {
        "tpe": 1,
        "random": 1,
        "default": 1,
    }
    assert all(0 <= score <= 1 for (score,) in found["scores"][case].values())
    assert sum(found["ranks"].values()) == pytest.approx(6)
    assert "Nothing can be said" in found["sentences"][0]
    assert found["contenders"][0]["method"]["options"]["n_startup_trials"] == 7
    assert [c["reference"] for c in found["contenders"]] == [False, True, True]

    status, out, err = call("resume", folder)
    assert status == 2
    assert "Everything in" in err
    status, out, err = call("resume", folder, "--methods", "sobol", "--repeats", 2)
    assert status == 0, err
    assert "4 more searches of 2 evaluations" in err
    assert "Sobol" in out
    assert "Default configuration" in out
    assert "export" in out
    assert call("resume", folder, "--trials", 9).status == 2

    to = tmp_path / "c.html"
    assert call("export", folder, "--what", "report", "--to", to).status == 0
    page = to.read_text(encoding="utf-8")
    assert "<h2>What the data support</h2>" in page
    assert "Random search (reference)" in page
    assert "n_startup_trials 7" in page
    assert page.count("<svg") == 7
    assert not any(mark in page for mark in ("<script", "<link", "src="))  # nothing beside it
    assert call("export", folder, "--what", "script", "--to", to).status == 2
    member = next((folder / "runs").iterdir())
    assert call("export", member, "--what", "config", "--to", tmp_path / "c.json").status == 0


def test_nested_resampling_by_one_switch(call, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "n"
    method = ["--method", "random", "--nested", 3]
    status, out, err = call("tune", table, "--target", "kind", *SMALL, *method, "--out", folder)
    assert status == 0, err
    assert "3 outer folds and a search on all rows: 4 searches" in err
    assert "of tuning and fitting, over 3 outer folds: " in out
    assert "The validation score that chose the winner is" in out
    assert "What the folds chose:" in out
    (whole,) = [run for run in (folder / "runs").iterdir() if run.name.endswith("all-rows")]
    assert str(whole) in out
    assert call("predict", whole, table, "--to", tmp_path / "p.csv").status == 0
    to = tmp_path / "n.html"
    assert call("export", folder, "--what", "report", "--to", to).status == 0
    assert "outer fold" in to.read_text(encoding="utf-8")


def test_what_is_wrong_with_a_call_is_said_before_anything_is_made(call, table, tmp_path) -> None:
    folder = tmp_path / "c"
    common = ["compare", table, "--target", "kind", *SMALL, "--out", folder]
    for options, sentence in (
        (["--methods", "tpe,unheard_of"], "no method called “unheard_of”"),
        (["--methods", "tpe,tpe"], "“tpe” can't name"),
        (["--methods", "tpe", "--repeats", 0], "at least 1"),
        (["--methods", ","], "Name the methods to compare"),
        (["--methods", "tpe", "--set", "tpe.unheard_of=3"], "unheard_of"),
    ):
        status, out, err = call(*common, *options)
        assert (status, out) == (2, "")
        assert sentence in err
        assert not folder.exists()
    assert call("export", tmp_path, "--what", "report", "--to", tmp_path / "x").status == 2
