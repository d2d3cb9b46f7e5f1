"""`TuningFeed`: what a tuning by gradient has found, asked for while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from engine import protocol
from engine.protocol import MethodCard, Tuning
from gui.engine_client import EngineClient
from gui.run import Run
from gui.states import RunState

PAUSE_MS = 1_000
"""Shortest time between two questions."""


class TuningFeed(QObject):
    """Asks for the values of ``run`` at most once a second, and never twice at once.

    Args:
        client: the engine.
        run: whose values are wanted.
        number: which hyper-step's; None for the latest.
        clock: seconds, for tests.
    """

    changed = Signal()

    def __init__(
        self,
        client: EngineClient,
        run: Run,
        number: Callable[[], int | None] = lambda: None,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(parent)
        self._client, self._run, self._number, self._clock = client, run, number, clock
        self._tuning: Tuning | None = None
        self._path = ""
        self._asking = self._again = False
        self._asked_at = float("-inf")
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._ask)

    @property
    def tuning(self) -> Tuning | None:
        """What is known; None before the first answer and for other methods."""
        return self._tuning if self._path == self._run.state.path else None

    def want(self) -> None:
        """The picture is looked at and may be old: ask, at once or when a second has passed."""
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

        def take(reply: protocol.HyperparametersReady) -> None:
            if self._run.state.path == path:
                self._path, self._tuning = path, reply.tuning
                self.changed.emit()
            self._done()

        request = protocol.Hyperparameters(id=0, path=path, number=self._number())
        # What can't be read now is asked for again with the next trial.
        self._client.request(request, take, lambda _: self._done(), owner=self)

    def _done(self) -> None:
        self._asking = False
        if self._again:
            self.want()


def method_card(client: EngineClient, state: RunState) -> MethodCard | None:
    """The card of the method that does the run's work."""
    method = state.plan.method if state.plan is not None else None
    wanted = (method.picks or method.id) if method is not None else ""
    return next((card for card in client.catalog.methods if card.id == wanted), None)


def by_gradient(client: EngineClient, state: RunState) -> bool:
    """Whether the run tunes by gradient."""
    card = method_card(client, state)
    return card is not None and card.gradient
