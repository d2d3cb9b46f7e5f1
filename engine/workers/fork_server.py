"""The life of multiprocessing's fork server: one an engine, shared by all pools, ended with them.

multiprocessing ends it only with the engine itself, so the last pool kills it; multiprocessing
starts another when one is needed. Its resource tracker is left alone: whatever else uses
multiprocessing in this process, joblib for one, shares it, and it ends with the last of them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence

import psutil

EXISTS = "forkserver" in multiprocessing.get_all_start_methods()
VARIABLE = "TUNESMITH_PRELOAD"
"""Environment variable: the engine's process id and the modules to import, between spaces."""

_PRELOAD = "engine.workers.preload"  # not imported here, since it acts when it is

_lock = threading.Lock()
_pools = 0
_preload: tuple[str, ...] = ()


def enter(preload: Sequence[str]) -> None:
    """Note one more pool; the first decides what the server imports ahead."""
    global _pools, _preload
    with _lock:
        if _pools == 0:
            _preload = tuple(preload)
        _pools += 1


def leave() -> None:
    """Note one pool less; with the last, the server ends."""
    global _pools
    with _lock:
        _pools -= 1
        if _pools == 0:
            _end()


def environment() -> dict[str, str]:
    """Environment variables for a new server."""
    return {VARIABLE: " ".join((str(os.getpid()), *_preload))}


def ensure() -> None:
    """Start the server if it does not run. Returns at once; forking waits for its imports."""
    from multiprocessing import forkserver, resource_tracker  # there is neither on Windows

    forkserver.set_forkserver_preload([_PRELOAD])
    with _lock:
        resource_tracker.ensure_running()  # starting it later would unblock the signal
        # The server and its workers inherit the block, until they choose to ignore the signal: so
        # Ctrl-C while workers come up is for the engine alone.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def give_up_preload() -> None:
    """After a server has died: let the next one import nothing, since a module may be to blame."""
    global _preload
    with _lock:
        _preload = ()
        _end()


def _end() -> None:
    """Kill the server, and wait until multiprocessing can see that it has ended."""
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if _is_server(process):
                # Asked to end, it would wait for the processes that workers' jobs have left behind.
                process.kill()
                # To wait as for a child of ours would reap it, which multiprocessing does itself.
                while process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.001)


def _is_server(process: psutil.Process) -> bool:
    """Whether a child process is the fork server and was started by `ensure`."""
    return VARIABLE in process.environ() and any(
        "multiprocessing.forkserver" in word for word in process.cmdline()
    )
