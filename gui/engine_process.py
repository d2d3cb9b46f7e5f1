"""The engine as a child process: started eagerly, written to, read from, ended by a ladder.

It knows no messages, only lines. See `gui.engine_client` for requests and replies.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTemporaryDir, Signal

from engine import user_folders

SHUTDOWN_MS, TERMINATE_MS, KILL_MS = 2000, 1000, 1000
"""The stop ladder: asked to end, told to end, made to end."""
_LOG_BYTES = 4 * 1024 * 1024


def default_command() -> list[str]:
    """How the engine is started: this very interpreter, with the engine as a module."""
    return [sys.executable, "-m", "engine", "engine"]


def default_log() -> Path:
    """File with the output of the engine's libraries and its crashes, in the folder of its log
    files."""
    return user_folders.logs() / "engine-output.log"


def environment() -> QProcessEnvironment:
    """The engine's environment: our packages are found, output comes at once, one thread a fit."""
    result = QProcessEnvironment.systemEnvironment()
    spec = find_spec("engine")
    if spec is not None and spec.origin is not None:
        root = str(Path(spec.origin).parents[1])
        known = result.value("PYTHONPATH")
        result.insert("PYTHONPATH", os.pathsep.join([root, known]) if known else root)
    for name, value in {
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }.items():
        result.insert(name, value)
    return result


class EngineProcess(QObject):
    """One engine process after another.

    Args:
        command: program and arguments.
        log: file that takes the process's stderr.
    """

    received = Signal(bytes)
    """Bytes of its stdout."""
    ended = Signal(str)
    """It ended without being asked to: why, in words."""

    def __init__(
        self,
        command: Sequence[str] | None = None,
        log: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = list(command or default_command())
        self.log = log or default_log()
        # An empty folder of its own: a person's random.py must not shadow the standard library.
        self._folder = QTemporaryDir()
        self._process: QProcess | None = None
        self._expected = False

    @property
    def running(self) -> bool:
        """Whether the process has started and not ended."""
        return self._process is not None and (
            self._process.state() != QProcess.ProcessState.NotRunning
        )

    @property
    def pid(self) -> int:
        """Its process id; 0 when it does not run."""
        return self._process.processId() if self._process is not None else 0

    def start(self) -> None:
        """Start a new process; returns at once."""
        process = QProcess(self)
        process.setWorkingDirectory(self._folder.path())
        process.setProcessEnvironment(environment())
        log = _fresh_log(self.log)
        if log is None:
            process.setStandardErrorFile(QProcess.nullDevice())
        else:
            process.setStandardErrorFile(str(log), QProcess.OpenModeFlag.Append)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._complain)
        self._expected = False
        self._process = process
        program, *arguments = self._command
        process.start(program, arguments)

    def write(self, line: bytes) -> None:
        """Send a line; it waits in the pipe while the process is still starting."""
        if self._process is not None:
            self._process.write(line)

    def kill(self) -> None:
        """End it at once; `ended` follows as for a crash."""
        if self._process is not None:
            self._process.kill()

    def stop(self, farewell: bytes) -> None:
        """Ask it to end with the line ``farewell``, then insist. Returns when it has ended."""
        process, self._expected = self._process, True
        if process is None or not self.running:
            return
        process.write(farewell)
        process.closeWriteChannel()
        if not process.waitForFinished(SHUTDOWN_MS):
            process.terminate()
            if not process.waitForFinished(TERMINATE_MS):
                process.kill()
                process.waitForFinished(KILL_MS)

    def _read(self) -> None:
        if self._process is not None:
            self.received.emit(bytes(self._process.readAllStandardOutput().data()))

    def _complain(self, error: QProcess.ProcessError) -> None:
        # Other errors are followed by `finished`; one that never started is not.
        if error == QProcess.ProcessError.FailedToStart and not self._expected:
            assert self._process is not None
            self._discard()
            self.ended.emit(f"The engine can't be started: {self._command[0]} was not found.")

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._discard()
        if not self._expected:
            how = (
                f"it was ended by signal {code}"
                if status == QProcess.ExitStatus.CrashExit
                else f"exit status {code}"
            )
            self.ended.emit(f"The engine ended unexpectedly ({how}).")

    def _discard(self) -> None:
        if self._process is not None:
            self._process.deleteLater()
            self._process = None


def _fresh_log(path: Path) -> Path | None:
    """``path`` ready for appending, an overlong one put aside; None where nothing can be
    written."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        path.touch()
        return path
    return None
