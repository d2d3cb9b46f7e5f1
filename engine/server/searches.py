"""Requests that need the workers, or a running search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from engine.archive import read
from engine.domain.results import RunResult
from engine.errors import RunError
from engine.experiments import random_counterfactual
from engine.experiments.collect_results import comparison_of
from engine.experiments.experiment import load as load_experiment
from engine.experiments.experiment_executor import ExperimentExecutor, modules, size
from engine.plan import Plan
from engine.protocol import replies, requests
from engine.runs import folder as files
from engine.runs import planning, run_library, steering
from engine.runs.machine import cores
from engine.runs.probe import probe
from engine.runs.recheck import recheck
from engine.runs.run_executor import RunExecutor, worker_modules
from engine.search import Control
from engine.server import answers as answering
from engine.server import comparison_answers
from engine.server.comparison_events import ComparisonEvents
from engine.server.handlers import Archived, Kind, answers
from engine.server.open_requests import OpenRequests, failure
from engine.server.run_events import RunEvents
from engine.server.stream import Stream
from engine.server.work_events import WorkEvents
from engine.server.worker_queue import StartWorkers, WorkerQueue
from engine.workers import LocalPool, Workers

Work = TypeVar("Work", RunExecutor, ExperimentExecutor)


class Searches:
    """The workers and their task: at most one search or comparison at a time; in between, probes,
    rechecks and final models."""

    def __init__(
        self,
        stream: Stream,
        open_requests: OpenRequests,
        start_workers: StartWorkers = LocalPool,
    ) -> None:
        self._stream = stream
        self._requests = open_requests
        self._worker_queue = WorkerQueue(start_workers)
        self._searching = False
        """Whether a search or comparison was started and has not ended."""
        self._executor: RunExecutor | ExperimentExecutor | None = None
        """The search that runs."""
        self._events: WorkEvents | None = None

    # --- the workers ------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Start workers now, so that the first fit need not wait for them."""
        self._worker_queue.warm_up(cores())

    def flush(self) -> None:
        """Send the events gathered by the running search."""
        events = self._events
        if events is not None:
            events.flush()

    def wake(self) -> None:
        """Have running work check whether its request was cancelled."""
        self._worker_queue.wake()

    def close(self, timeout: float) -> None:
        """Stop within ``timeout`` seconds; a running search can be resumed."""
        executor = self._executor
        if executor is not None:
            executor.control.abandon()
        self._worker_queue.wake()
        self._worker_queue.close(timeout)

    # --- the running search -----------------------------------------------------------------------

    @answers(requests.Pause, kind=Kind.AT_ONCE)
    def pause(self, request: requests.Pause) -> replies.Reply:
        """Pause the running work."""
        return self._command(request, Control.pause)

    @answers(requests.Resume, kind=Kind.AT_ONCE)
    def resume(self, request: requests.Resume) -> replies.Reply:
        """Resume the paused work."""
        return self._command(request, Control.resume)

    @answers(requests.Stop, kind=Kind.AT_ONCE)
    def stop(self, request: requests.Stop) -> replies.Reply:
        """Stop the running work, and keep its results."""
        return self._command(request, Control.stop)

    def _command(
        self, request: requests.Request, command: Callable[[Control], None]
    ) -> replies.Reply:
        """Pause, resume or stop the running work.

        Raises:
            RunError: ``run.none_running``.
        """
        executor = self._executor
        if executor is None:
            raise RunError("run.none_running")
        command(executor.control)
        return replies.Done(id=request.id)

    @answers(requests.KillTrial, kind=Kind.AT_ONCE)
    def kill(self, request: requests.KillTrial) -> replies.Reply:
        """Kill a running trial.

        Raises:
            RunError: ``run.none_running`` or ``run.no_trial``.
        """
        run = self._run_at_work
        if run is None:
            raise RunError("run.none_running")
        trial = run.archive.trials.get(request.number)
        if trial is None or trial.ended is not None:
            raise RunError("run.no_trial", number=request.number)
        run.search.kill(request.number)
        return replies.Done(id=request.id)

    @answers(requests.Enqueue)
    def enqueue(self, request: requests.Enqueue) -> replies.Reply:
        """Add a configuration chosen by the user, to the running search or to a run on disk."""
        run = self._executor
        if not isinstance(run, RunExecutor) or str(run.folder) != request.path:
            trial, whole = steering.enqueue(Path(request.path), request.configuration)
        else:
            trials = list(run.archive.trials.values())
            whole = steering.completed(run.plan, request.configuration, trials)
            trial = run.search.enqueue(whole)
        return replies.Enqueued(id=request.id, trial=trial, configuration=whole)

    def archived(self, path: str) -> Archived:
        """Trials and notes of a run, from the running search or from disk."""
        run = self._run_at_work
        if run is not None and str(run.folder) == path:
            return Archived(list(run.archive.trials.values()), dict(run.archive.study))
        return Archived(*read(Path(path)))

    @property
    def _run_at_work(self) -> RunExecutor | None:
        """The running run, perhaps a member of a comparison."""
        executor = self._executor
        return executor.member if isinstance(executor, ExperimentExecutor) else executor

    # --- searches and comparisons -----------------------------------------------------------------

    @answers(requests.Start)
    def start(self, request: requests.Start) -> None:
        """Create a run and start its search."""
        self._refuse_if_searching()
        plan = planning.checked(request.plan)
        folder = Path(request.out) if request.out else run_library.new_folder(plan)
        files.create(folder, plan, planning.load_data(plan.data))
        run_library.remember(folder)
        self._search(request.id, folder, plan)

    @answers(requests.ResumeRun)
    def resume_run(self, request: requests.ResumeRun) -> None:
        """Resume a run."""
        self._refuse_if_searching()
        folder = Path(request.path)
        plan = planning.to_resume(folder, request.budget)
        self._search(request.id, folder, plan)

    @answers(requests.RunCounterfactual)
    def run_counterfactual(self, request: requests.RunCounterfactual) -> None:
        """Start or resume the random search in a run's own folder."""
        self._refuse_if_searching()
        folder, plan = random_counterfactual.prepare(Path(request.path))
        self._search(request.id, folder, plan)

    @answers(requests.Compare, requests.ResumeComparison)
    def compare(self, request: requests.Compare | requests.ResumeComparison) -> None:
        """Start or resume a comparison."""
        self._refuse_if_searching()
        begins = isinstance(request, requests.Compare)
        folder = (
            comparison_answers.create(request) if begins else comparison_answers.to_resume(request)
        )
        experiment = load_experiment(folder)
        events = ComparisonEvents(self._stream, folder)

        def work(pool: Workers) -> None:
            with self._at_work(ExperimentExecutor(folder, pool, events), events) as executor:
                comparison = comparison_of(folder, experiment)
                self._requests.reply(
                    replies.ComparisonStarted(
                        id=request.id, path=str(folder), comparison=comparison
                    )
                )
                events.announce("running")
                executor.run()
            if executor.control.stopped:
                events.announce("stopped", sentence="You stopped the comparison.")
            elif not executor.control.abandoned:
                events.announce("finished", sentence=" ".join(executor.problems))

        self._begin(request.id, size(experiment), modules(experiment), work, events)

    def _search(self, request: int, folder: Path, plan: Plan) -> None:
        events = RunEvents(self._stream, folder, plan)

        def work(pool: Workers) -> None:
            opened = RunExecutor(folder, plan, pool, events, faults_pause=True)
            with self._at_work(opened, events) as executor:
                self._requests.reply(replies.Started(id=request, path=str(folder), plan=plan))
                trials = list(executor.archive.trials.values())
                events.observe(trials)
                answering.send_trials(self._stream, folder, plan, trials)
                events.announce("running")
                result = executor.run()
            if not executor.control.abandoned:
                events.announce("finished", sentence=_closing(result))

        self._begin(request, plan.workers, worker_modules(plan), work, events)

    def _begin(
        self,
        request: int,
        workers: int,
        modules: tuple[str, ...],
        work: Callable[[Workers], None],
        events: WorkEvents,
    ) -> None:
        """Queue ``work``, which replies to ``request`` once it has started."""
        self._searching = True

        def failed(error: Exception) -> None:
            self._searching = False
            self._requests.fail(request, error)  # has no effect once it has started
            events.failed(failure(request, error), error)

        self._worker_queue.run(workers, modules, work, failed)

    @contextmanager
    def _at_work(self, executor: Work, events: WorkEvents) -> Iterator[Work]:
        """Context in which ``executor`` is the running one; closes it."""
        self._executor, self._events = executor, events
        try:
            yield executor
        finally:
            self._executor, self._events = None, None
            executor.close()
            events.flush()
            self._searching = False

    def _refuse_if_searching(self) -> None:
        if self._searching:
            raise RunError("run.busy")

    # --- other work for workers -------------------------------------------------------------------

    @answers(requests.Probe, kind=Kind.AT_ONCE)
    def probe(self, request: requests.Probe) -> None:
        """Fit folds of the default configuration of a plan."""

        def work(pool: Workers) -> replies.Reply:
            found = probe(request.plan, pool, lambda: self._requests.cancelled(request.id))
            return replies.Probed(id=request.id, probe=found)

        self._with_workers(request.id, request.plan, work)

    @answers(requests.AskRecheck)
    def recheck(self, request: requests.AskRecheck) -> None:
        """Score a trial on folds drawn anew."""
        folder = Path(request.path)

        def work(pool: Workers) -> replies.Reply:
            trials = self.archived(request.path).trials
            found = recheck(
                folder,
                trials,
                request.trial,
                pool,
                redraw=request.redraw,
                cancelled=lambda: self._requests.cancelled(request.id),
            )
            return replies.Rechecked(id=request.id, recheck=found)

        self._with_workers(request.id, files.load_plan(folder), work)

    @answers(requests.Results)
    def results(self, request: requests.Results) -> replies.Reply | None:
        """Load the result of a run; fit the final model first if an interrupted run has none."""
        folder = Path(request.path)
        if files.load_result(folder) is not None:
            return answering.results(request)
        plan = files.load_plan(folder)

        def work(pool: Workers) -> replies.Reply:
            events = RunEvents(self._stream, folder, plan)
            with RunExecutor(folder, plan, pool, events) as executor:
                executor.conclude("Left unfinished; this is what was found by then.")
            return answering.results(request)

        self._with_workers(request.id, plan, work)
        return None

    @answers(requests.SelectTrial)
    def select(self, request: requests.SelectTrial) -> None:
        """Select another trial as a run's result, and fit its model."""
        folder = Path(request.path)
        plan = files.load_plan(folder)

        def work(pool: Workers) -> replies.Reply:
            events = RunEvents(self._stream, folder, plan)
            opened = RunExecutor(folder, plan, pool, events)
            try:
                with opened as executor:
                    executor.select(request.trial, request.reason)
            finally:
                events.announce("finished", sentence=_closing(files.load_result(folder)))
            return answering.results(request)

        self._with_workers(request.id, plan, work)

    def _with_workers(
        self, request: int, plan: Plan, work: Callable[[Workers], replies.Reply]
    ) -> None:
        """Reply to ``request`` with what ``work`` returns, done by workers for ``plan``."""
        self._refuse_if_searching()
        self._worker_queue.run(
            plan.workers,
            worker_modules(plan),
            lambda pool: self._requests.reply(work(pool)),
            lambda error: self._requests.fail(request, error),
        )


def _closing(result: RunResult | None) -> str:
    return "It ended before a trial was complete." if result is None else result.stopped_by
