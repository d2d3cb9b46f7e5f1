"""``enqueue`` and ``narrow`` on the command line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.archive import read
from engine.plan import Budget, DataPlan
from engine.runs import folder as files
from engine.runs import planning
from engine.testing.recorded import record_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    data = DataPlan("builtin:wine", target="target", task="multiclass")
    changes = {
        "learner.id": "random_forest",
        "method.id": "random",
        "evaluation.resampling.kind": "kfold",
        "evaluation.resampling.folds": 3,
    }
    plan = planning.draft(data, workers_available=1, changes=changes).plan
    plan = msgspec.structs.replace(plan, budget=Budget(evaluations=20))
    return record_run(tmp_path / "run", plan, lambda unit, fold: 0.5 + 0.1 * unit[0], 10)


def test_a_configuration_is_put_forward(call, run: Path) -> None:
    space = files.load_plan(run).space
    said = call("enqueue", run, "max_features=0.5", "bootstrap=false")
    assert said.status == 0
    assert said.out.startswith("Trial 10: ")
    assert "resume" in said.err
    trial = read(run)[0][10]
    assert trial.configuration["max_features"] == 0.5
    assert trial.configuration["bootstrap"] is False
    assert set(trial.configuration) < set(space.names)  # max_samples has no meaning


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["max_features"], "NAME=VALUE"),
        (["max_features=much"], "not possible"),
        (["bootstrap=perhaps"], "not possible"),
        (["oracle=1"], "no hyperparameter"),
        (["bootstrap=false", "max_samples=0.5"], "has no meaning"),
    ],
)
def test_what_makes_no_sense_is_refused(call, run: Path, values: list[str], words: str) -> None:
    said = call("enqueue", run, *values)
    assert said.status == 2
    assert words in said.err
    assert len(read(run)[0]) == 10


def test_a_run_goes_on_in_a_narrower_space(call, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "narrow"
    said = call("narrow", run, "max_features=0.2..0.8", "bootstrap=true", "--out", out)
    assert said.status == 0, said.err
    assert "taken over" in said.out
    plan = files.load_plan(out)
    assert (plan.space["max_features"].low, plan.space["max_features"].high) == (0.2, 0.8)
    assert plan.space["bootstrap"].choices == (True,)
    assert plan.parent_run == str(run.resolve())
    for trial in read(out)[0]:
        plan.space.validate(trial.configuration)


@pytest.mark.parametrize("value", ["max_features=0.8..0.2", "max_features=a..b", "bootstrap=maybe"])
def test_a_range_that_makes_no_sense_is_refused(call, run: Path, tmp_path: Path, value) -> None:
    assert call("narrow", run, value, "--out", tmp_path / "narrow").status == 2
    assert not (tmp_path / "narrow").exists()
