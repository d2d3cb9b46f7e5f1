"""Workers without processes, for tests of what uses them: a job runs when it is polled for."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.trials import Cause
from engine.workers.base import Job, JobResult


class InlineWorkers:
    """Runs jobs in this process, in the order given by ``pick`` (the oldest first by default).

    Args:
        size: slots.
        functions: what the names of jobs stand for.
        pick: index of the job to run next, among those in flight.
    """

    def __init__(
        self,
        size: int,
        functions: Mapping[str, Callable[..., Any]],
        pick: Callable[[list[Job]], int] = lambda jobs: 0,
    ) -> None:
        self.size = size
        self._functions = functions
        self._pick = pick
        self._jobs: list[Job] = []
        self._killed: list[Job] = []
        self._woken = threading.Event()

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
        if self._jobs:
            job = self._jobs[self._pick(self._jobs)]
            result = self._run(job)
            self._jobs.remove(job)
            return [result]
        self._woken.wait(timeout)
        self._woken.clear()
        return []

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._jobs.clear()

    def _run(self, job: Job) -> JobResult:
        started = time.time()
        try:
            value = self._functions[job.function](*job.args)
        except Exception as error:
            details = traceback.format_exc()
            return JobResult(job.id, None, Cause.ERROR, str(error), details, started=started)
        return JobResult(job.id, value, started=started, seconds=time.time() - started)
