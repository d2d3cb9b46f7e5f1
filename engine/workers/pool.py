"""`LocalPool`: a fixed number of slots on this machine, each with a warm worker process."""

from __future__ import annotations

import contextlib
import logging
import pickle
import threading
import time
from collections.abc import Sequence
from multiprocessing import Pipe, connection
from types import TracebackType
from typing import Any, Self

import msgspec

from engine.domain.trials import Cause
from engine.errors import SENTENCES, RunError
from engine.workers import fork_server, process_memory
from engine.workers.base import Job, JobResult
from engine.workers.child import Broken, Logged, Ready, first_line
from engine.workers.worker import Worker

WATCH_SECONDS = 0.25
"""Interval between checks of the memory of jobs with a limit."""
MAX_DEATHS = 3
"""Number of workers in a row that end before they had a job which counts as a fault."""

_log = logging.getLogger(__name__)


class _Slot:
    """Place of one job, with the worker process that runs it."""

    def __init__(self, index: int, worker: Worker) -> None:
        self.index = index
        self.worker = worker
        self.job: Job | None = None
        self.request: bytes | None = None
        """The job's request until it is sent: a worker that is coming up gets it once ready."""
        self.started = 0.0
        self.clock = 0.0
        self.baseline = 0
        self.added = 0

    @property
    def running(self) -> bool:
        """Whether the job was sent to the worker."""
        return self.job is not None and self.request is None

    def give(self, job: Job, request: bytes) -> None:
        """Assign a job and send its request once the worker is up."""
        self.job, self.request = job, request
        self.started, self.clock, self.added = time.time(), time.monotonic(), 0
        self.send()

    def send(self) -> None:
        """Send a waiting request, if the worker is up."""
        if self.request is None or not self.worker.ready:
            return
        self.started, self.clock = time.time(), time.monotonic()
        self.baseline = self.worker.resident
        if self.worker.send(self.request):
            self.request = None

    def take(self) -> Job:
        """Remove and return the job."""
        assert self.job is not None
        job, self.job, self.request = self.job, None, None
        return job


class LocalPool:
    """Workers on this machine (see `engine.workers.base.Workers`).

    Starting the first pool takes as long as importing ``preload`` once.

    Args:
        workers: number of slots.
        preload: modules that every worker has imported before its first job.
        recycle_mb: a worker that has grown by more than this (MB) is replaced after its job.

    Raises:
        RunError: if workers can't be started.
    """

    def __init__(
        self, workers: int, preload: Sequence[str] = (), *, recycle_mb: float = 1500.0
    ) -> None:
        if workers < 1:
            raise ValueError("a pool has at least one worker")
        self._preload = tuple(preload)
        self._recycle = recycle_mb * process_memory.MB
        self._results: list[JobResult] = []
        self._dying: list[Worker] = []
        self._deaths = 0
        self._fault: RunError | None = None
        self._closed = False
        self._next_look = 0.0
        self._bell, self._rope = Pipe(duplex=False)
        self._bell_lock = threading.RLock()  # a signal handler may `wake` while it is held
        self._rung = False
        self._slots: list[_Slot] = []
        fork_server.enter(self._preload)
        try:
            for index in range(workers):
                self._slots.append(_Slot(index, self._new_worker()))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- the face of Workers ------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Number of jobs that can run at once."""
        return len(self._slots)

    @property
    def idle(self) -> int:
        """Number of further jobs that `submit` takes now."""
        return sum(slot.job is None for slot in self._slots)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers, by slot."""
        return tuple(slot.worker.pid for slot in self._slots)

    def submit(self, job: Job) -> None:
        """See `Workers.submit`."""
        self._check()
        if any(slot.job is not None and slot.job.id == job.id for slot in self._slots):
            raise RuntimeError(f"job {job.id} is in flight already")
        free = [slot for slot in self._slots if slot.job is None]
        if not free:
            raise RuntimeError("no worker is idle")
        # One that is up before one that is still coming up.
        slot = next((slot for slot in free if slot.worker.ready), free[0])
        slot.give(job, pickle.dumps(job))

    def kill(self, job_id: int) -> None:
        """See `Workers.kill`."""
        for slot in self._slots:
            if slot.job is not None and slot.job.id == job_id:
                self._stop(slot, Cause.KILLED, SENTENCES["fit.killed"])
                return

    def poll(self, timeout: float | None = None) -> list[JobResult]:
        """See `Workers.poll`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            if self._results:
                results, self._results = self._results, []
                return results
            self._check()
            woken = self._listen(self._patience(deadline))
            self._look()
            self._dying = [worker for worker in self._dying if not worker.release()]
            late = deadline is not None and time.monotonic() >= deadline
            if (woken or late) and not self._results and self._fault is None:
                return []

    def wake(self) -> None:
        """See `Workers.wake`."""
        with self._bell_lock:
            if not self._rung and not self._closed:
                self._rung = True
                self._rope.send_bytes(b"\0")

    def close(self) -> None:
        """See `Workers.close`."""
        with self._bell_lock:
            if self._closed:
                return
            self._closed = True
            self._bell.close()
            self._rope.close()
        workers = [slot.worker for slot in self._slots]
        for worker in workers:
            worker.kill()
        for worker in workers + self._dying:
            worker.release(timeout=2.0)
        self._slots.clear()
        self._dying.clear()
        fork_server.leave()

    # --- listening ----------------------------------------------------------------------------

    def _check(self) -> None:
        if self._closed:
            raise RuntimeError("the pool is closed")
        if self._fault is not None:
            raise self._fault

    def _patience(self, deadline: float | None) -> float | None:
        """Seconds until the next deadline or memory check; None without either."""
        moments = [] if deadline is None else [deadline]
        for slot in self._slots:
            if slot.job is None or not slot.running:
                continue
            if slot.job.seconds is not None:
                moments.append(slot.clock + slot.job.seconds)
            if slot.job.memory_mb is not None:
                moments.append(self._next_look)
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _listen(self, timeout: float | None) -> bool:
        """Wait for messages and deaths and handle them; returns whether `wake` was called."""
        sources: list[Any] = [self._bell]
        for slot in self._slots:
            sources += (slot.worker.connection, slot.worker.sentinel)
        ready = set(connection.wait(sources, timeout))
        for slot in self._slots:
            if slot.worker.connection in ready or slot.worker.sentinel in ready:
                self._hear(slot)
        if self._bell not in ready:
            return False
        with self._bell_lock:
            self._bell.recv_bytes()
            self._rung = False
        return True

    def _hear(self, slot: _Slot) -> None:
        match slot.worker.receive():
            case Ready():
                slot.send()
            case Logged(logger, level, text):
                logging.getLogger(logger).log(level, "worker %d: %s", slot.index, text)
            case JobResult() as result:
                self._finish(slot, result)
            case Broken(why):
                self._replace(slot, why)
            case None:
                why = slot.worker.last_words()
                if slot.running:
                    self._fail(slot, Cause.LOST, SENTENCES["fit.lost"].format(why=why))
                self._replace(slot, why)

    def _finish(self, slot: _Slot, result: JobResult) -> None:
        self._deaths = 0
        value, cause, message = None, result.cause, result.message
        if cause is None:
            try:
                value = pickle.loads(result.value)
            except Exception as error:
                cause, message = Cause.ERROR, f"The result can't be read: {first_line(error)}"
        self._results.append(
            msgspec.structs.replace(
                result,
                job_id=slot.take().id,
                value=value,
                cause=cause,
                message=message,
                worker=slot.index,
                pid=slot.worker.pid,
                memory_mb=max(slot.added / process_memory.MB, result.memory_mb),
            )
        )
        if slot.worker.resident - slot.worker.resident_at_start > self._recycle:
            self._replace(slot, "recycled")

    # --- limits -------------------------------------------------------------------------------

    def _look(self) -> None:
        """Stop the jobs that exceed a limit."""
        now = time.monotonic()
        for slot in self._slots:
            if slot.running and slot.job is not None and slot.job.seconds is not None:
                limit = slot.job.seconds
                if now - slot.clock >= limit:
                    self._stop(slot, Cause.TIMEOUT, SENTENCES["fit.timeout"].format(seconds=limit))
        limited = {
            slot.worker.pid: (slot, slot.job.memory_mb)
            for slot in self._slots
            if slot.running and slot.job is not None and slot.job.memory_mb is not None
        }
        if not limited or now < self._next_look:
            return
        for pid, resident in process_memory.of_trees(limited).items():
            slot, limit = limited[pid]
            slot.added = max(slot.added, resident - slot.baseline)
            if slot.added > limit * process_memory.MB:
                self._stop(slot, Cause.MEMORY, SENTENCES["fit.memory"].format(megabytes=limit))
        self._next_look = time.monotonic() + WATCH_SECONDS

    def _stop(self, slot: _Slot, cause: Cause, message: str) -> None:
        """Fail the slot's job; if it is running, its worker is killed with it."""
        running = slot.running
        self._fail(slot, cause, message)
        if running:
            self._replace(slot, message)

    def _fail(self, slot: _Slot, cause: Cause, message: str) -> None:
        self._results.append(
            JobResult(
                job_id=slot.take().id,
                cause=cause,
                message=message,
                worker=slot.index,
                pid=slot.worker.pid,
                started=slot.started,
                seconds=time.monotonic() - slot.clock,
                memory_mb=slot.added / process_memory.MB,
            )
        )

    # --- workers come and go ------------------------------------------------------------------

    def _replace(self, slot: _Slot, why: str) -> None:
        """Kill the slot's worker and start another; a job that waits for it keeps waiting."""
        _log.info("Worker %d, process %d, is replaced: %s", slot.index, slot.worker.pid, why)
        slot.worker.kill()
        self._dying.append(slot.worker)
        if not slot.worker.used:
            self._count_death(why)
        with contextlib.suppress(RunError):  # kept, and raised by the next call
            slot.worker = self._new_worker()

    def _new_worker(self) -> Worker:
        while self._fault is None:
            try:
                return Worker(self._preload)
            except (OSError, EOFError) as error:
                self._count_death(first_line(error))
                if isinstance(error, EOFError | ConnectionError):
                    fork_server.give_up_preload()
        raise self._fault

    def _count_death(self, why: str) -> None:
        self._deaths += 1
        _log.warning("A worker ended before it had a job: %s", why)
        if self._deaths >= MAX_DEATHS:
            self._fault = RunError("workers.start", why=why)
