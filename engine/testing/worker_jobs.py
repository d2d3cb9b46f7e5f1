"""Jobs that behave well and badly, for `WorkersSuite`. They run in workers: no pytest here."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

_kept: list[bytearray] = []


def echo(value: Any, seconds: float = 0.0) -> Any:
    """``value``, after a while."""
    time.sleep(seconds)
    return value


def double_of_array(values: Any) -> Any:
    return values * 2


def raise_error(text: str) -> NoReturn:
    raise ValueError(text)


def raise_memory_error() -> NoReturn:
    raise MemoryError


def leave_politely() -> NoReturn:
    sys.exit(3)


def leave_rudely(status: int) -> NoReturn:
    os._exit(status)


def crash() -> None:
    """Read address 0: a segmentation fault."""
    ctypes.string_at(0)


def unpicklable() -> Callable[[], None]:
    return lambda: None


class _Unloadable:
    def __reduce__(self) -> tuple[Any, ...]:
        return (int, ("not a number",))


def unloadable() -> object:
    """A value that can be pickled but not loaded again."""
    return _Unloadable()


def chatter(lines: int) -> int:
    """Print by Python and past it, and try to read the standard input."""
    for _ in range(lines):
        print("noise")
    sys.stdout.flush()
    os.write(1, b"raw noise\n" * lines)
    return len(sys.stdin.read())


def log(messages: int) -> None:
    """Log as Python code does, from a thread and a child process too, and warn."""
    logger = logging.getLogger("somebody.else")
    thread = threading.Thread(target=logger.warning, args=("in a thread",))
    thread.start()
    thread.join()
    warnings.warn("older than it looks", stacklevel=1)
    try:
        raise ValueError("worn out")
    except ValueError:
        logger.exception("It happened")
    logger.info("chatter")
    if hasattr(os, "fork"):
        child = os.fork()
        if child == 0:
            logger.error("not from a child process")
            os._exit(0)
        os.waitpid(child, 0)
    for number in range(messages):
        logger.error("again %d", number)


def hang(how: str, started: str) -> None:
    """Touch the file ``started``, then never end.

    Args:
        how: ``sleep``, ``loop`` (Python), or ``native`` (keeps the interpreter lock as well).
        started: tells the test that the job runs.
    """
    Path(started).touch()
    if how == "native":
        if sys.platform == "win32":
            ctypes.PyDLL("kernel32").Sleep(3_600_000)
        else:
            ctypes.PyDLL(None).sleep(3600)
    while True:
        if how == "sleep":
            time.sleep(3600)


def hog(megabytes: int) -> int:
    """Take memory, 20 MB at a time, and hold it for a minute."""
    blocks = []
    for _ in range(megabytes // 20):
        blocks.append(b"\1" * 20_000_000)
        time.sleep(0.005)
    time.sleep(60.0)
    return len(blocks)


def hog_in_child(megabytes: int, pid_file: str) -> None:
    """Let a process of its own take the memory."""
    call = f"from engine.testing.worker_jobs import hog; hog({megabytes})"
    path = os.pathsep.join(sys.path)
    child = subprocess.Popen([sys.executable, "-c", call], env={**os.environ, "PYTHONPATH": path})
    Path(pid_file).write_text(str(child.pid))
    child.wait()


def take_at_once(megabytes: int) -> int:
    """Ask for memory in one go; none of it is touched, so that nobody else goes short."""
    return np.empty(megabytes * 1_000_000, np.uint8).size


def use_and_free(megabytes: int) -> None:
    """Use memory for a moment."""
    block = bytearray(b"\1" * (megabytes * 1_000_000))
    del block


def keep(megabytes: int) -> None:
    """Leak: the worker never gives this memory back."""
    _kept.append(bytearray(b"\1" * (megabytes * 1_000_000)))


def surroundings() -> dict[str, Any]:
    """What a worker finds around itself."""
    import faulthandler
    import signal

    return {
        "pid": os.getpid(),
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "modules": sorted(sys.modules),
        "faulthandler": faulthandler.is_enabled(),
        "interrupt_ignored": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        "niceness": None if sys.platform == "win32" else os.nice(0),
        "path": list(sys.path),
    }
