"""The search loop: tuner x objective x workers x terminator -> archive and events.

One thread runs `Search.run`; others pause, resume, stop or abandon it by its `Control`, and `kill`
trials or `enqueue` configurations. The loop asks the tuner while a worker is idle and no fold
waits, submits folds to workers, records each fold result the moment it arrives, and tells the tuner
when all folds of a proposal are there.

What a resumed search knows comes from the archive alone: final trials are told again in their old
order, unfinished ones are taken up under their own number with only their missing folds.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from enum import Enum
from typing import Any

from engine import terminators
from engine.domain.trials import Cause, TrialRecord, TrialState
from engine.errors import RunError, TunesmithError
from engine.search.background import BackgroundQueue, BackgroundTask
from engine.search.clock import Stopwatch, active_seconds
from engine.search.control import Control
from engine.search.pending import PendingProposals
from engine.search.spec import Counts, Listener, SearchSpec
from engine.space import Configuration
from engine.terminators import BudgetUse
from engine.tuners.base import Proposal
from engine.workers.base import Job, Workers

TICK_SECONDS = 1.0


class Ending(Enum):
    """Why `Search.run` returned."""

    FINISHED = "finished"
    """The budget is used up, the target is reached, or the space is exhausted."""
    STOPPED = "stopped"
    """The person stopped it."""
    ABANDONED = "abandoned"
    """Ended without a decision on its trials; to be resumed."""


class Search:
    """One search over an open archive.

    Args:
        spec: what it is made of.
        workers: idle ones.
        listener: who follows it.
        control: what the person wants of it; one of its own if left out.
    """

    def __init__(
        self,
        spec: SearchSpec,
        workers: Workers,
        listener: Listener,
        control: Control | None = None,
    ) -> None:
        self.control = control or Control(workers.wake)
        self._spec = spec
        self._archive = spec.archive
        self._tuner = spec.tuner
        self._workers = workers
        self._listener = listener
        self._terminator = terminators.of(spec.plan.budget, spec.maximise)
        self._pending = PendingProposals(spec, self._trial_ended)
        self._background = BackgroundQueue()
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._folds: dict[int, tuple[int, int]] = {}
        """Running folds: proposal number and fold by job id."""
        self._background_job: int | None = None
        """Job id of the background task that runs."""
        self._next_job = 0
        self._fold_seconds = 0.0
        """Time spent in folds in this sitting."""
        self._asked: Proposal | None = None
        """A proposal that a full disk has kept from being recorded; it is before all others."""
        self._clock = Stopwatch()
        self._paused = False
        self._enough = False
        """Nothing more will be asked."""
        self._starved = False
        """The tuner asks for nothing until something is told."""
        self._ending: Ending | None = None

    # --- from other threads -----------------------------------------------------------------------

    def kill(self, trial: int) -> None:
        """End one running trial; it counts as failed, killed by the person."""
        self._command(lambda: self._stop_folds(self._pending.kill(trial)))

    def enqueue(self, configuration: Configuration, seconds: float = 10.0) -> int:
        """Evaluate a person's own configuration next; waits until its trial is begun.

        Args:
            configuration: of the plan's space, not tried before.
            seconds: to wait at most.

        Returns:
            The number of its trial.

        Raises:
            RunError: ``run.gone`` if the search has ended, or why it can't be recorded.
        """
        answer: Future[int] = Future()
        self._command(lambda: self._enqueue(configuration, answer))
        try:
            return answer.result(seconds)
        except (TimeoutError, CancelledError) as error:
            answer.cancel()
            raise RunError("run.gone") from error

    def _command(self, command: Callable[[], None]) -> None:
        self._commands.put(command)
        self._workers.wake()

    # --- the loop ---------------------------------------------------------------------------------

    def run(self) -> Ending:
        """Search until the budget is used up or someone ends it, then run the background tasks that
        are left, unless it was abandoned.

        Raises:
            RunError: for a fault (full disk, failures alike in a row), unless faults pause.
        """
        self._restore()
        try:
            while not self._obey():
                try:
                    self._step()
                except RunError as error:
                    if not self._spec.faults_pause:
                        raise
                    self._pause(error)
                self._report()
                if self._ending is None:
                    self._wait()
        finally:
            self._stop_all()
            self._clock.pause()
        self._finish_background()
        self._run_commands()  # whoever waits for an answer gets `run.gone`
        assert self._ending is not None
        return Ending.ABANDONED if self.control.abandoned else self._ending

    def submit_background(self, task: BackgroundTask) -> None:
        """Have ``task`` run among the folds; in the search's own thread, or before `run`."""
        self._background.add(task)

    def _obey(self) -> bool:
        """Do what the person wants by now; whether the search has ended."""
        control = self.control
        if self._ending is not None:
            return True
        if control.abandoned:
            self._ending = Ending.ABANDONED
        elif control.stopped:
            self._ending = Ending.STOPPED
        elif control.paused and not self._paused:
            self._pause(None)
        elif self._paused and not control.paused:
            self._paused = False
            self._pending.forgive()
            self._clock.resume()
            self._listener.resumed()
        return self._ending is not None

    def _pause(self, error: TunesmithError | None) -> None:
        if not self._paused:
            self._paused = self.control.paused = True
            self._clock.pause()
            self._listener.paused(error)

    def _step(self) -> None:
        self._record()
        self._background.deliver()
        self._settle()
        self._judge()
        if self._paused or self._ending is not None:
            return
        self._start_background(spare=False)
        self._fill()
        self._start_background(spare=True)
        under_way = self._folds or self._pending
        if not under_way and (self._enough or self._starved or self._tuner.exhausted):
            self._ending = Ending.FINISHED

    def _wait(self) -> None:
        idle = self._paused and not self._folds
        self._receive(None if idle else TICK_SECONDS)
        self._run_commands()

    def _run_commands(self) -> None:
        while not self._commands.empty():
            self._commands.get()()

    # --- asking and submitting --------------------------------------------------------------------

    def _fill(self) -> None:
        """Give every idle worker a fold, asking the tuner for more where none waits."""
        while self._workers.idle:
            if (waiting := self._pending.next_fold()) is not None:
                proposal, fold = waiting
                trial = self._archive.trials[proposal.trial]
                arguments = self._spec.arguments(trial, fold, proposal.fidelity)
                job = self._submit(self._spec.function, arguments)
                self._folds[job] = (proposal.number, fold)
            elif not self._ask():
                return

    def _ask(self) -> bool:
        """Ask the tuner and record what it proposes; whether that brought the search on."""
        if self._enough or (self._asked is None and not self._pending.may_ask):
            return False
        self._asked = self._asked or self._tuner.ask()
        self._starved = self._asked is None
        if self._asked is None:
            return self._settle()
        trial = self._pending.begin(self._asked)
        self._asked = None
        self._enough = self._has_begun_enough()
        self._listener.changed(trial, None)
        return True

    def _enqueue(self, configuration: Configuration, answer: Future[int]) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        try:
            # One that could not be recorded for a full disk has the next number.
            if self._ending is not None or self._asked is not None:
                raise RunError("run.gone")
            number, trial = self._tuner.next_number, len(self._archive.trials)
            proposal = Proposal(number, trial, configuration, origin="person")
            begun = self._pending.begin(proposal, first=True)
        except RunError as error:
            answer.set_exception(error)
            return
        self._tuner.adopt(proposal)
        self._enough = self._enough or self._has_begun_enough()
        self._listener.changed(begun, None)
        answer.set_result(trial)

    def _submit(self, function: str, args: tuple[Any, ...]) -> int:
        """Have an idle worker call ``function``; returns the job's id."""
        limits = self._spec.plan.limits
        job = Job(self._next_job, function, args, limits.seconds, limits.memory_mb)
        self._workers.submit(job)
        self._next_job += 1
        return job.id

    def _start_background(self, *, spare: bool) -> bool:
        """Start the next background task, if there is one and a worker for it, which is ``spare``
        if it has nothing else to do."""
        if not self._workers.idle:
            return False
        task = self._background.start(None if spare else self._fold_seconds)
        if task is None:
            return False
        self._background_job = self._submit(task.function, task.args)
        return True

    # --- taking in --------------------------------------------------------------------------------

    def _receive(self, timeout: float | None, *, keep_killed: bool = True) -> None:
        """Take in what workers give within ``timeout`` (see `Workers.poll`); folds that were killed
        have failed, or without ``keep_killed`` are left undone."""
        for result in self._workers.poll(timeout):
            if result.job_id == self._background_job:
                self._background_job = None
                self._background.finish(result)
                continue
            self._fold_seconds += result.seconds
            number, fold = self._folds.pop(result.job_id)
            if keep_killed or result.cause is not Cause.KILLED:
                self._pending.receive(number, fold, result)

    def _record(self) -> None:
        for result, dropped in self._pending.record():
            self._stop_folds(dropped)
            self._listener.changed(self._archive.trials[result.trial], result)

    def _settle(self) -> bool:
        """Tell the tuner what can be told and record what it decides; whether there was
        anything."""
        self._pending.write()
        told = False
        while self._pending.tell(
            nothing_to_ask=self._enough or self._starved or self._tuner.exhausted
        ):
            self._starved = False
            told = True
        return told

    def _trial_ended(self, trial: TrialRecord) -> None:
        self._spec.trial_ended(trial)
        self._listener.changed(trial, None)

    def _stop_folds(self, proposals: list[int]) -> None:
        """Kill the running folds of ``proposals``."""
        for job, (number, _) in self._folds.items():
            if number in proposals:
                self._workers.kill(job)

    # --- ending -----------------------------------------------------------------------------------

    def _judge(self) -> None:
        used = self._used(self._pending.evaluations)
        if self._terminator.reached(used):
            self._enough = True
            seconds = self._spec.plan.budget.seconds
            out_of_time = seconds is not None and used.elapsed >= seconds
            if out_of_time and self._pending.best is not None:  # else nothing would be found
                self._ending = Ending.FINISHED

    def _has_begun_enough(self) -> bool:
        return self._terminator.reached(self._used(self._pending.begun))

    def _stop_all(self) -> None:
        """Kill what runs; results that arrive meanwhile are still recorded."""
        for job in self._folds:
            self._workers.kill(job)
        if self._background_job is not None:
            self._workers.kill(self._background_job)
        while self._folds or self._background_job is not None:
            self._receive(None, keep_killed=False)
        try:
            self._record()
            self._pending.write()
        except RunError:
            self._pending.forget_unrecorded()

    def _finish_background(self) -> None:
        """Run the background tasks that no worker had time for."""
        while not self.control.abandoned:
            self._background.deliver()
            if not self._start_background(spare=True):
                return
            while self._background_job is not None and not self.control.abandoned:
                self._receive(TICK_SECONDS)
        self._stop_all()

    # --- how far it is ----------------------------------------------------------------------------

    @property
    def reason(self) -> str:
        """Why the search ended by itself, as a sentence; empty if it did not."""
        reason = self._terminator.reason(self._used(self._pending.evaluations))
        if reason or not self._starved:
            return reason
        return (
            self._tuner.exhausted_reason
            if self._tuner.exhausted
            else "The method's schedule is complete."
        )

    @property
    def seconds(self) -> float:
        """Running time so far, that before earlier interruptions included."""
        return self._clock.seconds

    @property
    def evaluations(self) -> float:
        """Full evaluations done so far."""
        return self._pending.done

    def _restore(self) -> None:
        """Bring tuner, proposals and clock to where the archive is."""
        self._pending.restore()
        self._clock = Stopwatch(active_seconds(self._archive.trials.values()))
        self._enough = self._has_begun_enough()

    def _used(self, evaluations: float) -> BudgetUse:
        pending = self._pending
        return BudgetUse(
            evaluations=evaluations,
            elapsed=self._clock.seconds,
            best=pending.best,
            since_improvement=pending.evaluations - pending.evaluations_at_best,
        )

    def _report(self) -> None:
        used, states = self._used(self._pending.done), self._pending.states
        self._listener.progressed(
            Counts(
                used=used,
                fraction=self._terminator.fraction(used),
                trials=len(self._archive.trials),
                complete=states[TrialState.COMPLETE],
                failed=states[TrialState.FAILED],
                pruned=states[TrialState.PRUNED],
                busy=len(self._folds),
                workers=self._workers.size,
            )
        )
