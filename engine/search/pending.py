"""`PendingProposals`: a search's proposals between being asked and being told.

The rules of reproducibility are all here: when the next proposal may be
asked (`PendingProposals.may_ask`), which result the tuner is told next (`next_to_tell`), and how a
fresh tuner is brought to where an archive is (`restore`).

What can't be written, for a full disk, waits and is written before anything else is: a fold result
in ``_unrecorded``, a decision of the tuner in ``_unwritten``.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from engine.domain.trials import Cause, FoldResult, TrialRecord, TrialState
from engine.errors import RunError
from engine.search.folds import drop_sentence, failure_kind, fold_result, means, reached
from engine.search.spec import SearchSpec
from engine.tuners.base import Decision, Proposal, Result
from engine.workers.base import JobResult

EQUAL_FAILURES = 5
"""So many failures in a row, all alike, pause the search."""


@dataclass
class PendingProposal:
    """A proposal whose result is not told yet."""

    proposal: Proposal
    missing: set[int]
    """Folds to do."""
    results: dict[int, FoldResult] = field(default_factory=dict)
    shares: dict[int, float] = field(default_factory=dict)
    """Cost of each fold, as a share of a full fit."""

    @property
    def done(self) -> float:
        """Cost of the folds done."""
        return math.fsum(self.shares[fold] for fold in self.results)

    @property
    def begun(self) -> float:
        """Cost of the folds done or to do."""
        return math.fsum(self.shares[fold] for fold in (*self.results, *self.missing))

    @property
    def failure(self) -> FoldResult | None:
        """The failed fold with the lowest index."""
        failed = [r for r in self.results.values() if r.cause is not None]
        return min(failed, key=lambda r: r.fold, default=None)


class PendingProposals:
    """Proposals under way in the order asked, their results on the way to archive and tuner, and
    what the search has come to by those told.

    Args:
        spec: of the search.
        trial_ended: called with each trial that is final, once that is recorded.
    """

    def __init__(self, spec: SearchSpec, trial_ended: Callable[[TrialRecord], None]) -> None:
        self._spec = spec
        self._archive = spec.archive
        self._tuner = spec.tuner
        self._evaluation = spec.plan.evaluation
        self._trial_ended = trial_ended
        self._pending: dict[int, PendingProposal] = {}
        """By proposal number."""
        self._waiting: deque[tuple[int, int]] = deque()
        """Proposal number and fold of what a worker is to do."""
        self._unrecorded: deque[FoldResult] = deque()
        self._unwritten: deque[Callable[[], None]] = deque()
        self._failures: list[FoldResult] = []
        """Why the last proposals failed, as far back as they all did."""
        self._told = 0
        self._fits_told = 0.0
        """Cost of what was told, in full fits."""
        self.states: Counter[TrialState] = Counter()
        """How many trials are in each state."""
        self.best: float | None = None
        """Best score of a trial so far."""
        self.evaluations_at_best = 0.0
        """Full evaluations that had been told when ``best`` was found."""

    def __bool__(self) -> bool:
        """Whether any proposal waits for its result."""
        return bool(self._pending)

    # --- asking -----------------------------------------------------------------------------------

    @property
    def may_ask(self) -> bool:
        """Whether the next proposal may be asked now.

        Reproducible: proposal n is asked when exactly the results up to n - q are told, q being the
        number that may be pending. Where the method has nothing to ask then, it is asked again
        after each further result (`next_to_tell`), so more may be told.
        """
        return not self._spec.plan.reproducible or self._told >= self._told_before_next

    def begin(self, proposal: Proposal, *, first: bool = False) -> TrialRecord:
        """Record that ``proposal`` was asked and have its folds done; returns its trial.

        Args:
            first: whether before the folds that wait.

        Raises:
            RunError: if it can't be recorded; nothing has changed then.
        """
        is_new = proposal.trial not in self._archive.trials
        trial = self._archive.begin(proposal)
        if is_new:
            self.states[TrialState.RUNNING] += 1
        self._queue(self._enter(proposal), first=first)
        return trial

    def next_fold(self) -> tuple[Proposal, int] | None:
        """The fold that has waited longest and is still wanted; it waits no more."""
        while self._waiting:
            number, fold = self._waiting.popleft()
            pending = self._pending.get(number)
            if pending is not None and fold in pending.missing:
                return pending.proposal, fold
        return None

    # --- taking in --------------------------------------------------------------------------------

    def receive(self, number: int, fold: int, result: JobResult) -> None:
        """Take in the result of a job; see `record`.

        Args:
            number: of the proposal.
            fold: index.
            result: of the job.
        """
        pending = self._pending.get(number)
        if pending is not None and fold in pending.missing:
            self._unrecorded.append(fold_result(result, pending.proposal, fold, self._evaluation))

    def kill(self, trial: int) -> list[int]:
        """Have the running ``trial`` fail as killed by the person; returns the proposals whose
        folds are to be stopped."""
        killed = []
        for number, pending in self._pending.items():
            fidelity = pending.proposal.fidelity
            arrived = (r for r in self._unrecorded if (r.trial, r.fidelity) == (trial, fidelity))
            missing = pending.missing - {result.fold for result in arrived}
            if pending.proposal.trial == trial and missing:
                killed.append(number)
                failure = FoldResult(
                    trial=trial,
                    fold=min(missing),
                    fidelity=fidelity,
                    started=time.time(),
                    cause=Cause.KILLED,
                    message=str(RunError("fit.killed")),
                )
                self._unrecorded.append(failure)
        return killed

    def record(self) -> Iterator[tuple[FoldResult, list[int]]]:
        """Record what was received: each fold result, with the numbers of proposals whose other
        folds are not worth doing any more.

        Raises:
            RunError: if it can't be recorded; it is kept.
        """
        while self._unrecorded:
            result = self._unrecorded[0]
            self._archive.add_fold(result)
            self._unrecorded.popleft()
            yield result, self._take_in(result)

    def forget_unrecorded(self) -> None:
        """Leave what can't be recorded: a resumed search will do those folds again."""
        self._unrecorded.clear()

    # --- telling ----------------------------------------------------------------------------------

    def next_to_tell(self, *, nothing_to_ask: bool) -> PendingProposal | None:
        """The proposal whose result should be told now, if any.

        Reproducible: in the order asked, and no earlier than the next proposal needs it, unless
        nothing more will be asked before something is told.
        """
        if not self._spec.plan.reproducible:
            return next((p for p in self._pending.values() if not p.missing), None)
        first = next(iter(self._pending.values()), None)
        if first is None or first.missing:
            return None
        return first if nothing_to_ask or self._told < self._told_before_next else None

    def tell(self, *, nothing_to_ask: bool) -> bool:
        """Tell the tuner of `next_to_tell` and write what it decides; False if there is none.

        Args:
            nothing_to_ask: whether the search can't proceed before something is told.

        Raises:
            RunError: if it can't be written, or the last proposals failed and all alike.
        """
        pending = self.next_to_tell(nothing_to_ask=nothing_to_ask)
        if pending is None:
            return False
        proposal = pending.proposal
        result, decisions = self._tell(pending)
        # Its own trial first: the archive then knows that the tuner was told. What is lost by a
        # kill in between is decided again when the search is restored.
        own = [d for d in decisions if d.trial == proposal.trial]
        if not own:
            self._unwritten.append(lambda: self._write_told(proposal, result.value))
        for decision in (*own, *(d for d in decisions if d.trial != proposal.trial)):
            self._unwritten.append(self._writer(decision, pending))
        if pending.failure is None or pending.failure.cause is Cause.KILLED:
            self._failures.clear()
        else:
            self._failures.append(pending.failure)
        self.write()
        return True

    def write(self) -> None:
        """Write the decisions that wait for it; raises as `tell`."""
        while self._unwritten:
            self._unwritten[0]()
            self._unwritten.popleft()
            self._check_failures()

    def forgive(self) -> None:
        """Count failures in a row from here."""
        self._failures.clear()

    def restore(self) -> None:
        """Bring a fresh tuner to where the archive is.

        It is told again, in the old order, what it was told before; its decisions are in the
        archive, but for those that a kill kept from being written. Unfinished proposals are taken
        up with their missing folds; those of trials that were given up have failed.
        """
        archive = self._archive
        self.states = Counter(trial.state for trial in archive.trials.values())
        for number in archive.told:
            self._tuner.adopt(archive.proposals[number])
            pending = self._enter(archive.proposals[number])
            _, decisions = self._tell(pending)
            for decision in decisions:
                trial = archive.trials[decision.trial]
                if trial.state is TrialState.RUNNING:
                    self._unwritten.append(self._writer(decision, pending))
                else:
                    self._note_score(trial.value)
        told = set(archive.told)
        for number, proposal in sorted(archive.proposals.items()):
            if number in told:
                continue
            self._tuner.adopt(proposal)
            if archive.trials[proposal.trial].state is TrialState.RUNNING:
                self._queue(self._enter(proposal))
            else:
                self._tuner.tell(proposal, Result(None))

    # --- counting ---------------------------------------------------------------------------------

    @property
    def evaluations(self) -> float:
        """Full evaluations told; a partial one counts its share."""
        return self._fits_told / self._spec.n_folds

    @property
    def done(self) -> float:
        """Full evaluations done, told or not."""
        open_ = sum(p.done for p in self._pending.values())
        return (self._fits_told + open_) / self._spec.n_folds

    @property
    def begun(self) -> float:
        """Full evaluations that will be done once all pending proposals are."""
        open_ = sum(p.begun for p in self._pending.values())
        return (self._fits_told + open_) / self._spec.n_folds

    # --- within -----------------------------------------------------------------------------------

    @property
    def _told_before_next(self) -> int:
        number = self._told + len(self._pending)
        return max(0, number - self._spec.plan.max_pending + 1)

    def _enter(self, proposal: Proposal) -> PendingProposal:
        """Take ``proposal`` as pending, with the results that its trial has already."""
        trial, n_folds = self._archive.trials[proposal.trial], self._spec.n_folds
        wanted = proposal.folds if proposal.folds is not None else tuple(range(n_folds))
        done = trial.at(proposal.fidelity)
        results = {fold: done[fold] for fold in wanted if fold in done}
        shares = {fold: self._share(proposal.fidelity, fold, trial) for fold in wanted}
        pending = PendingProposal(proposal, set(wanted) - set(results), results, shares)
        self._pending[proposal.number] = pending
        self._drop_rest(pending)
        return pending

    def _queue(self, pending: PendingProposal, *, first: bool = False) -> None:
        number = pending.proposal.number
        folds = [(number, fold) for fold in pending.shares if fold in pending.missing]
        if first:
            self._waiting.extendleft(reversed(folds))
        else:
            self._waiting.extend(folds)

    def _share(self, fidelity: float, fold: int, trial: TrialRecord) -> float:
        before = reached(trial, fold, below=fidelity) if self._spec.warm_starts else 0.0
        return fidelity - before

    def _take_in(self, result: FoldResult) -> list[int]:
        dropped = []
        for number, pending in self._pending.items():
            proposal = pending.proposal
            same = (proposal.trial, proposal.fidelity) == (result.trial, result.fidelity)
            if same and result.fold in pending.missing:
                pending.missing.discard(result.fold)
                pending.results[result.fold] = result
                if self._drop_rest(pending):
                    dropped.append(number)
        return dropped

    def _drop_rest(self, pending: PendingProposal) -> bool:
        """A trial with a failed fold has no score, so its other folds are not worth their time.

        How many of them were done by then depends on the speed of the workers, so a *reproducible*
        search does them all, unless a person killed the trial.
        """
        killed = any(r.cause is Cause.KILLED for r in pending.results.values())
        if pending.failure is None or (self._spec.plan.reproducible and not killed):
            return False
        pending.missing.clear()
        return True

    def _tell(self, pending: PendingProposal) -> tuple[Result, tuple[Decision, ...]]:
        """Tell the tuner; it is pending no more."""
        result = self._result(pending)
        decisions = self._tuner.tell(pending.proposal, result)
        self._fits_told += pending.done
        self._told += 1
        del self._pending[pending.proposal.number]
        return result, decisions

    def _result(self, pending: PendingProposal) -> Result:
        """Means over the folds of ``pending``, no value when one failed."""
        seconds = math.fsum(r.seconds for r in pending.results.values())
        if pending.failure is not None:
            return Result(value=None, seconds=seconds)
        measure = self._evaluation.measure
        values = {f: r.scores[measure] for f, r in sorted(pending.results.items())}
        value, *further = means(pending.results.values(), self._evaluation)
        return Result(value, values, seconds, tuple(further))

    def _write_told(self, proposal: Proposal, value: float | None) -> None:
        """Record that the tuner was told the result of ``proposal``, whose trial is not final."""
        trial = self._archive.trials[proposal.trial]
        folds = len(trial.at(proposal.fidelity)) / self._spec.n_folds
        self._archive.record_told(proposal, round(1000 * folds * proposal.fidelity), value)

    def _writer(self, decision: Decision, pending: PendingProposal) -> Callable[[], None]:
        """Writes ``decision``, which followed from the result of ``pending``."""
        told = pending.proposal if decision.trial == pending.proposal.trial else None
        failure = pending.failure if told is not None else None

        def write() -> None:
            trial = self._archive.trials[decision.trial]
            value, further, message = None, (), failure.message if failure else ""
            if decision.state is TrialState.COMPLETE:
                value, *further = means(trial.folds.values(), self._evaluation)
            elif decision.state is TrialState.PRUNED:
                message = drop_sentence(trial, self._spec.n_folds)
            self._archive.finish(
                decision.trial,
                decision.state,
                value=value,
                further_values=tuple(further),
                cause=failure.cause if failure else None,
                message=message,
                told=told,
            )
            self.states[TrialState.RUNNING] -= 1
            self.states[decision.state] += 1
            self._note_score(value)
            self._trial_ended(trial)

        return write

    def _note_score(self, value: float | None) -> None:
        """Note the score of a trial that ended (None: it has none)."""
        best, maximise = self.best, self._spec.maximise
        if value is not None and (best is None or (value > best if maximise else value < best)):
            self.best, self.evaluations_at_best = value, self.evaluations

    def _check_failures(self) -> None:
        last = self._failures[-EQUAL_FAILURES:]
        if len(last) == EQUAL_FAILURES and len({failure_kind(failure) for failure in last}) == 1:
            raise RunError("run.failing", why=last[-1].message)
