"""The words that every kind of workers shares: a job, its result, and the interface `Workers`."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from engine.domain.trials import Cause


class Job(msgspec.Struct, frozen=True):
    """A call to make in a worker."""

    id: int
    """Unique among the jobs in flight."""
    function: str
    """``module:function``, imported in the worker."""
    args: tuple[Any, ...] = ()
    """Must be picklable, as must be what the function returns."""
    seconds: float | None = None
    """Limit of its wall time in the worker."""
    memory_mb: float | None = None
    """Limit of what it adds to the worker's memory, in MB (10^6 bytes)."""


class JobResult(msgspec.Struct, frozen=True):
    """Result of a job: a value, or the cause why there is none.

    The worker makes it and the pool completes it (`value`, `worker`, `pid`); a job whose worker
    could not answer has one made by the pool.
    """

    job_id: int
    value: Any = None
    """Return value of the function. On the way from the worker to the pool it is pickled, so that a
    value the engine can't load spoils nothing else."""
    cause: Cause | None = None
    message: str = ""
    """For a failure: one sentence (for an error, the first line of the exception's text)."""
    details: str = ""
    """For an error: the traceback."""
    worker: int = 0
    """Slot of the worker, from 0."""
    pid: int = 0
    started: float = 0.0
    """Seconds since the epoch."""
    seconds: float = 0.0
    """Wall time in the worker."""
    memory_mb: float = 0.0
    """The most that it was seen to add to its worker's memory, in MB (10^6 bytes)."""
    resident: int = 0
    """The worker's memory afterwards, in bytes; 0 if it did not answer."""


class Workers(Protocol):
    """Processes that run one job each at a time.

    Everything but `wake` is called from one thread. Limits are kept while `poll` is waiting, so an
    owner with jobs in flight polls at least about once a second.
    """

    @property
    def size(self) -> int:
        """How many jobs can run at once."""
        ...

    @property
    def idle(self) -> int:
        """How many more jobs `submit` takes now."""
        ...

    def submit(self, job: Job) -> None:
        """Start ``job`` as soon as its worker is up; its limits count from then.

        Raises:
            RuntimeError: if no worker is idle, or a job of this id is in flight.
            RunError: if workers can't be started.
        """
        ...

    def kill(self, job_id: int) -> None:
        """Stop a job now, whatever it is doing; its result says `Cause.KILLED`.

        A job that is not in flight (any more) is no error: its result may be on its way.
        """
        ...

    def poll(self, timeout: float | None = None) -> list[JobResult]:
        """Results that have arrived.

        Returns once there is one, after ``timeout`` seconds (None: never), or when woken.

        Raises:
            RunError: if workers can't be started.
        """
        ...

    def wake(self) -> None:
        """Make the running `poll`, or else the next one, return at once. For any thread."""
        ...

    def close(self) -> None:
        """End all workers, whatever they are doing. Jobs in flight have no result."""
        ...
