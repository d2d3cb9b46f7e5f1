"""Run folders over small tables, as workers find them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import plan as plans
from engine.data.open import load
from engine.data.table_store import save
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
    Resampling,
)
from engine.space import Float, SearchSpace

Table = Mapping[str, Sequence[object]]
MakeRun = Callable[..., Path]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """A function that writes a table and a plan for it, and gives the run's folder."""

    def make(
        table: Table,
        *,
        test: Table | None = None,
        learner: str = "elastic_net",
        measure: str = "accuracy",
        task: Any = None,
        resampling: Resampling | None = None,
        test_share: float = 0.0,
        changes: Mapping[str, object] | None = None,
    ) -> Path:
        folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        source = _write(folder / "table.csv", table)
        plan = Plan(
            data=DataPlan(
                source,
                target="target",
                task=task,
                test_source=None if test is None else _write(folder / "test.csv", test),
            ),
            learner=LearnerPlan(learner),
            search=Configurations(
                SearchSpace((Float("C", 1e-3, 1e3, log=True),)), MethodPlan("random")
            ),
            evaluation=EvaluationPlan(measure, resampling or Resampling(folds=3), test_share),
            budget=Budget(evaluations=1),
            seed=5,
        )
        plan = plans.replace(plan, changes or {})
        (folder / "plan.json").write_bytes(plans.encode(plan))
        save(load(plan.data), folder / "data.arrow")
        return folder

    return make


@pytest.fixture
def flowers() -> dict[str, list[object]]:
    """90 rows, three classes, numbers with gaps and categories with gaps and rare values."""
    rng = np.random.default_rng(0)
    code = np.repeat([0, 1, 2], 30)
    rng.shuffle(code)
    length = code + rng.normal(0, 0.7, 90)
    width = rng.normal(5, 2, 90)
    colour = rng.choice(["red", "blue", "green"], 90)
    colour[:3] = ["teal", "plum", "jade"]
    return {
        "length": ["" if i % 11 == 0 else f"{x:.3f}" for i, x in enumerate(length)],
        "width": [f"{x:.3f}" for x in width],
        "colour": ["" if i % 13 == 5 else str(c) for i, c in enumerate(colour)],
        "target": [("iris", "rose", "tulip")[c] for c in code],
    }


@pytest.fixture
def prices() -> dict[str, list[object]]:
    """80 rows with a number to predict."""
    rng = np.random.default_rng(1)
    area, age = rng.uniform(40, 200, 80), rng.uniform(0, 90, 80)
    price = 3 * area - age + rng.normal(0, 20, 80)
    return {
        "area": [f"{x:.2f}" for x in area],
        "age": [f"{x:.2f}" for x in age],
        "town": [str(t) for t in rng.choice(["ulm", "kiel"], 80)],
        "target": [f"{x:.3f}" for x in price],
    }


def _write(path: Path, table: Table) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    return str(path)
