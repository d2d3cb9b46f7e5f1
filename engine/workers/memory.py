"""How much memory processes use, in bytes; and a bound on what this one may take."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator

import psutil

if sys.platform != "win32":
    import resource

MB = 1_000_000
HEADROOM_MB = 1_000
"""What a bound leaves beyond the limit: memory that is asked for and not touched counts too."""


def resident() -> int:
    """Resident memory of this process."""
    return psutil.Process().memory_info().rss


def high_water() -> int:
    """The most that this process ever had resident."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def of_trees(pids: Iterable[int]) -> dict[int, int]:
    """Resident memory of each of these descendants of this process, with its own descendants.

    A process that has ended is left out. All trees are found in one pass over the system's
    processes, which is what costs (a few milliseconds).
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
        while ancestor is not None and ancestor not in totals:
            ancestor = parents.get(ancestor)
        if ancestor is not None:
            totals[ancestor] += size
    return {pid: total for pid, total in totals.items() if pid in sizes}


@contextlib.contextmanager
def bounded(limit_mb: float | None) -> Iterator[None]:
    """While it lasts, this process gets no more memory than ``limit_mb`` and some headroom beyond
    what it has: asking for more is a MemoryError. On Linux only; None for no bound.

    A backstop for what takes gigabytes at once, between two looks at `of_trees`. The bound is on
    the data of the process (``RLIMIT_DATA``), which its children inherit.
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
