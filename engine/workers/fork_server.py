"""The life of multiprocessing's fork server: one an engine, shared by all pools, ended with them.

multiprocessing ends it and its resource tracker only with the engine itself; ending them earlier
takes a few of its private names, all of which are used here.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import psutil

EXISTS = "forkserver" in multiprocessing.get_all_start_methods()
VARIABLE = "TUNESMITH_PRELOAD"
"""Environment variable: the engine's process id and the modules to import, between spaces."""

_PRELOAD = "engine.workers.preload"  # not imported here, since it acts when it is

_lock = threading.Lock()
_pools = 0
_preload: tuple[str, ...] = ()
_tracker_is_ours = False


def enter(preload: Sequence[str]) -> None:
    """Note one more pool; the first decides what the server imports ahead."""
    global _pools, _preload, _tracker_is_ours
    with _lock:
        if _pools == 0 and EXISTS:
            _preload = tuple(preload)
            # If it runs already, this process uses the tracker for things of its own.
            _tracker_is_ours = _private("resource_tracker", "_resource_tracker")._fd is None
        _pools += 1


def leave() -> None:
    """Note one pool less; with the last, the server and its tracker end."""
    global _pools
    with _lock:
        _pools -= 1
        if _pools == 0 and EXISTS:
            _end()
            if _tracker_is_ours:
                _private("resource_tracker", "_resource_tracker")._stop()


def environment() -> dict[str, str]:
    """What to tell a new server by its environment."""
    return {VARIABLE: " ".join((str(os.getpid()), *_preload))}


def ensure() -> None:
    """Start the server if it does not run. Returns at once; forking waits for its imports."""
    multiprocessing.get_context("forkserver").set_forkserver_preload([_PRELOAD])
    with _lock, _without_interrupts():
        _private("forkserver", "ensure_running")()


def give_up_preload() -> None:
    """After a server has died: let the next one import nothing, since a module may be to blame."""
    global _preload
    with _lock:
        if EXISTS:
            _preload = ()
            _end()


def _end() -> None:
    server = _private("forkserver", "_forkserver")
    if server._forkserver_pid is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            # It would wait for whatever processes the workers' jobs have left behind.
            psutil.Process(server._forkserver_pid).kill()
        server._stop()


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """What is started here, and what that forks, has SIGINT blocked until it chooses to ignore it.

    So Ctrl-C while workers come up is for the engine alone.
    """
    if sys.platform == "win32":
        yield
        return
    _private("resource_tracker", "ensure_running")()  # starting it later would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _private(module: str, name: str) -> Any:
    """A name of multiprocessing's helper modules, which Windows does not have."""
    return getattr(importlib.import_module(f"multiprocessing.{module}"), name)
