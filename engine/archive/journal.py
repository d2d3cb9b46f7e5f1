"""The journal file: Optuna's append-only log, written by exactly one process.

`JournalFile` is a backend for `optuna.storages.JournalStorage` that differs from Optuna's own in
three ways. It takes no lock per line, since the run's folder is locked as a whole
(`engine.archive.lock`). It hands back what it just wrote from memory instead of reading the file
again. And it keeps the file whole: a line that could not be written entirely (full disk) is cut off
again, as is a torn last line of a killed writer.

A line is in the operating system's hands when `append_logs` returns, so ``kill -9`` loses nothing;
it is forced to the disk within a second, so a power cut loses at most that.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optuna.storages.journal import BaseJournalBackend

from engine.errors import RunError

SYNC_SECONDS = 1.0


class JournalFile(BaseJournalBackend):
    """Log at ``path``; ``write`` must be false for a journal that another process may be writing.

    Raises:
        RunError: ``run.damaged`` when a line other than the last is not JSON.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        whole = whole_lines(path) if path.exists() else 0
        self._fd: int | None = None
        if write:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            os.ftruncate(self._fd, whole)
            os.lseek(self._fd, whole, os.SEEK_SET)
        self._size = whole
        self._read_to = whole
        """Size of the file at the start; later lines pass through `_fresh`."""
        self._fresh: list[dict[str, Any]] = []
        self._synced = time.monotonic()
        self.line = 0
        """Number of the line last read from the file."""

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """Yield all lines from the file at first, later those appended since the last call."""
        if log_number_from == 0 and self._read_to:
            yield from self._from_file()
        fresh, self._fresh = self._fresh, []
        yield from fresh

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write ``logs`` completely or not at all.

        Raises:
            RunError: ``run.disk_full`` when there is no room.
        """
        assert self._fd is not None, "the journal was opened to read"
        data = b"".join(json.dumps(log, separators=(",", ":")).encode() + b"\n" for log in logs)
        try:
            _write_all(self._fd, data)
            if time.monotonic() - self._synced > SYNC_SECONDS:
                self.sync()
        except OSError as error:
            # Half a line would be damage in the middle once the next one is appended.
            os.ftruncate(self._fd, self._size)
            os.lseek(self._fd, self._size, os.SEEK_SET)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise RunError("run.disk_full", path=self._path) from error
            raise
        self._size += len(data)
        self._fresh.extend(logs)

    def sync(self) -> None:
        """Flush to the disk."""
        if self._fd is not None:
            os.fsync(self._fd)
            self._synced = time.monotonic()

    def close(self) -> None:
        """Sync and close the file; may be repeated."""
        if self._fd is not None:
            self.sync()
            os.close(self._fd)
            self._fd = None

    def _from_file(self) -> Iterator[dict[str, Any]]:
        with self._path.open("rb") as file:
            read = 0
            for number, line in enumerate(file, start=1):
                read += len(line)
                if read > self._read_to:
                    return
                self.line = number
                yield self._entry(number, line)

    def _entry(self, number: int, line: bytes) -> dict[str, Any]:
        folder = self._path.parent
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise RunError("run.damaged", path=folder, where=f"line {number}", why=error) from error
        if not isinstance(entry, dict) or "op_code" not in entry:
            why = "it is no entry of a log"
            raise RunError("run.damaged", path=folder, where=f"line {number}", why=why)
        return entry


def whole_lines(path: Path) -> int:
    """Size of ``path`` in bytes up to and including its last line end; a killed writer may leave
    more."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        step = 64 * 1024
        for start in range(max(end - step, 0), -step, -step):
            file.seek(max(start, 0))
            found = file.read(step).rfind(b"\n")
            if found >= 0:
                return max(start, 0) + found + 1
        return 0


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
