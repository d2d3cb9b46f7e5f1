"""`Dispatch`: folds that wait for a worker, and what workers are at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from engine.domain.trials import Cause
from engine.plan import Limits
from engine.search.aside import Aside
from engine.workers.base import Job, Outcome, Workers


class Arrival(NamedTuple):
    """What became of a fold."""

    proposal: int
    fold: int
    outcome: Outcome


class Dispatch:
    """Hands folds to workers and takes back what became of them; calls beside the search go to
    whoever asked for them.

    Args:
        workers: idle ones.
        limits: of one call.
        aside: what workers do that the search can spare.
    """

    def __init__(self, workers: Workers, limits: Limits, aside: Aside | None) -> None:
        self._workers = workers
        self._limits = limits
        self._aside = aside
        self._waiting: deque[tuple[int, int]] = deque()
        """Proposal number and fold."""
        self._running: dict[int, tuple[int, int]] = {}
        """Job id -> proposal number and fold."""
        self._next_job = 0
        self._beside: int | None = None
        """Job id of the call beside the search."""
        self._worked = 0.0
        """Seconds that the search's fits have taken in this sitting."""

    @property
    def busy(self) -> int:
        """Workers that do folds."""
        return len(self._running)

    @property
    def idle(self) -> int:
        """Workers that do nothing."""
        return self._workers.idle

    # --- handing out ------------------------------------------------------------------------------

    def queue(self, proposal: int, folds: Iterable[int]) -> None:
        """Have ``folds`` done after those that wait."""
        self._waiting.extend((proposal, fold) for fold in folds)

    def put_first(self, proposal: int, folds: Iterable[int]) -> None:
        """Have ``folds`` done before those that wait."""
        self._waiting.extendleft((proposal, fold) for fold in reversed([*folds]))

    def next(self) -> tuple[int, int] | None:
        """The proposal number and fold that have waited longest; they wait no more."""
        return self._waiting.popleft() if self._waiting else None

    def submit(self, proposal: int, fold: int, function: str, args: tuple[Any, ...]) -> None:
        """Have a worker do ``fold``; one must be idle."""
        self._running[self._submit(function, args)] = (proposal, fold)

    def call_beside(self, *, spare: bool) -> None:
        """Make the next call beside the search, if there is one and a worker for it.

        Args:
            spare: whether the search has nothing for that worker.
        """
        if self._aside is None or self._beside is not None or not self._workers.idle:
            return
        call = self._aside.next(None if spare else self._worked)
        if call is not None:
            self._beside = self._submit(call.function, call.args)

    def _submit(self, function: str, args: tuple[Any, ...]) -> int:
        job = Job(self._next_job, function, args, self._limits.seconds, self._limits.memory_mb)
        self._workers.submit(job)
        self._next_job += 1
        return job.id

    # --- taking back ------------------------------------------------------------------------------

    def poll(self, timeout: float | None) -> Iterator[Arrival]:
        """What has arrived; see `Workers.poll`."""
        for outcome in self._workers.poll(timeout):
            if outcome.job.id == self._beside:
                self._beside = None
                assert self._aside is not None, "it has made the call"
                self._aside.heard(outcome)
            else:
                self._worked += outcome.seconds
                yield Arrival(*self._running.pop(outcome.job.id), outcome)

    def kill(self, proposal: int) -> None:
        """Stop the running folds of ``proposal``."""
        for job, (number, _) in self._running.items():
            if number == proposal:
                self._workers.kill(job)

    def drop(self) -> Iterator[Arrival]:
        """Stop everything; yields what was done before it could be stopped."""
        for job in (*self._running, *(() if self._beside is None else (self._beside,))):
            self._workers.kill(job)
        while self._running or self._beside is not None:
            for arrival in self.poll(None):
                if arrival.outcome.cause is not Cause.KILLED:
                    yield arrival
