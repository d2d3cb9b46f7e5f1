"""The search loop: tuner x objective x workers x terminator -> archive and events.

One thread runs `Search.run`; others may `pause`, `proceed`, `stop`, `abandon` and `kill`. The loop
asks the tuner while a worker is idle and no fold waits, hands folds to workers, records each fold
result the moment it arrives, and tells the tuner when all folds of a proposal are there.

What a resumed search knows comes from the archive alone: final trials are told again in their old
order, unfinished ones are taken up under their own number with only their missing folds.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from enum import Enum
from typing import Any

from engine.archive import Archive
from engine.domain.trials import Cause, FoldResult, TrialRecord, TrialState
from engine.errors import RunError, TunesmithError
from engine.plan import Plan
from engine.search.aside import Aside
from engine.search.clock import Stopwatch, active_seconds
from engine.search.dispatch import Arrival, Dispatch
from engine.search.ledger import Ledger, Pending
from engine.search.listener import Counts, Listener
from engine.search.outcomes import fold_result
from engine.search.tally import Tally
from engine.search.telling import Telling
from engine.space import Configuration
from engine.terminators import Standing, Terminator
from engine.tuners.base import Proposal, Tuner
from engine.workers.base import Workers

FOLD_FUNCTION = "engine.objective.job:evaluate_fold"
TICK_SECONDS = 1.0


class Ending(Enum):
    """Why `Search.run` returned."""

    FINISHED = "finished"
    """The budget is used up, the target is reached, or the space is exhausted."""
    STOPPED = "stopped"
    """The person stopped it."""
    ABANDONED = "abandoned"
    """Left as it stands, to be resumed."""


class Search:
    """One search over an open archive.

    Args:
        plan: its measure, limits and the rules of reproducibility matter here.
        archive: open for writing; what it holds is taken up.
        tuner: fresh; it is told what the archive holds.
        workers: idle ones.
        terminator: when to end.
        jobs: folds of a full evaluation.
        arguments: arguments of ``function`` for a trial, a fold and a fidelity.
        listener: who hears what happens.
        maximise: whether larger scores are better.
        function: what a worker calls for a fold (``module:name``); it returns an object with
            ``scores``, ``seconds``, ``fit_seconds`` and ``warnings``.
        faults_pause: after a fault wait for `proceed` (the window) instead of raising it.
        continues: whether a fit at a higher fidelity goes on where the one before stopped.
        forget: hears of trials that are final, whose fits will not be continued.
        aside: what workers do that the search can spare.
    """

    def __init__(
        self,
        plan: Plan,
        archive: Archive,
        tuner: Tuner,
        workers: Workers,
        terminator: Terminator,
        jobs: int,
        arguments: Callable[[TrialRecord, int, float], tuple[Any, ...]],
        listener: Listener,
        *,
        maximise: bool,
        function: str = FOLD_FUNCTION,
        faults_pause: bool = True,
        continues: bool = False,
        forget: Callable[[int], None] = lambda _: None,
        aside: Aside | None = None,
    ) -> None:
        self._plan = plan
        self._archive = archive
        self._tuner = tuner
        self._workers = workers
        self._terminator = terminator
        self._arguments = arguments
        self._listener = listener
        self._function = function
        self._faults_pause = faults_pause
        self._forget = forget

        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ledger = Ledger(plan, jobs, continues=continues)
        self._dispatch = Dispatch(workers, plan.limits, aside)
        self._tally = Tally(maximise=maximise)
        self._telling = Telling(
            plan, archive, tuner, self._ledger, self._tally, jobs, self._note_end
        )
        self._aside = aside
        # What a full disk has kept from being recorded; recorded before anything else.
        self._asked: Proposal | None = None
        self._unrecorded: deque[FoldResult] = deque()
        self._watch = Stopwatch()
        self._paused = False
        self._enough = False
        """Nothing more will be asked."""
        self._starved = False
        """The tuner asks for nothing until something is told."""
        self._ending: Ending | None = None

    # --- from other threads -----------------------------------------------------------------------

    def pause(self) -> None:
        """No new fits until `proceed`; running ones end."""
        self._command(lambda: self._pause(None))

    def proceed(self) -> None:
        """Go on after a pause."""
        self._command(self._proceed)

    def stop(self) -> None:
        """End now. Running fits are dropped; their trials can be taken up later."""
        self._command(lambda: self._end(Ending.STOPPED))

    def abandon(self) -> None:
        """Leave now, as if the power had gone; what was recorded stays."""
        self._command(lambda: self._end(Ending.ABANDONED))

    def kill(self, trial: int) -> None:
        """End one running trial; it counts as failed, killed by the person."""
        self._command(lambda: self._kill(trial))

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
        """Search until the budget is used up or someone ends it.

        Raises:
            RunError: for a fault (full disk, failures alike in a row), unless ``faults_pause``.
        """
        self._restore()
        try:
            while self._ending is None:
                try:
                    self._step()
                except RunError as error:
                    if not self._faults_pause:
                        raise
                    self._pause(error)
                self._report()
                if self._ending is None:
                    self._wait()
        finally:
            self._drop_running()
            self._watch.pause()
        while not self._commands.empty():
            self._commands.get()()  # whoever waits for an answer hears that it is over
        return self._ending

    def _step(self) -> None:
        self._record()
        if self._aside is not None:
            self._aside.record()
        self._settle()
        self._judge()
        if self._paused or self._ending is not None:
            return
        self._dispatch.call_beside(spare=False)
        self._fill()
        self._dispatch.call_beside(spare=True)
        under_way = self._dispatch.busy or self._ledger.pending
        if not under_way and (self._enough or self._starved or self._tuner.exhausted):
            self._end(Ending.FINISHED)

    def _wait(self) -> None:
        idle = self._paused and not self._dispatch.busy
        for arrival in self._dispatch.poll(None if idle else TICK_SECONDS):
            self._take_in(arrival)
        while not self._commands.empty():
            self._commands.get()()

    # --- asking and handing out -------------------------------------------------------------------

    def _fill(self) -> None:
        while self._dispatch.idle:
            if (waiting := self._dispatch.next()) is not None:
                number, fold = waiting
                pending = self._ledger.pending.get(number)
                if pending is not None and fold in pending.missing:
                    self._submit(pending, fold)
            elif not self._ask():
                return

    def _ask(self) -> bool:
        if self._enough or (self._asked is None and not self._ledger.may_ask):
            return False
        self._asked = self._asked or self._tuner.ask()
        self._starved = self._asked is None
        if self._asked is None:
            return self._settle()
        proposal = self._asked
        is_new = proposal.trial not in self._archive.trials
        trial = self._archive.begin(proposal)
        self._asked = None
        if is_new:
            self._tally.begun()
        self._take_up(proposal)
        self._enough = self._has_begun_enough()
        self._listener.changed(trial, None)
        return True

    def _take_up(self, proposal: Proposal) -> None:
        folds = self._ledger.take_up(proposal, self._archive.trials[proposal.trial])
        self._dispatch.queue(proposal.number, folds)

    def _submit(self, pending: Pending, fold: int) -> None:
        trial = self._archive.trials[pending.proposal.trial]
        arguments = self._arguments(trial, fold, pending.proposal.fidelity)
        self._dispatch.submit(pending.proposal.number, fold, self._function, arguments)

    # --- taking in --------------------------------------------------------------------------------

    def _take_in(self, arrival: Arrival) -> None:
        number, fold, outcome = arrival
        pending = self._ledger.pending.get(number)
        if pending is not None and fold in pending.missing:
            evaluation = self._plan.evaluation
            self._unrecorded.append(fold_result(outcome, pending.proposal, fold, evaluation))

    def _record(self) -> None:
        while self._unrecorded:
            result = self._unrecorded[0]
            self._archive.add_fold(result)
            self._unrecorded.popleft()
            for number in self._ledger.record(result):
                self._dispatch.kill(number)
            self._listener.changed(self._archive.trials[result.trial], result)

    def _settle(self) -> bool:
        """Tell the tuner what can be told and record what it decides; whether there was
        anything."""
        self._telling.write()
        told = False
        while self._telling.next(
            nothing_to_ask=self._enough or self._starved or self._tuner.exhausted
        ):
            self._starved = False
            told = True
        return told

    def _note_end(self, trial: TrialRecord) -> None:
        self._forget(trial.number)
        if self._aside is not None:
            self._aside.observe(trial)
        self._listener.changed(trial, None)

    # --- ending -----------------------------------------------------------------------------------

    def _judge(self) -> None:
        standing = self._standing(self._ledger.evaluations)
        if self._terminator.reached(standing):
            self._enough = True
            seconds = self._plan.budget.seconds
            out_of_time = seconds is not None and standing.elapsed >= seconds
            if out_of_time and self._tally.best is not None:  # else nothing at all would be found
                self._end(Ending.FINISHED)

    @property
    def reason(self) -> str:
        """Why the search ended by itself, as a sentence; empty if it did not."""
        standing = self._standing(self._ledger.evaluations)
        reason = self._terminator.reason(standing)
        if reason or not self._starved:
            return reason
        return self._tuner.spent if self._tuner.exhausted else "The method's schedule is complete."

    @property
    def seconds(self) -> float:
        """Time at work so far, earlier lives of the search included."""
        return self._watch.seconds

    @property
    def evaluations(self) -> float:
        """Full evaluations done so far."""
        return self._ledger.done

    def _has_begun_enough(self) -> bool:
        return self._terminator.reached(self._standing(self._ledger.begun))

    def _end(self, ending: Ending) -> None:
        self._ending = self._ending or ending

    def _drop_running(self) -> None:
        """Kill the running fits; results that arrive meanwhile are still recorded."""
        for arrival in self._dispatch.drop():
            self._take_in(arrival)
        try:
            self._record()
            self._telling.write()
        except RunError:
            self._unrecorded.clear()  # a resume will compute it again

    # --- commands ---------------------------------------------------------------------------------

    def _pause(self, error: TunesmithError | None) -> None:
        if not self._paused:
            self._paused = True
            self._watch.pause()
            self._listener.paused(error)

    def _proceed(self) -> None:
        if self._paused:
            self._paused = False
            self._tally.forgive()
            self._watch.proceed()
            self._listener.proceeded()

    def _enqueue(self, configuration: Configuration, answer: Future[int]) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        try:
            # One that could not be recorded for a full disk has the next number.
            if self._ending is not None or self._asked is not None:
                raise RunError("run.gone")
            number, trial = self._tuner.next_number, len(self._archive.trials)
            proposal = Proposal(number, trial, configuration, origin="person")
            begun = self._archive.begin(proposal)
        except RunError as error:
            answer.set_exception(error)
            return
        self._tuner.adopt(proposal)
        self._tally.begun()
        folds = self._ledger.take_up(proposal, begun)
        self._dispatch.put_first(number, folds)
        self._enough = self._enough or self._has_begun_enough()
        self._listener.changed(begun, None)
        answer.set_result(trial)

    def _kill(self, trial: int) -> None:
        for number, pending in self._ledger.pending.items():
            fidelity = pending.proposal.fidelity
            arrived = (r for r in self._unrecorded if (r.trial, r.fidelity) == (trial, fidelity))
            missing = pending.missing - {result.fold for result in arrived}
            if pending.proposal.trial == trial and missing:
                self._dispatch.kill(number)
                self._unrecorded.append(
                    FoldResult(
                        trial=trial,
                        fold=min(missing),
                        fidelity=fidelity,
                        started=time.time(),
                        cause=Cause.KILLED,
                        message=str(RunError("fit.killed")),
                    )
                )

    # --- standing ---------------------------------------------------------------------------------

    def _restore(self) -> None:
        """Bring tuner, ledger and counts to where the archive is."""
        archive = self._archive
        self._tally.recount(archive.trials.values())
        self._telling.restore()
        told = set(archive.told)
        for number, proposal in sorted(archive.proposals.items()):
            if number in told:
                continue
            if archive.trials[proposal.trial].state is TrialState.RUNNING:
                self._tuner.adopt(proposal)
                self._take_up(proposal)
            else:
                self._telling.discarded(proposal)
        self._watch = Stopwatch(active_seconds(archive.trials.values()))
        self._enough = self._has_begun_enough()

    def _standing(self, evaluations: float) -> Standing:
        return Standing(
            evaluations=evaluations,
            elapsed=self._watch.seconds,
            best=self._tally.best,
            since_improvement=self._ledger.evaluations - self._tally.evaluations_at_best,
        )

    def _report(self) -> None:
        standing = self._standing(self._ledger.done)
        self._listener.progressed(
            Counts(
                standing=standing,
                fraction=self._terminator.fraction(standing),
                trials=len(self._archive.trials),
                complete=self._tally[TrialState.COMPLETE],
                failed=self._tally[TrialState.FAILED],
                pruned=self._tally[TrialState.PRUNED],
                busy=self._dispatch.busy,
                workers=self._workers.size,
            )
        )
