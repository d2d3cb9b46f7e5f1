"""One writer per run: an operating-system lock on the run's folder.

The lock belongs to the process, so it ends with it, ``kill -9`` included: there is no stale lock.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from engine.errors import RunError

NAME = "lock"


class FolderLock:
    """Exclusive lock, held from construction until `release`.

    Raises:
        RunError: ``run.locked`` when another process (or another lock of this one) holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._fd: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _try_lock(self._fd):
            pid = _holder(self._fd)
            os.close(self._fd)
            self._fd = None
            raise RunError("run.locked", path=folder, pid=pid)
        with contextlib.suppress(OSError):  # a full disk: the number is only for people
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, b"%d\n" % os.getpid())

    def release(self) -> None:
        """Release the lock; may be repeated."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def is_locked(folder: Path) -> bool:
    """Whether a process is writing to the run in ``folder``."""
    try:
        fd = os.open(folder / NAME, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(fd)
    finally:
        os.close(fd)


def _holder(fd: int) -> str:
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        return os.read(fd, 32).decode().strip() or "unknown"
    except OSError:
        return "unknown"


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 20
    """A locked byte can't be read on Windows, so it is one behind the number of the process."""

    def _try_lock(fd: int) -> bool:
        try:
            os.lseek(fd, _FAR, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
