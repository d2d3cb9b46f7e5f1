"""Imported by the fork server: preloads the modules that workers share.

multiprocessing's own way to preload would let a broken module end the server, a chatty one write to
the engine's standard output, and a slow one outlive an engine that was killed meanwhile. Importing
this module does nothing elsewhere: it acts on `fork_server.VARIABLE`, which only the server has.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading

from engine.workers.fork_server import VARIABLE


def prepare(engine: int, modules: list[str]) -> None:
    """Import ``modules``. A failure is ignored here: the worker that imports the module reports
    it."""
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
    done = threading.Event()
    guard = threading.Thread(target=_follow, args=(engine, done))
    guard.start()
    for module in modules:
        with contextlib.suppress(BaseException):
            importlib.import_module(module)
    done.set()
    guard.join()  # a process that forks should have one thread


def _follow(engine: int, done: threading.Event) -> None:
    """End with the engine; later the fork server does that itself."""
    while not done.wait(0.25):
        if os.getppid() != engine:
            os._exit(1)


if VARIABLE in os.environ:
    _engine, *_modules = os.environ.pop(VARIABLE).split()
    prepare(int(_engine), _modules)
