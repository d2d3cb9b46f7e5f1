"""Workers without processes, for tests of what uses them: a job runs when it is polled for."""

from __future__ import annotations

import importlib
import math
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.trials import Cause
from engine.errors import SENTENCES
from engine.workers.base import Job, JobResult


class Gate:
    """Holds jobs back, so that a test finds them at work for as long as it likes.

    It is open at first. For any thread.
    """

    def __init__(self) -> None:
        self._let = math.inf
        """So many more jobs may run."""
        self._lock = threading.Lock()
        self.woken = threading.Event()
        """Set when who waits at the gate should look up."""

    def hold(self) -> None:
        """Let no job run from now on."""
        with self._lock:
            self._let = 0

    def let(self, jobs: float = math.inf) -> None:
        """Let this many more jobs run; all of them by default."""
        with self._lock:
            self._let += jobs
        self.woken.set()

    def passes(self) -> bool:
        """Whether a job may run now, which is then counted."""
        with self._lock:
            if self._let <= 0:
                return False
            self._let -= 1
            return True


class InlineWorkers:
    """Runs jobs in this process, in the order given by ``pick`` (the oldest first by default).

    Args:
        size: slots.
        functions: what the names of jobs stand for; by default what they name.
        pick: index of the job to run next, among those in flight.
        gate: holds jobs back.
    """

    def __init__(
        self,
        size: int,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        pick: Callable[[list[Job]], int] = lambda jobs: 0,
        gate: Gate | None = None,
    ) -> None:
        self.size = size
        self._functions = functions
        self._pick = pick
        self._gate = gate or Gate()
        self._jobs: list[Job] = []
        self._killed: list[Job] = []

    @property
    def idle(self) -> int:
        return self.size - len(self._jobs)

    def submit(self, job: Job) -> None:
        if not self.idle:
            raise RuntimeError("no worker is idle")
        self._jobs.append(job)

    def kill(self, job_id: int) -> None:
        self._killed += [job for job in self._jobs if job.id == job_id]
        self._jobs = [job for job in self._jobs if job.id != job_id]

    def poll(self, timeout: float | None = None) -> list[JobResult]:
        killed, self._killed = self._killed, []
        if killed:
            return [JobResult(job.id, cause=Cause.KILLED, message="killed") for job in killed]
        if self._jobs and self._gate.passes():
            job = self._jobs[self._pick(self._jobs)]
            result = self._run(job)
            self._jobs.remove(job)
            return [result]
        self._gate.woken.wait(timeout)
        self._gate.woken.clear()
        return []

    def wake(self) -> None:
        self._gate.woken.set()

    def close(self) -> None:
        self._jobs.clear()

    def _run(self, job: Job) -> JobResult:
        started = time.time()
        try:
            value = self._function(job.function)(*job.args)
        except Exception as error:
            details = traceback.format_exc()
            return JobResult(job.id, None, Cause.ERROR, str(error), details, started=started)
        seconds = time.time() - started
        if job.seconds is not None and seconds > job.seconds:  # it can't be interrupted here
            message = SENTENCES["fit.timeout"].format(seconds=job.seconds)
            return JobResult(job.id, None, Cause.TIMEOUT, message, started=started, seconds=seconds)
        return JobResult(job.id, value, started=started, seconds=seconds)

    def _function(self, name: str) -> Callable[..., Any]:
        if self._functions is not None:
            return self._functions[name]
        module, _, function = name.partition(":")
        return getattr(importlib.import_module(module), function)
