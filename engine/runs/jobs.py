"""Fold jobs outside a search: begun as workers become free, waited for, given up when cancelled."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from engine.errors import Cancelled
from engine.workers.base import Job, Outcome, Workers


def carry_out(
    jobs: Sequence[Job],
    workers: Workers,
    cancelled: Callable[[], bool] = lambda: False,
    until: float = math.inf,
) -> list[Outcome]:
    """The outcomes of those ``jobs`` that could be begun ``until`` then, in their order; no worker
    is left busy.

    Raises:
        Cancelled: if it was.
    """
    waiting = list(reversed(jobs))
    running: set[int] = set()
    outcomes: dict[int, Outcome] = {}
    while running or waiting:
        if cancelled():
            for number in running:
                workers.kill(number)
            while running:
                running -= {outcome.job.id for outcome in workers.poll(None)}
            raise Cancelled
        if time.monotonic() >= until:
            waiting.clear()
        while waiting and workers.idle:
            job = waiting.pop()
            workers.submit(job)
            running.add(job.id)
        if running:
            outcomes.update((outcome.job.id, outcome) for outcome in workers.poll(None))
            running -= outcomes.keys()
    return [outcomes[job.id] for job in jobs if job.id in outcomes]
