"""Small experiments on the wine table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.experiments import compose
from engine.plan import Budget, DataPlan, Plan
from engine.runs import planning
from engine.testing.experiments import methods

WINE = DataPlan("builtin:wine", target="target", task="multiclass")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def plan() -> Callable[..., Plan]:
    """Makes plans over the wine table that take little time."""

    def make(trials: float = 3, **changes: object) -> Plan:
        given = {
            "learner.id": "svm",
            "method.id": "random",
            "evaluation.resampling.kind": "kfold",
            "evaluation.resampling.folds": 2,
            "workers": 1,
            **{name.replace("__", "."): value for name, value in changes.items()},
        }
        draft = planning.draft(WINE, workers_available=1, changes=given)
        return msgspec.structs.replace(draft.plan, budget=Budget(evaluations=trials))

    return make


@pytest.fixture
def make(plan: Callable[..., Plan], tmp_path: Path) -> Callable[..., Path]:
    """Makes the folder of an experiment that has not begun."""

    def build(
        *ids: str,
        repetitions: int = 2,
        kind: Any = "compare",
        plans: Sequence[Plan] = (),
        whole: bool = False,
        name: str = "experiment",
        seed: int = 3,
        **changes: object,
    ) -> Path:
        cases = plans or (plan(**changes),)
        experiment = compose.compose(
            kind, cases, methods(*ids), repetitions, seed=seed, whole=whole
        )
        tables = [planning.load_data(case.data) for case in experiment.cases]
        compose.check(experiment, tables)
        compose.create(tmp_path / name, experiment, tables)
        return tmp_path / name

    return build
