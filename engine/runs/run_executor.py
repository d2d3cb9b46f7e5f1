"""`RunExecutor`: execute a run: search, fit the final model, save ``result.json``; resume from its
journal."""

from __future__ import annotations

import contextlib
import time
from enum import Enum
from pathlib import Path
from typing import Protocol

from engine import catalog
from engine.archive import Archive
from engine.data.table_store import load_arrow
from engine.domain.results import RunResult
from engine.domain.trials import TrialRecord, TrialState, record_type
from engine.errors import Cancelled, RunError
from engine.objective.final_model import FinalFit
from engine.objective.seeds import final_seed, fold_seed
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs.executor import Executor
from engine.runs.final_result import run_result
from engine.runs.front import front_of
from engine.runs.incumbent_watch import LOOKS, IncumbentWatch
from engine.runs.jobs import carry_out
from engine.runs.run_library import STATE
from engine.runs.scratch import Scratch
from engine.search import Control, Ending, Listener, Search, SearchSpec
from engine.search.clock import active_seconds
from engine.workers.base import Job, Workers

PICKED = "picked"
"""Archive note: what ``auto`` stands for in this run, and why."""
WORKER_MODULES = ("engine.objective.fold_job", "engine.objective.final_model")
"""Imported by all workers before their first job; see `worker_modules`."""


class Phase(Enum):
    """Phase of a run."""

    SEARCHING = "searching"
    FITTING = "fitting"
    """The best configuration, on all rows that are not outer test rows."""


class RunListener(Listener, Protocol):
    """Follows a run; see `Listener`."""

    def entered(self, phase: Phase) -> None: ...


class RunExecutor(Executor):
    """Executes the run in ``folder``.

    Args:
        folder: made by `engine.runs.folder.create`.
        plan: as it will be from now on; it is saved there if it differs.
        workers: idle ones; left open.
        listener: who follows it.
        control: what the person wants; one of its own if left out.
        faults_pause: after a fault wait for `Control.resume` instead of raising it.

    Raises:
        RunError: ``run.locked``, ``run.damaged``.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        workers: Workers,
        listener: RunListener,
        *,
        control: Control | None = None,
        faults_pause: bool = False,
    ) -> None:
        super().__init__(folder, workers, control)
        self.plan = plan
        self._listener = listener
        self._searched = False
        facts = load_arrow(folder / files.DATA).facts
        self._work = catalog.work(plan)
        self._default = catalog.default_configuration(plan, facts)
        self._scratch = Scratch() if catalog.warm_starts(plan) else None
        self._watch: IncumbentWatch | None = None
        with contextlib.ExitStack() as opened:
            if self._scratch is not None:
                opened.callback(self._scratch.close)
            self.archive = open_archive(folder, plan)
            opened.callback(self.archive.close)
            if files.load_plan(folder) != plan:
                files.save_plan(folder, plan)  # under the lock: no one else runs by the old one
            self.search = Search(self._spec(faults_pause), workers, listener, self.control)
            if plan.evaluation.watch_outer:
                submit = self.search.submit_background
                self._watch = IncumbentWatch(folder, plan, self.archive, submit)
            self._resources = opened.pop_all()

    def run(self) -> RunResult | None:
        """Search, then fit and score the best configuration.

        Returns:
            The result; None when it was abandoned or no trial is complete.

        Raises:
            RunError: a fault, unless they pause; the run can be resumed.
        """
        self._note(STATE, "running")
        self._searched = True
        method = self.plan.method
        if method.resolved_id:
            self._note(PICKED, {"method": method.resolved_id, "reason": method.reason})
        try:
            ending = self.search.run()
        except RunError:
            self._note(STATE, "paused")
            raise
        if ending is Ending.ABANDONED:
            return None
        reason = self.search.reason if ending is Ending.FINISHED else "You stopped the search."
        result = self.conclude(reason) if front_of(self.plan, self._trials) else None
        if not self.control.abandoned:
            self._note(STATE, "finished")
        return result

    def select(self, number: int, reason: str = "") -> RunResult | None:
        """Fit the complete trial ``number`` instead of the best by the tuned measure, and save it
        as the result; None when abandoned meanwhile.

        It is another look at the outer test, which is counted.

        Args:
            number: of the trial.
            reason: why it was chosen, which is kept with the result.

        Raises:
            RunError: ``run.no_result`` or ``run.not_complete``, or why the fit failed.
        """
        before = files.load_result(self.folder)
        return self.conclude("" if before is None else before.stopped_by, number, reason)

    def conclude(
        self, stopped_by: str, selected: int | None = None, reason: str = ""
    ) -> RunResult | None:
        """Fit the best configuration found and save ``result.json``; None when abandoned meanwhile.

        Args:
            stopped_by: why the search ended, as a sentence.
            selected: a complete trial, if not the best by the tuned measure.
            reason: why that one.

        Raises:
            RunError: ``run.no_result`` without a complete trial, ``run.not_complete``, or why the
                fit failed.
        """
        front = front_of(self.plan, self._trials)
        if not front:
            raise RunError("run.no_result", path=self.folder)
        chosen = self.archive.trials.get(front[0].trial if selected is None else selected)
        if chosen is None or chosen.value is None:
            raise RunError("run.not_complete", number=selected)
        self._listener.entered(Phase.FITTING)
        fit = self._fit_final(chosen)
        if fit is None:
            return None
        if fit.about == "test":
            self.archive.note(LOOKS, [*self.archive.study.get(LOOKS, []), time.time()])
        result = run_result(
            self.plan,
            self._trials,
            chosen,
            fit,
            seconds=self.search.seconds if self._searched else active_seconds(self._trials),
            looks=len(self.archive.study.get(LOOKS, [])),
            stopped_by=stopped_by,
            reason=reason,
        )
        files.save_result(self.folder, result)
        return result

    @property
    def _trials(self) -> list[TrialRecord]:
        return list(self.archive.trials.values())

    def _spec(self, faults_pause: bool) -> SearchSpec:
        plan, n_folds = self.plan, self.plan.evaluation.resampling.n_folds
        return SearchSpec(
            plan,
            self.archive,
            catalog.make_tuner(plan, self._default, n_folds),
            n_folds=n_folds,
            maximise=catalog.measure_card(plan.evaluation.measure).maximise,
            arguments=self._arguments,
            function=self._work.fold,
            warm_starts=self._scratch is not None,
            trial_ended=self._trial_ended,
            faults_pause=faults_pause,
        )

    def _arguments(self, trial: TrialRecord, fold: int, fidelity: float) -> tuple[object, ...]:
        seed = fold_seed(self.plan.seed, trial.number, fold)
        # Trial 0 is fitted in full at once, and nothing comes after.
        resumable = self._scratch is not None and trial.number > 0
        state = self._scratch.state(trial.number, fold) if self._scratch and resumable else ""
        return str(self.folder), trial.candidate, fold, seed, fidelity, state

    def _trial_ended(self, trial: TrialRecord) -> None:
        if self._scratch is not None:
            self._scratch.forget(trial.number)
        if self._watch is not None:
            self._watch.observe(trial)

    def _fit_final(self, chosen: TrialRecord) -> FinalFit | None:
        seed = final_seed(self.plan.seed)
        first = self.archive.trials[0]
        args = (str(self.folder), chosen.candidate, first.candidate, seed)
        job = Job(id=-1, function=self._work.final, args=args)
        try:
            (result,) = carry_out([job], self._workers, lambda: self.control.abandoned)
        except Cancelled:
            return None
        if result.cause is not None:
            raise RunError("fit.error", why=result.message)
        return result.value

    def _note(self, key: str, value: object) -> None:
        """Note what can be noted; on a full disk the state is known from the lock anyway."""
        with contextlib.suppress(RunError):
            if self.archive.study.get(key) != value:
                self.archive.note(key, value)


def open_archive(folder: Path, plan: Plan) -> Archive:
    """The archive of the run in ``folder``, open for writing.

    Raises:
        RunError: ``run.locked``, ``run.damaged``.
    """
    maximise, *further = catalog.directions(plan)
    return Archive(
        folder,
        plan.space,
        maximise=maximise,
        further_maximise=tuple(further),
        record=record_type(plan),
    )


def give_up(archive: Archive) -> None:
    """Give up what an interrupted search left unfinished: it counts as failed."""
    for trial in archive.trials.values():
        if trial.state is TrialState.RUNNING:
            archive.finish(trial.number, TrialState.FAILED, message="Given up unfinished.")
    archive.note(STATE, "finished")


def worker_modules(plan: Plan) -> tuple[str, ...]:
    """Modules that the workers of ``plan`` import before their first job."""
    return (*WORKER_MODULES, *catalog.work(plan).modules)
