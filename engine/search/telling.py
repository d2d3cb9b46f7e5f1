"""`Telling`: what the tuner is told, and what it decides, on the way into the archive."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from engine.archive import Archive
from engine.domain.trials import TrialRecord, TrialState
from engine.plan import Plan
from engine.search.ledger import Ledger, Pending, means
from engine.search.outcomes import dropped
from engine.search.tally import Tally
from engine.tuners.base import Decision, Proposal, Result, Tuner


class Telling:
    """Tells the tuner of proposals whose folds are there and records its decisions.

    What can't be written, for a full disk, waits and is written before anything else is told.

    Args:
        plan: of the search.
        archive: open for writing.
        tuner: told.
        ledger: knows what can be told.
        tally: hears of scores and failures.
        jobs: folds of a full evaluation.
        ended: hears of each trial that became final.
    """

    def __init__(
        self,
        plan: Plan,
        archive: Archive,
        tuner: Tuner,
        ledger: Ledger,
        tally: Tally,
        jobs: int,
        ended: Callable[[TrialRecord], None],
    ) -> None:
        self._plan = plan
        self._archive = archive
        self._tuner = tuner
        self._ledger = ledger
        self._tally = tally
        self._jobs = jobs
        self._ended = ended
        self._unwritten: deque[Callable[[], None]] = deque()

    def next(self, *, nothing_to_ask: bool) -> bool:
        """Tell the tuner of the next proposal that can be told; False if there is none.

        Args:
            nothing_to_ask: whether only what is told can bring the search on.

        Raises:
            RunError: if it can't be recorded, or the last proposals failed and all alike.
        """
        pending = self._ledger.next_to_tell(nothing_to_ask=nothing_to_ask)
        if pending is None:
            return False
        self._tell(pending)
        self.write()
        return True

    def write(self) -> None:
        """Record what waits for it; raises as `next`."""
        while self._unwritten:
            self._unwritten[0]()
            self._unwritten.popleft()
            self._tally.check()

    def restore(self) -> None:
        """Tell a fresh tuner, in the old order, what it was told before the search was left.

        Its decisions are in the archive, but for those that a kill kept from being written.
        """
        archive = self._archive
        for number in archive.told:
            proposal = archive.proposals[number]
            self._tuner.adopt(proposal)
            self._ledger.take_up(proposal, archive.trials[proposal.trial])
            pending = self._ledger.pending[number]
            decisions = self._tuner.tell(proposal, self._ledger.result(pending))
            self._ledger.close(pending)
            for decision in decisions:
                trial = archive.trials[decision.trial]
                if trial.state is TrialState.RUNNING:
                    self._unwritten.append(self._verdict(decision, pending))
                else:
                    self._tally.score(trial.value, self._ledger.evaluations)

    def discarded(self, proposal: Proposal) -> None:
        """Tell of a proposal of an earlier sitting that was given up unfinished."""
        self._tuner.adopt(proposal)
        self._tuner.tell(proposal, Result(None))

    def _tell(self, pending: Pending) -> None:
        proposal, result = pending.proposal, self._ledger.result(pending)
        decisions = self._tuner.tell(proposal, result)
        self._ledger.close(pending)
        # Its own trial first: the archive then knows that the tuner was told. What is lost by a
        # kill in between is decided again when the search is restored.
        own = [d for d in decisions if d.trial == proposal.trial]
        if not own:
            self._unwritten.append(lambda: self._hear(proposal, result.value))
        for decision in (*own, *(d for d in decisions if d.trial != proposal.trial)):
            self._unwritten.append(self._verdict(decision, pending))
        self._tally.failure(pending.failure)

    def _hear(self, proposal: Proposal, value: float | None) -> None:
        trial = self._archive.trials[proposal.trial]
        folds = len(trial.at(proposal.fidelity)) / self._jobs
        self._archive.hear(proposal, round(1000 * folds * proposal.fidelity), value)

    def _verdict(self, decision: Decision, pending: Pending) -> Callable[[], None]:
        """Writes ``decision``, which followed from the result of ``pending``."""
        told = pending.proposal if decision.trial == pending.proposal.trial else None
        failure = pending.failure if told is not None else None

        def write() -> None:
            trial = self._archive.trials[decision.trial]
            value, also, message = None, (), failure.message if failure else ""
            if decision.state is TrialState.COMPLETE:
                value, *also = means(trial.folds.values(), self._plan.evaluation)
            elif decision.state is TrialState.PRUNED:
                message = dropped(trial, self._jobs)
            self._archive.finish(
                decision.trial,
                decision.state,
                value=value,
                also=tuple(also),
                cause=failure.cause if failure else None,
                message=message,
                told=told,
            )
            self._tally.ended(decision.state)
            self._tally.score(value, self._ledger.evaluations)
            self._ended(trial)

        return write
