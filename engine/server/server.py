"""The engine as a front end sees it: requests in, replies and events out (`engine.protocol`).

Four threads: one reads requests, one (the desk) answers those that take a while, in order, one
(the study) those that take a long look at a run's trials, one (the bench) has the workers. The
engine ends when its standard input does.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from engine import __version__, catalog, protocol
from engine.archive import read
from engine.errors import Cancelled, InputError, RunError, TunesmithError
from engine.experiments import counterfactual
from engine.experiments.conduct import ExperimentConduct, modules, size
from engine.experiments.experiment import load as load_experiment
from engine.experiments.gather import comparison_of
from engine.plan import Plan
from engine.protocol import Request
from engine.records import RunResult, TrialRecord
from engine.runs import folder as files
from engine.runs import library, planning, steering
from engine.runs.conduct import Conduct, worker_modules
from engine.runs.machine import cores
from engine.runs.probe import probe
from engine.server import answers, comparing, trust, understanding
from engine.server.batch import Batch, Clock
from engine.server.bench import Bench
from engine.server.stream import Stream, claim_stdout
from engine.workers import LocalPool

LAST_SECONDS = 1.5
"""How long the engine may take to end once its front end is gone."""
HEARTBEAT_SECONDS = 1.0
ACTIVITY_SECONDS = 0.2
"""Between two events on how far a request is."""


def serve() -> int:
    """Serve the front end at the other end of standard input and output until it goes."""
    stream = Stream(claim_stdout())
    server = Server(stream)
    server.listen(sys.stdin.buffer)
    return 0


class Server:
    """Answers requests; at most one search runs at a time."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        self._study = ThreadPoolExecutor(max_workers=1, thread_name_prefix="study")
        self._bench = Bench()
        self._cancelled: set[int] = set()
        self._open: set[int] = set()
        self._searching = False
        self._conduct: Conduct | None = None
        self._experiment: ExperimentConduct | None = None
        self._batch: Batch | None = None
        self._lock = threading.Lock()
        self._next_beat = 0.0
        self._clock = Clock(self._tick)
        self._clock.start()
        self._at_once: dict[type, Callable[[Any], None]] = {
            protocol.Hello: self._hello,
            protocol.Pause: lambda r: self._command(r, lambda c: c.pause()),
            protocol.Continue: lambda r: self._command(r, lambda c: c.proceed()),
            protocol.Stop: lambda r: self._command(r, lambda c: c.stop()),
            protocol.KillTrial: self._kill,
            protocol.Cancel: self._cancel,
            protocol.Probe: self._probe,
        }
        self._studied: dict[type, Callable[..., protocol.Reply]] = {
            protocol.Fanova: understanding.fanova,
            protocol.Permutation: understanding.permutation,
            protocol.Ablation: understanding.ablation,
            protocol.Effects: understanding.effects,
            protocol.Contour: understanding.contour,
            protocol.FinalChoices: trust.final_choices,
        }
        self._slow: dict[type, Callable[[Any], protocol.Reply | None]] = {
            protocol.OpenTable: self._open_table,
            protocol.Advise: answers.advise,
            protocol.Check: answers.check,
            protocol.Start: self._start,
            protocol.Resume: self._resume,
            protocol.ListRuns: answers.list_runs,
            protocol.OpenRun: self._open_run,
            protocol.Discard: answers.discard,
            protocol.DeleteRun: answers.delete_run,
            protocol.Results: self._results,
            protocol.Take: self._take_trial,
            protocol.Importances: lambda r: answers.importances(r, self._trials_of(r.path)),
            protocol.Surrogate: lambda r: answers.surrogate(r, self._trials_of(r.path)),
            protocol.Hyperparameters: lambda r: answers.hyperparameters(r, self._trials_of(r.path)),
            protocol.Enqueue: self._enqueue,
            protocol.Narrow: answers.narrow,
            protocol.Trust: lambda r: trust.trust(r, *self._archived(r.path)),
            protocol.Predict: answers.predict,
            protocol.Export: answers.export,
            protocol.CheckComparison: comparing.check,
            protocol.Compare: self._compare,
            protocol.ResumeComparison: self._compare,
            protocol.ListComparisons: comparing.list_comparisons,
            protocol.OpenComparison: comparing.open_comparison,
            protocol.PutSideBySide: comparing.put_side_by_side,
            protocol.AskCounterfactual: comparing.ask_counterfactual,
            protocol.RunCounterfactual: self._run_counterfactual,
        }

    # --- listening --------------------------------------------------------------------------------

    def listen(self, lines: BinaryIO) -> None:
        """Answer the requests on ``lines`` until they end or `Shutdown` comes, then end
        everything."""
        asked: protocol.Shutdown | None = None
        for line in lines:
            try:
                request = protocol.decode_request(line)
            except InputError as error:
                print(f"engine: {error}", file=sys.stderr)
                number = protocol.request_id(line)
                if number is not None:
                    self._stream.send(failure(number, error))
                continue
            if request is None:
                print(f"engine: unknown request ignored: {line[:200]!r}", file=sys.stderr)
            elif isinstance(request, protocol.Shutdown):
                asked = request
                break
            else:
                self._take(request)
        self._end()
        if asked is not None:
            self._stream.send(protocol.Done(id=asked.id))

    def _take(self, request: Request) -> None:
        self._open.add(request.id)
        at_once = self._at_once.get(type(request))
        if at_once is not None:
            self._guard(request, lambda: at_once(request))
        elif type(request) in self._studied:
            self._study.submit(self._guard, request, lambda: self._understand(request))
        else:
            self._desk.submit(self._guard, request, lambda: self._answer(request))

    def _answer(self, request: Request) -> None:
        if request.id in self._cancelled:
            raise Cancelled
        reply = self._slow[type(request)](request)
        if reply is not None:
            self._reply(reply)

    def _understand(self, request: Any) -> None:
        """A long look at a run's trials, beside what the desk answers."""
        last = 0.0

        def tick(fraction: float) -> None:
            nonlocal last
            if request.id in self._cancelled:
                raise Cancelled
            now = time.monotonic()
            if now - last >= ACTIVITY_SECONDS:
                last = now
                label = type(request).__name__
                self._stream.send(
                    protocol.Activity(request=request.id, label=label, fraction=fraction)
                )

        tick(0.0)
        answer = self._studied[type(request)]
        self._reply(answer(request, self._trials_of(request.path), tick))

    def _guard(self, request: Request, action: Callable[[], None]) -> None:
        """Every request gets exactly one reply, whatever happens."""
        try:
            action()
        except Exception as error:
            self._fail(request.id, error)

    def _reply(self, reply: protocol.Reply) -> None:
        with self._lock:
            wanted = reply.id in self._open
            self._open.discard(reply.id)
            self._cancelled.discard(reply.id)
        if wanted:
            self._stream.send(reply)

    def _fail(self, request: int, error: Exception) -> None:
        self._reply(failure(request, error))

    def _end(self) -> None:
        """Leave everything as it stands; a running search can be resumed."""
        # Native code in a thread can't be interrupted; the workers' lifelines end with the process.
        watchdog = threading.Timer(LAST_SECONDS, lambda: os._exit(0))
        watchdog.daemon = True
        watchdog.start()
        self._clock.stop()
        self._cancelled |= self._open
        for work in (self._conduct, self._experiment):
            if work is not None:
                work.abandon()
        self._bench.wake()
        self._bench.close(LAST_SECONDS)
        self._desk.shutdown(wait=False, cancel_futures=True)
        self._study.shutdown(wait=False, cancel_futures=True)

    def _tick(self, now: float) -> None:
        batch = self._batch
        if batch is not None:
            batch.flush()
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT_SECONDS
            self._stream.send(protocol.Heartbeat())

    # --- answered at once -------------------------------------------------------------------------

    def _hello(self, request: protocol.Hello) -> None:
        self._reply(
            protocol.Welcome(
                id=request.id,
                version=protocol.VERSION,
                engine=__version__,
                catalog=catalog.CATALOG(),
                workers=cores(),
                library=str(library.library()),
            )
        )

    def _command(
        self, request: Request, command: Callable[[Conduct | ExperimentConduct], None]
    ) -> None:
        work = self._experiment or self._conduct
        if work is None:
            raise RunError("run.none_running")
        command(work)
        self._reply(protocol.Done(id=request.id))

    def _kill(self, request: protocol.KillTrial) -> None:
        conduct = self._under_way
        if conduct is None:
            raise RunError("run.none_running")
        trial = conduct.archive.trials.get(request.number)
        if trial is None or trial.ended is not None:
            raise RunError("run.no_trial", number=request.number)
        conduct.search.kill(request.number)
        self._reply(protocol.Done(id=request.id))

    @property
    def _under_way(self) -> Conduct | None:
        """The search under way, a comparison's perhaps."""
        whole = self._experiment
        return self._conduct if whole is None else whole.current

    def _cancel(self, request: protocol.Cancel) -> None:
        if request.request in self._open:
            self._cancelled.add(request.request)
            self._bench.wake()
            # What can't be interrupted goes on unheard; the front end need not wait for it.
            self._stream.send(failure(request.request, Cancelled()))
            self._open.discard(request.request)
        self._reply(protocol.Done(id=request.id))

    def _probe(self, request: protocol.Probe) -> None:
        self._refuse_if_searching()

        def action(pool: LocalPool) -> None:
            found = probe(request.plan, pool, lambda: request.id in self._cancelled)
            self._reply(protocol.Probed(id=request.id, probe=found))

        self._bench.run(
            request.plan.workers,
            worker_modules(request.plan),
            action,
            lambda e: self._fail(request.id, e),
        )

    # --- answered by the desk ---------------------------------------------------------------------

    def _open_table(self, request: protocol.OpenTable) -> protocol.Reply:
        reply = answers.open_table(request)
        self._bench.warm_up(cores())
        return reply

    def _start(self, request: protocol.Start) -> None:
        self._refuse_if_searching()
        plan = planning.checked(request.plan)
        folder = Path(request.out) if request.out else library.new_folder(plan)
        files.create(folder, plan, planning.load_data(plan.data))
        library.remember(folder)
        self._search(request.id, folder, plan)

    def _resume(self, request: protocol.Resume) -> None:
        self._refuse_if_searching()
        folder = Path(request.path)
        plan = planning.to_resume(folder, request.budget)
        self._search(request.id, folder, plan)

    def _refuse_if_searching(self) -> None:
        if self._searching:
            raise RunError("run.busy")

    def _search(self, request: int, folder: Path, plan: Plan) -> None:
        self._searching = True
        batch = Batch(self._stream, folder, plan)

        def action(pool: LocalPool) -> None:
            conduct = Conduct(folder, plan, pool, batch, faults_pause=True)
            self._conduct, self._batch = conduct, batch
            try:
                self._reply(protocol.Started(id=request, path=str(folder), plan=plan))
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
            self._fail(request, error)  # unheard once it has started
            fault = failure(request, error)
            batch.flush()
            batch.announce(
                "failed",
                error if isinstance(error, TunesmithError) else None,
                sentence=fault.sentence,
                details=fault.details,
            )

        self._bench.run(plan.workers, worker_modules(plan), action, failed)

    def _compare(self, asked: protocol.Compare | protocol.ResumeComparison) -> None:
        self._refuse_if_searching()
        begins = isinstance(asked, protocol.Compare)
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
                started = protocol.ComparisonStarted(
                    id=request, path=str(folder), comparison=comparison
                )
                self._reply(started)
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
            self._fail(request, error)  # unheard once it has started
            fault = failure(request, error)
            known = error if isinstance(error, TunesmithError) else None
            tell.announce("failed", known, sentence=fault.sentence, details=fault.details)

        self._bench.run(size(experiment), modules(experiment), action, failed)

    def _run_counterfactual(self, request: protocol.RunCounterfactual) -> None:
        self._refuse_if_searching()
        folder = Path(request.path) / counterfactual.TWIN
        if not (folder / files.PLAN).is_file():
            plan = counterfactual.twin(Path(request.path))
            files.create_beside(folder, plan, Path(request.path) / files.DATA)
        self._search(request.id, folder, planning.to_resume(folder, None))

    def _open_run(self, request: protocol.OpenRun) -> None:
        folder = Path(request.path)
        plan = files.load_plan(folder)
        archived = library.archive_of(folder)
        summary = library.summary(folder, archived)
        library.remember(folder)
        self._reply(protocol.RunOpened(id=request.id, path=str(folder), plan=plan, summary=summary))
        answers.send_trials(self._stream, folder, plan, archived[0])

    def _trials_of(self, path: str) -> list[TrialRecord]:
        """The run's trials as they stand, from the search at work or from disk."""
        return self._archived(path)[0]

    def _archived(self, path: str) -> tuple[list[TrialRecord], dict[str, Any]]:
        """The run's trials and notes as they stand."""
        conduct = self._under_way
        if conduct is not None and str(conduct.folder) == path:
            return list(conduct.archive.trials.values()), dict(conduct.archive.study)
        return read(Path(path))

    def _enqueue(self, request: protocol.Enqueue) -> protocol.Reply:
        conduct = self._conduct
        if conduct is None or str(conduct.folder) != request.path:
            trial, whole = steering.enqueue(Path(request.path), request.configuration)
        else:
            trials = list(conduct.archive.trials.values())
            whole = steering.completed(conduct.plan, request.configuration, trials)
            trial = conduct.search.enqueue(whole)
        return protocol.Enqueued(id=request.id, trial=trial, configuration=whole)

    def _results(self, request: protocol.Results) -> protocol.Reply | None:
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
            self._reply(answers.results(request))

        self._bench.run(
            plan.workers, worker_modules(plan), action, lambda e: self._fail(request.id, e)
        )
        return None

    def _take_trial(self, request: protocol.Take) -> None:
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
            self._reply(answers.results(request))

        self._bench.run(
            plan.workers, worker_modules(plan), action, lambda e: self._fail(request.id, e)
        )


def failure(request: int, error: Exception) -> protocol.Failed:
    """What a front end is told of ``error``: a sentence, and the traceback of what was not
    foreseen."""
    if isinstance(error, TunesmithError):
        return protocol.Failed(id=request, code=error.code, sentence=str(error), field=error.field)
    details = "".join(traceback.format_exception(error))
    print(details, file=sys.stderr)
    unforeseen = RunError("internal", why=f"{type(error).__name__}: {error}")
    return protocol.Failed(
        id=request, code=unforeseen.code, sentence=str(unforeseen), details=details
    )


def _closing(result: RunResult | None) -> str:
    return "It ended before a trial was complete." if result is None else result.stopped_by
