"""``counterfactual``: what random search would have given in place of a run."""

from __future__ import annotations

import json
from pathlib import Path

SMALL = ["--learner", "svm", "--trials", 4, "--folds", 2, "--workers", 1, "--seed", 1]


def test_random_search_is_run_where_it_is_needed_and_told(call, table: Path, tmp_path: Path):
    folder = tmp_path / "run"
    asked = ["--method", "sobol", "--out", folder]
    assert call("tune", table, "--target", "kind", *SMALL, *asked).status == 0
    status, out, err = call("counterfactual", folder)
    assert status == 0
    assert "None of its trials was drawn at random" in out
    assert "(11 evaluations, about " in err
    status, out, err = call("counterfactual", folder, "--run", "--json")
    assert status == 0, err
    assert out.count("\n") == 1
    found = json.loads(out)
    assert (found["run"], found["random"], found["length"]) == (str(folder), 10, 4)
    assert len(found["mean"]) == 4
    assert (folder / "random" / "plan.json").is_file()
    again = call("counterfactual", folder, "--run")
    assert "Random search" in again.out
    assert call("counterfactual", tmp_path).status == 2
