"""Fold jobs outside a search: begun as workers become free, waited for, stopped when cancelled."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from engine.errors import Cancelled
from engine.workers.base import Job, JobResult, Workers


def carry_out(
    jobs: Sequence[Job],
    workers: Workers,
    cancelled: Callable[[], bool] = lambda: False,
    until: float = math.inf,
) -> list[JobResult]:
    """Carry out ``jobs`` on ``workers``; when it returns or raises, no worker is busy with any of
    them.

    Args:
        jobs: to begin in this order.
        workers: idle ones.
        cancelled: asked between results; True ends all.
        until: monotonic time in seconds after which no further job is begun.

    Returns:
        Results of the jobs that were begun, in the order of ``jobs``.

    Raises:
        Cancelled: once ``cancelled`` says so.
    """
    waiting = list(reversed(jobs))
    running: set[int] = set()
    results: dict[int, JobResult] = {}
    while running or waiting:
        if cancelled():
            for number in running:
                workers.kill(number)
            while running:
                running -= {result.job_id for result in workers.poll(None)}
            raise Cancelled
        if time.monotonic() >= until:
            waiting.clear()
        while waiting and workers.idle:
            job = waiting.pop()
            workers.submit(job)
            running.add(job.id)
        if running:
            results.update((result.job_id, result) for result in workers.poll(None))
            running -= results.keys()
    return [results[job.id] for job in jobs if job.id in results]
