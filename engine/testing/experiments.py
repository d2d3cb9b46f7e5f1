"""Experiments carried out in this process by real runs, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from engine.archive import read
from engine.domain.comparison import Contender, Member
from engine.domain.trials import FoldResult, TrialRecord
from engine.errors import TunesmithError
from engine.experiments import compose
from engine.experiments.experiment_executor import ExperimentExecutor, ExperimentProgress
from engine.objective.final_model import fit_final
from engine.objective.fold_job import evaluate_fold
from engine.plan import method_of
from engine.runs.run_executor import Phase
from engine.search import Counts
from engine.testing.inline_workers import InlineWorkers

FUNCTIONS = {
    "engine.objective.fold_job:evaluate_fold": evaluate_fold,
    "engine.objective.final_model:fit_final": fit_final,
}


class RecordingListener:
    """Remembers what it was told by the ``executor`` that it was given to."""

    def __init__(self) -> None:
        self.executor: ExperimentExecutor | None = None
        self.progress: list[ExperimentProgress] = []
        self.members: list[Member] = []
        self.pauses: list[TunesmithError | str | None] = []

    def progressed(self, progress: ExperimentProgress) -> None:
        self.progress.append(progress)

    def member(self, member: Member) -> None:
        self.members.append(member)

    def paused(self, error: TunesmithError | None) -> None:
        self.pauses.append(error)

    def resumed(self) -> None:
        self.pauses.append("resumed")


class SilentListener:
    """Listens to a run and makes nothing of it."""

    def changed(self, trial: TrialRecord, fold: FoldResult | None) -> None: ...

    def progressed(self, counts: Counts) -> None: ...

    def paused(self, error: TunesmithError | None) -> None: ...

    def resumed(self) -> None: ...

    def entered(self, phase: Phase) -> None: ...


def methods(*ids: str) -> list[Contender]:
    """Contenders that learn from their second trial on."""
    options: dict[str, Any] = {"tpe": {"n_startup_trials": 2}}
    return [compose.contender(method_of(id, options.get(id))) for id in ids]


def carry_out(folder: Path, listener: RecordingListener | None = None) -> ExperimentExecutor:
    """Carry out the experiment in ``folder`` with one worker, as far as it goes."""
    listener = listener or RecordingListener()
    executor = listener.executor = ExperimentExecutor(folder, InlineWorkers(1, FUNCTIONS), listener)
    try:
        executor.run()
    finally:
        executor.close()
    return executor


def outline(folder: Path) -> dict[str, Any]:
    """All archives and results of an experiment but for times, by run."""
    found = {}
    for run in sorted((folder / "runs").iterdir()):
        trials = msgspec.to_builtins(read(run)[0], str_keys=True)
        for trial in trials:
            for key in ("started", "ended"):
                trial.pop(key, None)
            for fold in trial["folds"].values():
                for key in ("started", "seconds", "fit_seconds", "predict_seconds", "worker"):
                    fold.pop(key, None)
        result = msgspec.json.decode((run / "result.json").read_bytes())
        found[run.name] = trials, {k: v for k, v in result.items() if k != "seconds"}
    return found
