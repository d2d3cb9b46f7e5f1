"""Jobs that behave well and badly, for `WorkersSuite`. They run in workers: no pytest here."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
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
