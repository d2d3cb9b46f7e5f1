"""Background tasks of a search (outer-test scores): jobs on workers that the search can spare.

Their results go to whoever submitted them, never to the tuner, the terminator or the listener.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.domain.trials import Cause
from engine.workers.base import JobResult

SHARE = 0.1
"""Of the time that folds have taken: so long may background tasks keep workers from folds."""


class BackgroundTask(NamedTuple):
    """A job that runs among the folds of a search.

    Attributes:
        function: what a worker calls (``module:name``), with ``args``.
        deliver: called in the search's thread with the result. Where it raises `RunError`, for a
            full disk, it is called again with the same result once that may work.
    """

    function: str
    args: tuple[Any, ...]
    deliver: Callable[[JobResult], None]


class BackgroundQueue:
    """Background tasks in the order submitted; one runs at a time."""

    def __init__(self) -> None:
        self._waiting: deque[BackgroundTask] = deque()
        self._running: BackgroundTask | None = None
        self._finished: deque[tuple[BackgroundTask, JobResult]] = deque()
        """Those whose results are not delivered yet."""
        self._seconds = 0.0
        """Time spent in tasks so far."""

    def add(self, task: BackgroundTask) -> None:
        """Have ``task`` run after those that wait."""
        self._waiting.append(task)

    def start(self, fold_seconds: float | None) -> BackgroundTask | None:
        """The next task, if it should run now; it is then the running one.

        Args:
            fold_seconds: time that folds have taken so far, where the worker would otherwise do
                one; None where it would be idle.
        """
        if self._running is not None or not self._waiting:
            return None
        if fold_seconds is not None and self._seconds > SHARE * fold_seconds:
            return None
        self._running = self._waiting.popleft()
        return self._running

    def finish(self, result: JobResult) -> None:
        """Take in what the running task gave; one that was killed will run again."""
        task, self._running = self._running, None
        assert task is not None, "it was started"
        if result.cause is Cause.KILLED:
            self._waiting.appendleft(task)
        else:
            self._seconds += result.seconds
            self._finished.append((task, result))

    def deliver(self) -> None:
        """Hand results to the owners of their tasks.

        Raises:
            RunError: if an owner can't record its result; it is kept.
        """
        while self._finished:
            task, result = self._finished[0]
            task.deliver(result)
            self._finished.popleft()
