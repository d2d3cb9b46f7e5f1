"""`Conduct`: carry a run from its plan to its result, once or in several sittings."""

from __future__ import annotations

import contextlib
import math
import platform
import time
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from engine import __version__, catalog, terminators
from engine.analysis.continued import saved
from engine.analysis.intervals import score_interval
from engine.archive import Archive
from engine.data.store import load_arrow
from engine.domain.results import RunResult
from engine.domain.trials import TrialRecord, TrialState
from engine.errors import RunError
from engine.learners import LEARNERS
from engine.objective.final import FinalFit
from engine.objective.measures import MEASURES
from engine.objective.seeds import final_seed, fold_seed
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs.front import front_of
from engine.runs.library import STATE
from engine.runs.scratch import Scratch
from engine.runs.watch import LOOKS, Watch
from engine.search import Ending, Listener, Search
from engine.search.clock import active_seconds
from engine.search.ledger import spent
from engine.workers.base import Job, Workers

PICKED = "picked"
"""Archive note: what ``auto`` stands for in this run, and why."""
WORKER_MODULES = ("engine.objective.job", "engine.objective.final")
"""What all workers import before their first job; see `worker_modules`."""
PACKAGES = ("scikit-learn", "numpy", "pandas", "optuna", "scipy")


class Phase(Enum):
    """What a run is doing."""

    SEARCHING = "searching"
    FITTING = "fitting"
    """The best configuration, on all rows that are not outer test rows."""


class RunListener(Listener, Protocol):
    """Who hears what happens in a run."""

    def entered(self, phase: Phase) -> None: ...


class Conduct:
    """The run in ``folder``, being carried out by this process.

    Holds the run's lock from construction until `close`.

    Args:
        folder: made by `engine.runs.folder.create`.
        plan: as it will go on; it is saved there if it differs.
        workers: idle ones; left open.
        listener: who hears what happens.
        faults_pause: after a fault wait for `Search.proceed` instead of raising it.

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
        faults_pause: bool = False,
    ) -> None:
        self.folder = folder
        self.plan = plan
        self._workers = workers
        self._listener = listener
        self.abandoned = False
        """Left as it stands, to be resumed."""
        self._searched = False
        maximise = catalog.measure_card(plan.evaluation.measure).maximise
        jobs = plan.evaluation.resampling.jobs
        facts = load_arrow(folder / files.DATA).facts
        self._default = catalog.default_configuration(plan, facts)
        self._scratch = Scratch() if catalog.continues(plan) else None
        self.archive = open_archive(folder, plan)
        watched = plan.evaluation.watch_outer
        self._watch = Watch(folder, plan, self.archive) if watched else None
        try:
            if files.load_plan(folder) != plan:
                files.save_plan(folder, plan)  # under the lock: nobody else runs by the old one
            self.search = Search(
                plan,
                self.archive,
                catalog.make_tuner(plan, self._default, jobs),
                workers,
                terminators.of(plan.budget, maximise),
                jobs,
                self._arguments,
                listener,
                maximise=maximise,
                function=catalog.work(plan).fold,
                faults_pause=faults_pause,
                continues=self._scratch is not None,
                forget=self._scratch.forget if self._scratch else lambda _: None,
                aside=self._watch,
            )
        except BaseException:
            self.archive.close()
            raise

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
        self._watch_rest()
        reason = self.search.reason if ending is Ending.FINISHED else "You stopped the search."
        result = self.conclude(reason) if front_of(self.plan, self._trials) else None
        if not self.abandoned:
            self._note(STATE, "finished")
        return result

    def take(self, number: int, reason: str = "") -> RunResult | None:
        """Fit the complete trial ``number`` instead of the best by the tuned measure, and save it
        as the result; None when abandoned meanwhile.

        It is another look at the outer test (design.md decision 7).

        Args:
            number: of the trial.
            reason: why it was chosen, which is kept with the result.

        Raises:
            RunError: ``run.no_result`` or ``run.not_complete``, or why the fit failed.
        """
        before = files.load_result(self.folder)
        return self.conclude("" if before is None else before.stopped_by, number, reason)

    def conclude(
        self, stopped_by: str, take: int | None = None, reason: str = ""
    ) -> RunResult | None:
        """Fit the best configuration found and save ``result.json``; None when abandoned meanwhile.

        Args:
            stopped_by: why the search ended, as a sentence.
            take: a complete trial, if not the best by the tuned measure.
            reason: why that one.

        Raises:
            RunError: ``run.no_result`` without a complete trial, ``run.not_complete``, or why the
                fit failed.
        """
        front = front_of(self.plan, self._trials)
        if not front:
            raise RunError("run.no_result", path=self.folder)
        numbers = [member.trial for member in front]
        chosen = None if take is None else self.archive.trials.get(take)
        if take is not None and (chosen is None or chosen.value is None):
            raise RunError("run.not_complete", number=take)
        self._listener.entered(Phase.FITTING)
        trials, evaluation = self.archive.trials, self.plan.evaluation
        best = trials[numbers[0] if take is None else take]
        fit = self._fit_final(best)
        if fit is None:
            return None
        if fit.about == "test":
            self.archive.note(LOOKS, [*self.archive.study.get(LOOKS, []), time.time()])
        default = trials[0] if trials[0].state is TrialState.COMPLETE else None
        measure, tested = evaluation.measure, fit.about == "test"
        continues, jobs = self._scratch is not None, evaluation.resampling.jobs
        done_already = saved(self._trials)
        result = RunResult(
            learner=self.plan.learner.id,
            measure=measure,
            maximise=catalog.measure_card(measure).maximise,
            trial=best.number,
            configuration=best.configuration,
            validation_best=_score(best),
            validation_default=_score(default) if default else None,
            default_configuration=trials[0].configuration,
            trials=len(trials),
            # From the archive, since the search may be one of an earlier sitting.
            evaluations=sum(spent(t, continues=continues) for t in self._trials) / jobs,
            seconds=self.search.seconds if self._searched else active_seconds(self._trials),
            seed=self.plan.seed,
            model_seed=final_seed(self.plan.seed),
            folds=jobs,
            test=score_interval(MEASURES[measure], fit.predicted) if tested else None,
            test_default=fit.default.get(measure) if fit.default else None,
            test_rows=len(fit.predicted.truth) if tested else 0,
            test_scores=_finite(fit.scores) if tested else {},
            looks=len(self.archive.study.get(LOOKS, [])),
            classes=fit.classes,
            prediction_rows=fit.about,
            versions=versions(self.plan.learner.id),
            stopped_by=stopped_by,
            also=evaluation.also,
            front=front if evaluation.also else (),
            taken=best.number != numbers[0],
            taken_because=reason if best.number != numbers[0] else "",
            saved_evaluations=done_already.fits / jobs,
            saved_seconds=done_already.seconds,
        )
        files.save_result(self.folder, result)
        return result

    def pause(self) -> None:
        """No new fits until `proceed`; running ones end. From any thread, as the next two."""
        self.search.pause()

    def proceed(self) -> None:
        """Go on after a pause."""
        self.search.proceed()

    def stop(self) -> None:
        """End the search and keep what it found."""
        self.search.stop()

    def abandon(self) -> None:
        """Leave the run as it stands, to be resumed; from any thread."""
        self.abandoned = True
        self.search.abandon()

    def close(self) -> None:
        """Let others write to the run; harmless when repeated."""
        self.archive.close()
        if self._scratch is not None:
            self._scratch.close()

    def _arguments(self, trial: TrialRecord, fold: int, fidelity: float) -> tuple[object, ...]:
        seed = fold_seed(self.plan.seed, trial.number, fold)
        # Trial 0 is fitted in full at once, and nothing comes after.
        goes_on = self._scratch is not None and trial.number > 0
        state = self._scratch.state(trial.number, fold) if self._scratch and goes_on else ""
        return str(self.folder), trial.configuration, fold, seed, fidelity, state

    @property
    def _trials(self) -> list[TrialRecord]:
        return list(self.archive.trials.values())

    def _fit_final(self, best: TrialRecord) -> FinalFit | None:
        seed = final_seed(self.plan.seed)
        args = (str(self.folder), best.configuration, self._default, seed)
        job = Job(id=-1, function=catalog.work(self.plan).final, args=args)
        self._workers.submit(job)
        while True:
            if self.abandoned:
                self._workers.kill(job.id)
            for outcome in self._workers.poll(None):
                if self.abandoned:
                    return None
                if outcome.cause is not None:
                    raise RunError("fit.error", why=outcome.message)
                return outcome.value

    def _watch_rest(self) -> None:
        """Score the incumbents that no worker had time for, so that none is missing."""
        if self._watch is None:
            return
        self._watch.record()
        while not self.abandoned and (call := self._watch.next(None)) is not None:
            self._workers.submit(Job(id=-1, function=call.function, args=call.args))
            heard = False
            while not heard:
                if self.abandoned:
                    self._workers.kill(-1)
                for outcome in self._workers.poll(None):
                    self._watch.heard(outcome)
                    heard = True
            self._watch.record()

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
    maximise, *also = catalog.directions(plan)
    return Archive(folder, plan.space, maximise=maximise, also=tuple(also))


def give_up(archive: Archive) -> None:
    """Give up what an interrupted search left unfinished: it counts as failed."""
    for trial in archive.trials.values():
        if trial.state is TrialState.RUNNING:
            archive.finish(trial.number, TrialState.FAILED, message="Given up unfinished.")
    archive.note(STATE, "finished")


def worker_modules(plan: Plan) -> tuple[str, ...]:
    """What the workers of ``plan`` import before their first job."""
    return (*WORKER_MODULES, *catalog.work(plan).modules)


def versions(learner: str) -> dict[str, str]:
    """Versions that a result with ``learner`` depends on."""
    found = {"tunesmith": __version__, "python": platform.python_version()}
    for package in (*PACKAGES, *LEARNERS[learner].packages):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _finite(scores: dict[str, float]) -> dict[str, float]:
    return {name: score for name, score in scores.items() if math.isfinite(score)}


def _score(trial: TrialRecord) -> float:
    assert trial.value is not None, "a complete trial has a score"
    return trial.value
