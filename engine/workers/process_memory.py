"""Memory of processes, in bytes; and a bound on that of this one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator

import psutil

if sys.platform != "win32":
    import resource

MB = 1_000_000
HEADROOM_MB = 1_000
"""Allowance of a bound beyond the limit: memory that is allocated and not touched counts too."""


def resident() -> int:
    """Resident memory of this process, in bytes."""
    return psutil.Process().memory_info().rss


def high_water() -> int:
    """Peak resident memory of this process so far, in bytes."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def of_trees(pids: Iterable[int]) -> dict[int, int]:
    """Resident memory of each of these descendants of this process, with its own descendants, in
    bytes.

    A process that has ended is omitted. All trees are found in one pass over the system's
    processes, which dominates the cost (a few milliseconds).
    """
    totals = dict.fromkeys(pids, 0)
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            parents[process.pid] = process.ppid()
            sizes[process.pid] = process.memory_info().rss
        except psutil.Error:  # it ended while we looked
            continue
    for pid, size in sizes.items():
        ancestor: int | None = pid
        # Up the tree to the worker that the process belongs to.
        while ancestor is not None and ancestor not in totals:
            ancestor = parents.get(ancestor)
        if ancestor is not None:
            totals[ancestor] += size
    return {pid: total for pid, total in totals.items() if pid in sizes}


@contextlib.contextmanager
def bounded(limit_mb: float | None) -> Iterator[None]:
    """Context in which this process gets at most ``limit_mb`` and some headroom beyond its present
    memory: allocating more is a MemoryError. On Linux only; None for no bound.

    A backstop for allocations of gigabytes at once, between two checks of `of_trees`. The bound is
    on the data of the process (``RLIMIT_DATA``), which its children inherit.
    """
    if sys.platform != "linux" or limit_mb is None:
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    has = psutil.Process().memory_info().data
    bounds = [has + round((limit_mb + HEADROOM_MB) * MB), before, hard]
    bound = min(b for b in bounds if b != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))
