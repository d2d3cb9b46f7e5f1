"""Learners with tables for `real_models.py`: built in and generated, with fits of a second or less.

Every table becomes a run's folder, so that a configuration is prepared, fitted and scored as the
engine does it.
"""

from __future__ import annotations

import functools
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from engine import catalog
from engine.data.open import open_table
from engine.domain.advice import ProbeResult
from engine.learners import LEARNERS
from engine.objective.fold_data import fold_data
from engine.objective.fold_job import evaluate_fold
from engine.objective.pipeline import MODEL, PREPARE, estimator, preparation
from engine.objective.seeds import fold_seed
from engine.plan import DataPlan, Plan
from engine.runs import folder as files
from engine.runs import planning
from engine.space import Configuration, SearchSpace


class Pair(NamedTuple):
    learner: str
    table: str
    measure: str
    folds: int
    largest: int | None = None
    """Most trees or rounds, where the recommended range takes too long to fit."""

    @property
    def name(self) -> str:
        return f"{self.learner}/{self.table}"


PAIRS = {
    pair.name: pair
    for pair in (
        Pair("svm", "breast_cancer", "accuracy", 5),
        Pair("svm", "digits", "accuracy", 3),
        Pair("svm", "mixed", "accuracy", 5),
        Pair("elastic_net", "breast_cancer", "log_loss", 5),
        Pair("elastic_net", "wide", "rmse", 5),
        Pair("random_forest", "wine", "log_loss", 3, 100),
        Pair("random_forest", "diabetes", "rmse", 3, 100),
        Pair("gradient_boosting", "friedman", "rmse", 3, 150),
        Pair("gradient_boosting", "mixed", "log_loss", 3, 150),
    )
}


def table(name: str, scratch: Path) -> DataPlan:
    """The table ``name``: some rows of a built-in one, a generated one, or a whole built-in one."""
    import pandas as pd
    from sklearn import datasets

    if name == "digits":
        frame = datasets.load_digits(as_frame=True).frame[:600]  # type: ignore[union-attr]
        frame["target"] = [f"digit {digit}" for digit in frame["target"]]
    elif name == "mixed":
        X, y = datasets.make_classification(
            500, 20, n_informative=8, n_clusters_per_class=3, flip_y=0.05, random_state=0
        )
        frame = pd.DataFrame(X).add_prefix("x")
        for column in frame.columns[::5]:
            frame[column] = pd.qcut(frame[column], 4, labels=["a", "b", "c", "d"])
        frame["target"] = np.where(y, "yes", "no")
    elif name == "wide":
        X, y = datasets.make_regression(  # type: ignore[misc]
            150, 100, n_informative=15, effective_rank=40, noise=2.0, random_state=0
        )
        frame = pd.DataFrame(X).add_prefix("x").assign(target=y)
    elif name in ("friedman", "large"):
        rows = 500 if name == "friedman" else 4000
        X, y = datasets.make_friedman1(rows, 10, noise=1.0, random_state=0)
        frame = pd.DataFrame(X).add_prefix("x").assign(target=y)
    else:
        return open_table(DataPlan(f"builtin:{name}")).data
    path = scratch / f"{name}.csv"
    frame.to_csv(path, index=False)
    return open_table(DataPlan(str(path), target="target")).data


def prepare(pair: Pair, scratch: Path) -> Path:
    """A run's folder with the table, folds and space of ``pair``."""
    data = table(pair.table, scratch)
    space = LEARNERS[pair.learner].space(planning.load_data(data).facts)
    size = LEARNERS[pair.learner].card.fidelity_parameter if pair.largest else ""
    parameters = tuple(
        msgspec.structs.replace(p, high=pair.largest) if p.name == size else p
        for p in space.parameters
    )
    changes = {
        "learner.id": pair.learner,
        "space": SearchSpace(parameters, space.conditions),
        "evaluation.measure": pair.measure,
        "evaluation.resampling.kind": "kfold",
        "evaluation.resampling.folds": pair.folds,
        "evaluation.test_share": 0.0,
        "method.id": "random",
    }
    plan = planning.checked(planning.draft(data, workers_available=1, changes=changes).plan)
    folder = scratch / pair.name
    files.create(folder, plan, planning.load_data(data))
    return folder


class Objective:
    """The pair in ``folder``: any configuration's score, each computed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem = fold_data(str(folder))
        self.plan: Plan = self.problem.plan
        self.measure = self.plan.evaluation.measure
        self.maximise = catalog.measure_card(self.measure).maximise
        self.n_folds = self.plan.evaluation.resampling.n_folds
        facts = planning.load_data(self.plan.data).facts
        self.default = catalog.default_configuration(self.plan, facts)
        self._scores: dict[str, float] = {}

    def fold(self, configuration: Configuration, fold: int, fidelity: float = 1.0) -> float:
        key = repr((sorted(configuration.items()), fold, fidelity))
        if key not in self._scores:
            seed = fold_seed(0, 0, fold)
            scores = evaluate_fold(str(self.folder), configuration, fold, seed, fidelity).scores
            self._scores[key] = scores[self.measure]
        return self._scores[key]

    def __call__(self, configuration: Configuration) -> float:
        """The mean score over the folds."""
        self.plan.space.validate(configuration)
        return float(np.mean([self.fold(configuration, fold) for fold in range(self.n_folds)]))

    def cost(self, configuration: Configuration) -> float:
        """The score turned so that less is better."""
        return -self(configuration) if self.maximise else self(configuration)

    def planned(self, method: str, seed: int, workers: int, probe: bool, **budget: float) -> Plan:
        """The guide's plan for ``method`` and the pair."""
        found = None
        if probe:
            begun = time.perf_counter()
            evaluate_fold(str(self.folder), self.default, 0, 0)
            fold = time.perf_counter() - begun
            score = self.fold(self.default, 0)
            found = ProbeResult(fold, fold * self.n_folds, memory_mb=0.0, score=score)
        plan = self.plan
        changes: dict[str, Any] = {
            "learner.id": plan.learner.id,
            "space": plan.space,
            "evaluation": plan.evaluation,
            "method.id": method,
            "workers": workers,
            "seed": seed,
            **{f"budget.{name}": value for name, value in budget.items()},
        }
        draft = planning.draft(plan.data, workers_available=workers, changes=changes, probe=found)
        return planning.checked(draft.plan)

    @functools.cached_property
    def table(self) -> np.ndarray:
        """The features as the preparation has them but for the scaling, for scikit-learn's
        searches. There is nothing to impute, and every category is in every fold."""
        p = self.problem
        return preparation(p.schema, p.plan.preparation, scales=False).fit_transform(p.features)

    @property
    def model(self) -> Any:
        """The learner on `table`, with no more preparation than it needs."""
        from sklearn.compose import ColumnTransformer
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import StandardScaler

        p = self.problem
        prepare: Any = StandardScaler() if p.learner.scales else "passthrough"
        if p.learner.scales and p.schema.categorical:
            numbers = slice(0, len(p.schema.numeric))  # the preparation puts them first
            prepare = ColumnTransformer([("numbers", prepare, numbers)], remainder="passthrough")
        model = estimator(p.plan, p.learner, {}, 0, p.schema)
        return Pipeline([(PREPARE, prepare), (MODEL, model)])


@functools.cache
def objective(folder: Path) -> Objective:
    """The pair's objective, once in a process."""
    warnings.simplefilter("ignore")
    return Objective(folder)
