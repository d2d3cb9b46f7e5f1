"""`WorkerQueue`: the one place where worker processes are used, on one thread.

It runs one thing at a time: a probe, a search, or the fit of a final model. The workers stay warm
between them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from engine.runs.run_executor import WORKER_MODULES
from engine.workers import LocalPool, Workers

StartWorkers = Callable[[int, tuple[str, ...]], Workers]
"""Starts workers: how many, and the modules that each imports first."""


class WorkerQueue:
    """Runs actions that need workers, one at a time, on a thread of its own."""

    def __init__(self, start_workers: StartWorkers = LocalPool) -> None:
        self._start_workers = start_workers
        self._pool: Workers | None = None
        self._modules: tuple[str, ...] = ()
        """Modules that its workers have imported."""
        self._actions: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True, name="worker-queue")
        self._thread.start()

    def run(
        self,
        workers: int,
        modules: tuple[str, ...],
        action: Callable[[Workers], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Call ``action`` with a warm pool, after the actions queued before it.

        Args:
            workers: size of the pool.
            modules: that its workers have imported.
            action: called in the queue's thread.
            failed: called with what ``action`` raises; the pool is then started anew for the next
                one.
        """
        self._actions.put(lambda: self._perform(workers, modules, action, failed))

    def warm_up(self, workers: int) -> None:
        """Start workers now, so that the first fit need not wait for them."""
        # The reason why they can't be started goes to the next who needs them.
        nothing = (lambda pool: None), (lambda error: None)
        self._actions.put(lambda: self._perform(workers, WORKER_MODULES, *nothing))

    def wake(self) -> None:
        """Make the running action look up from waiting; see `Workers.wake`."""
        pool = self._pool
        if pool is not None:
            pool.wake()

    def close(self, timeout: float) -> None:
        """End the workers once the running action has ended; waits up to ``timeout`` seconds."""
        self._actions.put(None)
        self._thread.join(timeout)

    def _perform(
        self,
        workers: int,
        modules: tuple[str, ...],
        action: Callable[[Workers], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            action(self._warm(workers, modules))
        except Exception as error:
            self._put_away()
            failed(error)

    def _warm(self, workers: int, modules: tuple[str, ...]) -> Workers:
        ready = set(modules) <= set(self._modules)
        if self._pool is not None and self._pool.size == workers and ready:
            return self._pool
        self._put_away()
        self._pool = self._start_workers(workers, modules)
        self._modules = modules
        return self._pool

    def _put_away(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _work(self) -> None:
        while (action := self._actions.get()) is not None:
            action()
        self._put_away()
