"""`Feed`: the engine's answers about a run, asked for while they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.protocol.requests import Request
from gui.engine_client import EngineClient
from gui.run import Run

PAUSE_MS = 1_000
"""Shortest time between two questions."""


class Feed(QObject):
    """Asks about ``run`` at most once a second, and never twice at once.

    Args:
        client: the engine.
        run: what is asked about.
        question: the request for the run in a folder.
        clock: seconds, for tests.
    """

    changed = Signal()

    def __init__(
        self,
        client: EngineClient,
        run: Run,
        question: Callable[[str], Request],
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(parent)
        self._client, self._run, self._question, self._clock = client, run, question, clock
        self._reply: Any = None
        self._path = ""
        self._asking = self._again = False
        self._asked_at = float("-inf")
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._ask)

    @property
    def reply(self) -> Any:
        """The last answer; None before the first on this run."""
        return self._reply if self._path == self._run.state.path else None

    def want(self) -> None:
        """The answer is looked at and may be old: ask, at once or when a second has passed."""
        if self._asking:
            self._again = True
        elif not self._soon.isActive():
            since = 1000 * (self._clock() - self._asked_at)
            if self._path != self._run.state.path or since >= PAUSE_MS:
                self._ask()
            else:
                self._soon.start(round(PAUSE_MS - since))

    def _ask(self) -> None:
        path = self._run.state.path
        if not path or self._asking:
            return
        self._asking, self._again, self._asked_at = True, False, self._clock()

        def take(reply: Any) -> None:
            if self._run.state.path == path:
                self._path, self._reply = path, reply
                self.changed.emit()
            self._done()

        # What can't be read now is asked for again with the next trial.
        self._client.request(self._question(path), take, lambda _: self._done(), owner=self)

    def _done(self) -> None:
        self._asking = False
        if self._again:
            self.want()
