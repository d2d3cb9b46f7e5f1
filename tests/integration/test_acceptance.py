"""The whole way: tune, take the script home and run it, predict new rows."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_tune_export_and_predict(tunesmith, tmp_path: Path) -> None:
    run = tmp_path / "out" / "a"
    space = json.dumps(
        {
            "parameters": [
                {"type": "integer", "name": "n_estimators", "low": 5, "high": 20},
                {"type": "float", "name": "max_features", "low": 0.1, "high": 1.0},
            ]
        }
    )
    said = tunesmith(
        *("tune", "builtin:breast_cancer", "--learner", "random_forest", "--method", "tpe"),
        *("--trials", 4, "--folds", 3, "--workers", 2, "--seed", 7, "--out", run, "--json"),
        *("--set", f"space={space}"),
    )
    result = json.loads((run / "result.json").read_bytes())
    assert json.loads(said) == {"run": str(run), **result}
    assert result["trials"] == 4
    assert result["test_rows"] == 114
    assert result["test"]["score"] > 0.8

    script = tmp_path / "out" / "a.py"
    tunesmith("export", run, "--what", "script", "--to", script)
    done = subprocess.run(
        [sys.executable, "-I", str(script)], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert first == f"{result['measure']} on 114 test rows: {result['test']['score']}"
    assert (tmp_path / "out" / "a.skops").exists()
    assert "569 rows" in last

    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer(as_frame=True)
    new, to = tmp_path / "new.csv", tmp_path / "out" / "p.csv"
    table.data.head(20).to_csv(new, index=False)
    assert "20 rows predicted" in tunesmith("predict", run, new, "--to", to)
    with to.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    truth = [str(table.target_names[code]) for code in table.target.head(20)]
    right = sum(row["target"] == label for row, label in zip(rows, truth, strict=True))
    assert right >= 17
    assert {"probability of benign", "probability of malignant"} < set(rows[0])
