"""A worker's lifeline: it ends when the engine ends, however the engine ends.

multiprocessing gives every child a pipe of its own (on Windows a process handle) that hangs up when
its parent's process is gone: ``parent_process().sentinel``. Only the engine holds the other end, so
the kernel hangs it up on SIGKILL too.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from multiprocessing.process import BaseProcess


def exit_with_parent() -> None:
    """From now on this worker ends within moments of its engine."""
    engine = multiprocessing.parent_process()
    if engine is None:
        raise RuntimeError("a worker is started by multiprocessing")
    if sys.platform != "win32":
        _exit_on_hangup(engine.sentinel)
    threading.Thread(target=_follow, args=(engine,), name="lifeline", daemon=True).start()


def _follow(engine: BaseProcess) -> None:
    """Portable, but needs the interpreter lock, which a hung native call may never give back."""
    engine.join()
    os._exit(1)


def _exit_on_hangup(pipe: int) -> None:
    """Let the kernel end this process when ``pipe`` hangs up, even while the interpreter is stuck.

    O_ASYNC makes it send SIGIO. The handler is C's own ``_exit``, so no Python runs; the default
    action would do on Linux, but BSD and macOS ignore SIGIO by default.
    """
    if sys.platform == "win32":
        return
    import ctypes
    import fcntl
    import signal

    libc = ctypes.CDLL(None)
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    libc.signal.restype = ctypes.c_void_p
    libc.signal(signal.SIGIO, ctypes.cast(libc._exit, ctypes.c_void_p))
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
