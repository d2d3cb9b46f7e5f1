"""Runs put side by side: comparable, with what to bear in mind, or not, with why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine import plan as plans
from engine.domain.comparison import DEFAULT
from engine.errors import InputError
from engine.experiments.runs_side_by_side import side_by_side
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import planning
from engine.runs.run_executor import RunExecutor
from engine.testing.experiments import FUNCTIONS, SilentListener
from engine.testing.inline_workers import InlineWorkers


@pytest.fixture
def run(plan: Callable[..., Plan], tmp_path: Path) -> Callable[..., Path]:
    """Makes a run, finished unless ``begun`` only."""

    def make(name: str, *, begun: bool = False, **changes: object) -> Path:
        given = {path.replace("__", "."): value for path, value in changes.items()}
        one = planning.checked(plans.replace(plan(2), given))
        folder = tmp_path / name
        files.create(folder, one, planning.load_data(one.data))
        if not begun:
            executor = RunExecutor(folder, one, InlineWorkers(1, FUNCTIONS), SilentListener())
            try:
                executor.run()
            finally:
                executor.close()
        return folder

    return make


def test_runs_of_two_methods_on_shared_rows(run) -> None:
    one, other = run("a", method__id="tpe"), run("b")
    found = side_by_side([one, other, one])
    assert (found.reasons, found.cautions) == ((), ())
    comparison = found.comparison
    assert comparison is not None
    assert comparison.kind == "loose"
    assert [c.name for c in comparison.contenders] == ["tpe", "random", DEFAULT]
    assert comparison.scores().shape == (1, 3, 1)
    assert np.isfinite(comparison.scores()).all()


def test_seeds_are_repetitions_and_lonely_ones_are_no_pairs(run) -> None:
    folders = [run("a1", seed=1), run("a2", seed=2), run("b2", seed=2, method__id="sobol")]
    found = side_by_side(folders)
    assert found.comparison is not None
    scores = found.comparison.scores()
    assert scores.shape == (1, 3, 2)
    names = [c.name for c in found.comparison.contenders]
    assert np.isnan(scores[0, names.index("sobol"), 0])
    assert np.isfinite(scores[0, names.index("random")]).all()
    assert "same seeds" in found.cautions[0]


def test_models_side_by_side_are_contenders_of_one_case(run) -> None:
    found = side_by_side([run("a"), run("b", learner__id="elastic_net", space=SPACE)])
    assert found.comparison is not None
    assert [c.name for c in found.comparison.contenders] == ["svm-random", "elastic_net-random"]
    assert len(found.comparison.cases) == 1
    assert found.cautions == ()


SPACE = {"parameters": [{"type": "float", "name": "l1_ratio", "low": 0.0, "high": 1.0}]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"evaluation__measure": "log_loss"}, "differ in measure"),
        ({"evaluation__resampling__folds": 3}, "differ in resampling"),
        ({"evaluation__test_share": 0.4}, "differ in test rows"),
        ({"data__target": "alcohol", "data__task": "regression"}, "differ in target"),
        ({"data__source": "builtin:iris"}, "differ in table"),
    ],
)
def test_why_runs_are_not_comparable(run, changes, reason) -> None:
    more = {"data__sha256": None} if "data__source" in changes else {}
    if "data__target" in changes:
        more = {"evaluation__measure": "rmse", "data__positive": None}
    found = side_by_side([run("a", begun=True), run("b", begun=True, **changes, **more)])
    assert found.comparison is None
    assert any(reason in sentence for sentence in found.reasons), found.reasons
    assert all(sentence.startswith("a and b can't be compared") for sentence in found.reasons)


def test_what_to_bear_in_mind(run) -> None:
    found = side_by_side([run("a"), run("b", begun=True, method__id="tpe", budget__evaluations=9)])
    assert found.comparison is not None
    assert any("differ in budget" in caution for caution in found.cautions)
    assert any("Not finished" in caution and "b" in caution for caution in found.cautions)


def test_one_run_is_none_to_compare(run, tmp_path: Path) -> None:
    folder = run("a", begun=True)
    with pytest.raises(InputError, match="at least two"):
        side_by_side([folder, folder])
    with pytest.raises(InputError, match="not a run"):
        side_by_side([folder, tmp_path])
