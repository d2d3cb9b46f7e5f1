"""A search over a free objective, with a real archive and tuner, but no processes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine import catalog
from engine.archive import Archive
from engine.domain.trials import FoldResult
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
from engine.search import BackgroundTask, Counts, Ending, Search, SearchSpec
from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.testing.inline_workers import InlineWorkers

SPACE = SearchSpace(
    (
        Float("C", 1e-3, 1e3, log=True),
        Integer("depth", 1, 8),
        Categorical("bootstrap", (True, False)),
        Float("share", 0.1, 1.0),
    ),
    (Condition("share", "bootstrap", (True,)),),
)


def scores(configuration: dict[str, Any], fold: int) -> float:
    return configuration["depth"] / 10 + fold / 100 - 0.05 * configuration.get("share", 0)


Submit = Callable[[BackgroundTask], None]


@dataclass
class RecordingListener:
    """Remembers what it was told."""

    changes: list[tuple[Any, Any]] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    pauses: list[Any] = field(default_factory=list)

    def changed(self, trial, fold):
        self.changes.append((trial, fold))

    def progressed(self, counts):
        self.counts.append(counts)

    def paused(self, error):
        self.pauses.append(error)

    def resumed(self):
        self.pauses.append("resumed")


@dataclass
class Bed:
    """Makes searches in one folder, one after another."""

    folder: Path
    plan: Plan
    archive: Archive | None = None

    def search(
        self,
        *,
        workers: int = 1,
        evaluate: Callable[[dict[str, Any], int], float] = scores,
        pick: Callable[[list[Any]], int] = lambda n_folds: 0,
        listener: RecordingListener | None = None,
        faults_pause: bool = False,
        functions: dict[str, Callable[..., Any]] | None = None,
        background: Callable[[Plan, Archive, Submit], Any] | None = None,
        **changes: Any,
    ) -> Search:
        import msgspec

        self.close()
        self.plan = msgspec.structs.replace(self.plan, **changes)
        plan = self.plan
        n_folds = plan.evaluation.resampling.n_folds
        maximise, *further_maximise = catalog.directions(plan)
        self.archive = Archive(
            self.folder, plan.space, maximise=maximise, further_maximise=tuple(further_maximise)
        )

        def fold_function(configuration, fold, fidelity):
            value = evaluate(configuration, fold) - 0.1 * (1 - fidelity)
            found = {
                "accuracy": value,
                "log_loss": abs(math.log10(configuration.get("C", 1.0))) + fold,
            }
            return FoldResult(
                scores=found,
                seconds=0.01,
                fit_seconds=0.001 * configuration.get("depth", 1),
                predict_seconds=0.001,
            )

        default = {"C": 1.0, "depth": 4, "bootstrap": True, "share": 1.0}
        owner: Any = None
        spec = SearchSpec(
            plan,
            self.archive,
            catalog.make_tuner(plan, default, n_folds),
            n_folds=n_folds,
            maximise=True,
            arguments=lambda trial, fold, fidelity: (trial.configuration, fold, fidelity),
            function="fold",
            warm_starts=catalog.warm_starts(plan),
            trial_ended=lambda trial: owner.observe(trial) if owner else None,
            faults_pause=faults_pause,
        )
        workers_ = InlineWorkers(workers, {"fold": fold_function, **(functions or {})}, pick)
        search = Search(spec, workers_, listener or RecordingListener())
        if background is not None:
            owner = background(plan, self.archive, search.submit_background)
        return search

    def run(self, **options: Any) -> Ending:
        return self.search(**options).run()

    def close(self) -> None:
        if self.archive is not None:
            self.archive.close()
            self.archive = None

    @property
    def trials(self):
        assert self.archive is not None
        return list(self.archive.trials.values())

    def outline(self) -> list[Any]:
        """The archive without times and process ids."""
        return [
            (
                t.number,
                t.configuration,
                t.state,
                t.value,
                t.further_values,
                t.cause,
                t.origin,
                sorted((f.fidelity, f.fold, tuple(f.scores.items()), f.cause) for f in t.results),
            )
            for t in self.trials
        ]


@pytest.fixture
def bed(tmp_path):
    made = []

    def make(name: str = "run", **changes: Any) -> Bed:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        values: dict[str, Any] = {
            "data": DataPlan("builtin:wine"),
            "learner": LearnerPlan("random_forest"),
            "space": SPACE,
            "evaluation": EvaluationPlan("accuracy", Resampling("kfold", folds=3)),
            "method": MethodPlan("random"),
            "budget": Budget(evaluations=6),
        }
        whole = {**values, **changes}
        whole["search"] = Configurations(whole.pop("space"), whole.pop("method"))
        made.append(Bed(folder, Plan(**whole)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def listener():
    return RecordingListener()
