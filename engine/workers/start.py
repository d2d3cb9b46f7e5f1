"""Start of worker processes: the start method, and what they inherit.

Where the system has it, workers are forked from multiprocessing's fork server, which imports the
heavy modules once; elsewhere each one is spawned and imports them itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from engine.workers import child, fork_server

_environment_lock = threading.Lock()

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # XLA's (JAX's) thread pools
)


def start(preload: Sequence[str]) -> tuple[BaseProcess, Connection]:
    """Start a worker process; returns it with our end of the pipe.

    Raises:
        OSError, EOFError: if it can't be started.
    """
    # The contexts of both start methods have a common face that typeshed does not know.
    context: Any = multiprocessing.get_context("forkserver" if fork_server.EXISTS else "spawn")
    ours, theirs = context.Pipe()
    try:
        with theirs:
            process = context.Process(
                target=child.main, args=(theirs, tuple(preload)), name="worker", daemon=True
            )
            if fork_server.EXISTS:
                with _inheritance(fork_server.environment()):
                    fork_server.ensure()
                process.start()  # takes as long as the server takes to come up
            else:
                with _inheritance({}):
                    process.start()
    except BaseException:
        ours.close()
        raise
    return process, ours


@contextlib.contextmanager
def _inheritance(more: dict[str, str]) -> Iterator[None]:
    """Context with a worker's environment variables, ``more`` among them.

    One thread for each numerical library, which read this when they are imported; and the engine's
    own module path without the current folder, where a stray ``random.py`` may lie.
    """
    path = os.pathsep.join(str(entry or Path.cwd()) for entry in sys.path)
    changes = {
        **dict.fromkeys(_ONE_THREAD, "1"),
        "PYTHONPATH": path,
        "PYTHONSAFEPATH": "1",
        **more,
    }
    with _environment_lock:
        saved = {name: os.environ.get(name) for name in changes}
        os.environ.update(changes)
        try:
            yield
        finally:
            for name, value in saved.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
