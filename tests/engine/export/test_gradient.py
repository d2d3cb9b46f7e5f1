"""What goes home from a tuning by gradient: arrays, JSON, and a script that trains with them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from skops.io import load as open_model

from engine import plan as plans
from engine.data.open import open_table
from engine.data.table_store import load_arrow
from engine.domain.results import Interval, RunResult
from engine.errors import InputError
from engine.export import config, gradient, script
from engine.gradient.final import fit_final, make_tuned
from engine.gradient.job import hyper_step
from engine.learners import LEARNERS
from engine.objective.final_model import refit_on_all
from engine.objective.seeds import final_seed
from engine.plan import DataPlan
from engine.runs import folder as files
from engine.runs import planning

SMALL = {
    "method.id": "hypergradient",
    "method.options.steps": 4,
    "learner.fixed.batch_size": 32,
    "evaluation.resampling.folds": 2,
}


def finished(folder: Path, data: DataPlan, learner: str, changes: dict[str, object]) -> RunResult:
    """A run that has tuned for one hyper-step, but for its journal."""
    settled = open_table(data).data
    changes = {**SMALL, "learner.id": learner, "seed": 5, **changes}
    plan = planning.checked(planning.draft(settled, workers_available=1, changes=changes).plan)
    files.create(folder, plan, planning.load_data(plan.data))
    first, second = 0, 1
    found = [hyper_step(str(folder), second, fold) for fold in range(2)]
    measure = plan.evaluation.measure
    fit = fit_final(str(folder), second, first, final_seed(plan.seed))
    tested = fit.about == "test"
    score = fit.scores[measure]
    result = RunResult(
        learner=learner,
        measure=measure,
        maximise=False,
        trial=1,
        configuration={},
        validation_best=float(np.mean([f.scores[measure] for f in found])),
        validation_default=0.5,
        default_configuration={},
        trials=2,
        evaluations=2,
        seconds=1.0,
        seed=plan.seed,
        model_seed=final_seed(plan.seed),
        folds=2,
        test=Interval(score, score - 0.1, score + 0.1, "bootstrap") if tested else None,
        test_rows=len(fit.predicted.truth) if tested else 0,
        test_scores=fit.scores if tested else {},
        looks=int(tested),
        classes=fit.classes,
        prediction_rows=fit.about,
        versions={"python": "3", "jax": "0"},
    )
    files.save_result(folder, result)
    return result


def ran(path: Path) -> list[str]:
    """What a script says that runs on its own; nothing of ours can be imported from where it is."""
    command = [sys.executable, "-I", "-X", "utf8", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("source", "learner", "changes"),
    [
        (
            "builtin:wine",
            "network",
            {"l2": "weights", "examples": True, "inputs": True, "initial": True, "sharing": True},
        ),
        pytest.param(
            "builtin:digits",
            "conv_network",
            {"training_set": 2, "transform": "at random", "dynamics": "adam", "engine": "unrolled"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_script_trains_with_what_was_tuned_and_prints_the_score(
    tmp_path: Path, source: str, learner: str, changes: dict[str, object]
) -> None:
    small = {"network": {"width": 6}, "conv_network": {"filters": 2, "layers": 1}}[learner]
    options: dict[str, object] = {f"method.options.{n}": v for n, v in changes.items()}
    options |= {f"learner.fixed.{n}": v for n, v in small.items()}
    folder, path = tmp_path / "run", tmp_path / "again.py"
    result = finished(folder, DataPlan(source), learner, options)
    script.write(folder, path)
    assert result.test is not None
    said = ran(path)
    assert said[0] == f"{result.measure} on {result.test_rows} test rows: {result.test.score}"
    again = open_model(path.with_suffix(".skops"), trusted=[*LEARNERS[learner].trusted])
    model = refit_on_all(folder, result.trial, result.model_seed, make_tuned)
    features = load_arrow(folder / "data.arrow").features
    assert (again.predict(features) == model.predict(features)).all()
    assert type(again[-1]).__module__.startswith("sklearn.")
    named = [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    assert len(named) == len(set(named))
    rules = ["ruff", "check", "--isolated", "--quiet", "--select", "F,E7,E9,B006", str(path)]
    assert subprocess.run([sys.executable, "-m", *rules]).returncode == 0


@pytest.mark.slow
def test_without_test_rows_the_folds_are_trained_again(tmp_path: Path) -> None:
    changes = {
        "evaluation.test_share": 0.0,
        "learner.fixed.width": 4,
        "method.options.engine": "checkpointed",
        "method.options.examples": True,
    }
    folder, path = tmp_path / "run", tmp_path / "again.py"
    result = finished(folder, DataPlan("builtin:diabetes"), "network", changes)
    script.write(folder, path)
    start, _, value = ran(path)[0].rpartition(" ")
    assert start == f"{result.measure}, mean of 2 folds:"
    assert float(value) == pytest.approx(result.validation_best, rel=1e-4)


@pytest.fixture(scope="module")
def tuned_run(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("tuned") / "run"
    finished(folder, DataPlan("builtin:wine"), "network", {"learner.fixed.width": 3})
    return folder


def test_all_that_was_tuned_goes_home_as_arrays_and_as_json(
    tuned_run: Path, tmp_path: Path
) -> None:
    gradient.write(tuned_run, tmp_path / "all.npz")
    config.write(tuned_run, tmp_path / "all.json")
    listed = msgspec.json.decode((tmp_path / "all.json").read_bytes())["hyperparameters"]
    with np.load(tmp_path / "all.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {"step_size", "momentum", "scale", "l2"}
        for name in arrays:
            assert np.array_equal(arrays[name], np.asarray(listed[name], np.float32))
        assert arrays["step_size"].shape == (4, 4)


def test_other_runs_have_no_arrays(tuned_run: Path, tmp_path: Path) -> None:
    plan = plans.load(tuned_run / "plan.json")
    other = tmp_path / "run"
    other.mkdir()
    (other / "plan.json").write_bytes(plans.encode(plans.replace(plan, {"method.id": "random"})))
    (other / "result.json").write_bytes((tuned_run / "result.json").read_bytes())
    with pytest.raises(InputError, match="Only a tuning by gradient"):
        gradient.write(other, tmp_path / "none.npz")


def test_lost_arrays_are_told(tuned_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "run"
    other.mkdir()
    for name in ("plan.json", "result.json", "data.arrow"):
        (other / name).write_bytes((tuned_run / name).read_bytes())
    with pytest.raises(InputError, match="no result"):
        gradient.write(other, tmp_path / "none.npz")
    with pytest.raises(InputError, match="no result"):
        script.write(other, tmp_path / "none.py")
