"""`OpenRequests`: the requests without a reply yet; each gets exactly one."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

from engine import logs
from engine.errors import Cancelled, TunesmithError
from engine.protocol import replies


class OpenRequests:
    """Requests from when they are read to their one reply. Safe from any thread.

    Args:
        send: sends a reply to the front end.
    """

    def __init__(self, send: Callable[[replies.Reply], None]) -> None:
        self._send = send
        self._open: set[int] = set()
        self._unwanted: set[int] = set()
        """Those cancelled whose work may still go on."""
        self._lock = threading.Lock()

    def add(self, request: int) -> None:
        """Register a request that must be answered."""
        with self._lock:
            self._open.add(request)

    def reply(self, reply: replies.Reply) -> None:
        """Send ``reply``, unless its request has had one: the work for it is over then."""
        if self._close(reply.id):
            self._send(reply)
        with self._lock:
            self._unwanted.discard(reply.id)

    def fail(self, request: int, error: Exception) -> None:
        """Reply with the failure ``error``."""
        self.reply(failure(request, error))

    def cancel(self, request: int) -> bool:
        """Reply that ``request`` is cancelled; False if it has had its reply.

        Uninterruptible work continues, but its result is dropped: the front end need not wait.
        """
        with self._lock:
            wanted = request in self._open
            if wanted:
                self._open.discard(request)
                self._unwanted.add(request)
        if wanted:
            self._send(failure(request, Cancelled()))
        return wanted

    def give_up(self) -> None:
        """Cancel everything without replying: the front end is gone."""
        with self._lock:
            self._unwanted |= self._open
            self._open.clear()

    def cancelled(self, request: int) -> bool:
        """Whether the work for ``request`` should end."""
        with self._lock:
            return request in self._unwanted

    def _close(self, request: int) -> bool:
        with self._lock:
            wanted = request in self._open
            self._open.discard(request)
            return wanted


def failure(request: int, error: Exception) -> replies.Failed:
    """The reply for ``error``: a sentence, and the traceback of what was not foreseen."""
    if isinstance(error, TunesmithError):
        return replies.Failed(id=request, code=error.code, sentence=str(error), field=error.field)
    said = logs.unforeseen(error)
    details = "".join(traceback.format_exception(error))
    return replies.Failed(id=request, code=said.code, sentence=str(said), details=details)
