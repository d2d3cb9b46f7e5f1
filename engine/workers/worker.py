"""The engine's handle on one worker process."""

from __future__ import annotations

import contextlib
import pickle
import signal
import sys
from collections.abc import Sequence

import psutil

from engine.workers import start
from engine.workers.base import JobResult
from engine.workers.child import Broken, Logged, Ready


class Worker:
    """A worker process: sends it requests, receives its messages, kills it.

    Raises:
        OSError, EOFError: if the process can't be started.
    """

    def __init__(self, preload: Sequence[str]) -> None:
        self._process, self.connection = start.start(preload)
        self.pid = self._process.pid or 0
        self.sentinel = self._process.sentinel
        self.ready = False
        self.used = False
        """Whether it was ever sent a request."""
        self.resident = 0
        """Its memory in bytes, as last heard."""
        self.resident_at_start = 0
        self._released = False
        # Remembers when the process began, so it never kills another that got the same pid.
        self._handle: psutil.Process | None = None
        with contextlib.suppress(psutil.Error):
            self._handle = psutil.Process(self.pid)

    def send(self, request: bytes) -> bool:
        """Send a request; False if the process has died, so that it did not receive all of it."""
        try:
            self.connection.send_bytes(request)
        except OSError:
            return False
        self.used = True
        return True

    def receive(self) -> Ready | Broken | Logged | JobResult | None:
        """Return the message that has arrived, or None if the process has ended.

        To be called when `connection` or `sentinel` is ready.
        """
        try:
            if not self.connection.poll():
                return None
            message = pickle.loads(self.connection.recv_bytes())
        except (EOFError, OSError):
            return None
        if isinstance(message, Ready):
            self.ready = True
            self.resident_at_start = message.resident
        if isinstance(message, Ready | JobResult):
            self.resident = message.resident
        return message

    def kill(self) -> None:
        """Kill the process and its descendants at once. SIGKILL needs no cooperation."""
        if self._handle is not None:
            doomed = [self._handle]
            with contextlib.suppress(psutil.Error):
                # Children first found, then killed: a killed parent's children would be adopted by
                # init.
                doomed += self._handle.children(recursive=True)
            for process in doomed:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        self.connection.close()

    def release(self, timeout: float = 0.0) -> bool:
        """Free the system resources of an ended process; returns whether it has ended."""
        if self._released:
            return True
        self._process.join(timeout)
        if self._process.exitcode is None:
            return False
        self._process.close()
        self._released = True
        return True

    def last_words(self) -> str:
        """Why the process has ended, in words."""
        self._process.join(1.0)
        code = self._process.exitcode
        if code is None:
            return "it closed its connection"
        if code >= 0:
            return f"exit status {code}"
        if sys.platform != "win32" and code == -signal.SIGKILL:
            return "killed from outside, perhaps by the system for want of memory"
        name = signal.strsignal(-code) or "unknown signal"
        return f"{name[:1].lower()}{name[1:]}, signal {-code}"
