"""`Searches`: everything a front end asks for that needs the workers, or a search at work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.archive import read
from engine.domain.results import RunResult
from engine.domain.trials import TrialRecord
from engine.errors import RunError, TunesmithError
from engine.experiments import counterfactual
from engine.experiments.conduct import ExperimentConduct, modules, size
from engine.experiments.experiment import load as load_experiment
from engine.experiments.gather import comparison_of
from engine.plan import Plan
from engine.protocol import replies, requests
from engine.protocol.requests import Request
from engine.runs import folder as files
from engine.runs import library, planning, steering
from engine.runs.conduct import Conduct, worker_modules
from engine.runs.machine import cores
from engine.runs.probe import probe
from engine.runs.recheck import recheck
from engine.server import answers, comparing
from engine.server.batch import Batch
from engine.server.bench import Bench
from engine.server.pending import Pending, failure
from engine.server.stream import Stream
from engine.workers import LocalPool


class Searches:
    """The workers and what they are at: at most one search or comparison at a time, and between
    them the cost of a fit measured, or a final model fitted."""

    def __init__(self, stream: Stream, pending: Pending) -> None:
        self._stream = stream
        self._pending = pending
        self._bench = Bench()
        self._searching = False
        self._conduct: Conduct | None = None
        self._experiment: ExperimentConduct | None = None
        self._batch: Batch | None = None

    # --- the workers ------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Start workers now, so that the first fit need not wait for them."""
        self._bench.warm_up(cores())

    def flush(self) -> None:
        """Send what the search at work has gathered."""
        batch = self._batch
        if batch is not None:
            batch.flush()

    def wake(self) -> None:
        """Have what runs see that its request was cancelled."""
        self._bench.wake()

    def close(self, timeout: float) -> None:
        """Leave everything as it stands, within ``timeout`` seconds; it can be resumed."""
        for work in (self._conduct, self._experiment):
            if work is not None:
                work.abandon()
        self._bench.wake()
        self._bench.close(timeout)

    # --- the search at work -----------------------------------------------------------------------

    def command(
        self, request: Request, command: Callable[[Conduct | ExperimentConduct], None]
    ) -> None:
        work = self._experiment or self._conduct
        if work is None:
            raise RunError("run.none_running")
        command(work)
        self._pending.reply(replies.Done(id=request.id))

    def kill(self, request: requests.KillTrial) -> None:
        conduct = self._under_way
        if conduct is None:
            raise RunError("run.none_running")
        trial = conduct.archive.trials.get(request.number)
        if trial is None or trial.ended is not None:
            raise RunError("run.no_trial", number=request.number)
        conduct.search.kill(request.number)
        self._pending.reply(replies.Done(id=request.id))

    def enqueue(self, request: requests.Enqueue) -> replies.Reply:
        conduct = self._conduct
        if conduct is None or str(conduct.folder) != request.path:
            trial, whole = steering.enqueue(Path(request.path), request.configuration)
        else:
            trials = list(conduct.archive.trials.values())
            whole = steering.completed(conduct.plan, request.configuration, trials)
            trial = conduct.search.enqueue(whole)
        return replies.Enqueued(id=request.id, trial=trial, configuration=whole)

    def archived(self, path: str) -> tuple[list[TrialRecord], dict[str, Any]]:
        """The run's trials and notes as they stand."""
        conduct = self._under_way
        if conduct is not None and str(conduct.folder) == path:
            return list(conduct.archive.trials.values()), dict(conduct.archive.study)
        return read(Path(path))

    def trials_of(self, path: str) -> list[TrialRecord]:
        """The run's trials as they stand, from the search at work or from disk."""
        return self.archived(path)[0]

    @property
    def _under_way(self) -> Conduct | None:
        """The search under way, a comparison's perhaps."""
        whole = self._experiment
        return self._conduct if whole is None else whole.current

    # --- what needs the workers -------------------------------------------------------------------

    def start(self, request: requests.Start) -> None:
        self._refuse_if_searching()
        plan = planning.checked(request.plan)
        folder = Path(request.out) if request.out else library.new_folder(plan)
        files.create(folder, plan, planning.load_data(plan.data))
        library.remember(folder)
        self._search(request.id, folder, plan)

    def resume(self, request: requests.Resume) -> None:
        self._refuse_if_searching()
        folder = Path(request.path)
        plan = planning.to_resume(folder, request.budget)
        self._search(request.id, folder, plan)

    def run_counterfactual(self, request: requests.RunCounterfactual) -> None:
        self._refuse_if_searching()
        folder, plan = counterfactual.prepare(Path(request.path))
        self._search(request.id, folder, plan)

    def compare(self, asked: requests.Compare | requests.ResumeComparison) -> None:
        self._refuse_if_searching()
        begins = isinstance(asked, requests.Compare)
        folder = comparing.begin(asked) if begins else comparing.take_up(asked)
        request = asked.id
        self._searching = True
        experiment = load_experiment(folder)
        tell = comparing.Tell(self._stream, folder)

        def action(pool: LocalPool) -> None:
            whole = ExperimentConduct(folder, pool, tell)
            self._experiment = whole
            try:
                comparison = comparison_of(folder, experiment)
                started = replies.ComparisonStarted(
                    id=request, path=str(folder), comparison=comparison
                )
                self._pending.reply(started)
                tell.announce("running")
                whole.run()
            finally:
                self._experiment = None
                whole.close()
            self._searching = False
            if whole.stopped:
                tell.announce("stopped", sentence="You stopped the comparison.")
            elif not whole.abandoned:
                tell.announce("finished", sentence=" ".join(whole.problems))

        def failed(error: Exception) -> None:
            self._searching = False
            self._pending.fail(request, error)  # unheard once it has started
            fault = failure(request, error)
            known = error if isinstance(error, TunesmithError) else None
            tell.announce("failed", known, sentence=fault.sentence, details=fault.details)

        self._bench.run(size(experiment), modules(experiment), action, failed)

    def probe(self, request: requests.Probe) -> None:
        self._refuse_if_searching()

        def action(pool: LocalPool) -> None:
            found = probe(request.plan, pool, lambda: self._pending.cancelled(request.id))
            self._pending.reply(replies.Probed(id=request.id, probe=found))

        self._bench.run(
            request.plan.workers,
            worker_modules(request.plan),
            action,
            lambda e: self._pending.fail(request.id, e),
        )

    def recheck(self, request: requests.AskRecheck) -> None:
        self._refuse_if_searching()
        folder = Path(request.path)
        plan, trials = files.load_plan(folder), self.trials_of(request.path)

        def action(pool: LocalPool) -> None:
            found = recheck(
                folder,
                trials,
                request.trial,
                pool,
                turn=request.turn,
                cancelled=lambda: self._pending.cancelled(request.id),
            )
            self._pending.reply(replies.Rechecked(id=request.id, recheck=found))

        self._bench.run(
            plan.workers, worker_modules(plan), action, lambda e: self._pending.fail(request.id, e)
        )

    def results(self, request: requests.Results) -> replies.Reply | None:
        folder = Path(request.path)
        if files.load_result(folder) is not None:
            return answers.results(request)
        self._refuse_if_searching()
        plan = files.load_plan(folder)
        batch = Batch(self._stream, folder, plan)

        def action(pool: LocalPool) -> None:
            conduct = Conduct(folder, plan, pool, batch)
            try:
                conduct.conclude("Left unfinished; this is what was found by then.")
            finally:
                conduct.close()
            self._pending.reply(answers.results(request))

        self._bench.run(
            plan.workers, worker_modules(plan), action, lambda e: self._pending.fail(request.id, e)
        )
        return None

    def take(self, request: requests.Take) -> None:
        self._refuse_if_searching()
        folder = Path(request.path)
        plan = files.load_plan(folder)
        batch = Batch(self._stream, folder, plan)

        def action(pool: LocalPool) -> None:
            conduct = Conduct(folder, plan, pool, batch)
            try:
                conduct.take(request.trial, request.reason)
            finally:
                conduct.close()
                result = files.load_result(folder)
                batch.announce("finished", sentence=_closing(result))
            self._pending.reply(answers.results(request))

        self._bench.run(
            plan.workers, worker_modules(plan), action, lambda e: self._pending.fail(request.id, e)
        )

    def _search(self, request: int, folder: Path, plan: Plan) -> None:
        self._searching = True
        batch = Batch(self._stream, folder, plan)

        def action(pool: LocalPool) -> None:
            conduct = Conduct(folder, plan, pool, batch, faults_pause=True)
            self._conduct, self._batch = conduct, batch
            try:
                self._pending.reply(replies.Started(id=request, path=str(folder), plan=plan))
                trials = list(conduct.archive.trials.values())
                batch.resume(trials)
                answers.send_trials(self._stream, folder, plan, trials)
                batch.announce("running")
                result = conduct.run()
            finally:
                self._conduct, self._batch = None, None
                conduct.close()
                batch.flush()
            self._searching = False
            if not conduct.abandoned:
                batch.announce("finished", sentence=_closing(result))

        def failed(error: Exception) -> None:
            self._searching = False
            self._pending.fail(request, error)  # unheard once it has started
            fault = failure(request, error)
            batch.flush()
            batch.announce(
                "failed",
                error if isinstance(error, TunesmithError) else None,
                sentence=fault.sentence,
                details=fault.details,
            )

        self._bench.run(plan.workers, worker_modules(plan), action, failed)

    def _refuse_if_searching(self) -> None:
        if self._searching:
            raise RunError("run.busy")


def _closing(result: RunResult | None) -> str:
    return "It ended before a trial was complete." if result is None else result.stopped_by
