"""The protocol's stream: whole lines out, from any thread, safe from what libraries print."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import BinaryIO

import msgspec

from engine.protocol import message_codec
from engine.protocol.events import Event
from engine.protocol.message_codec import Message


class Stream:
    """Sends replies and numbered events. A front end that is gone is no error: the reader
    notices."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._seq = 0

    def send(self, message: Message) -> None:
        """Send ``message``; an event gets the next number."""
        with self._lock:
            if isinstance(message, Event):
                self._seq += 1
                message = msgspec.structs.replace(message, seq=self._seq)
            with contextlib.suppress(OSError, ValueError):
                self._file.write(message_codec.encode(message))
                self._file.flush()


def claim_stdout() -> BinaryIO:
    """Take standard output for the protocol alone; whatever else is printed goes to standard
    error."""
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")
