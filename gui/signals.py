"""Ctrl-C and SIGTERM end Qt's event loop.

Python runs signal handlers between two of its own instructions, so under Qt the exception of a
handler would be raised in whichever slot runs next: it would break that slot off, and end nothing.
Here a signal only wakes the event loop, by a socket, and the loop acts on it.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class EndingSignals(QObject):
    """Calls ``end`` with the signal's number, from the event loop."""

    def __init__(self, end: Callable[[int], None], parent: QObject) -> None:
        super().__init__(parent)
        self._end = end
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(
            self._reader.fileno(), QSocketNotifier.Type.Read, parent=self
        )
        self._notifier.activated.connect(self._receive)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            # A handler of Python's own is needed, or nothing would be written to the socket.
            signal.signal(number, lambda *_: None)

    def _receive(self) -> None:
        for number in self._reader.recv(64):
            if number in (signal.SIGINT, signal.SIGTERM):
                self._end(number)
                return
