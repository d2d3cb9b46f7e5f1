"""`Work`: the search or comparison that the engine carries out for the window, and its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.protocol import replies, requests
from gui.engine_client import EngineClient
from gui.view_states import Phase, WorkState

OPENED: dict[str, Phase] = {
    "running": "running",
    "paused": "paused",
    "interrupted": "interrupted",
    "finished": "finished",
    "damaged": "failed",
}
"""The phase of work on disk, by its state in the library."""


State = TypeVar("State", bound=WorkState)


class Work(QObject, Generic[State]):
    """One piece of work at a time. Subclasses start and open it, and follow the engine's events.

    Args:
        client: the engine.
        nothing: the state without any work.
    """

    NOUN: ClassVar[str]
    """Its name in sentences."""

    changed = Signal(object)
    """The state, after every change."""
    failed = Signal(object)
    """`replies.Failed`: what was asked could not be done; nothing was changed."""

    def __init__(self, client: EngineClient, nothing: State, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._nothing = self._state = nothing
        client.crashed.connect(self._lost)

    @property
    def state(self) -> State:
        """Present state."""
        return self._state

    # --- while it runs ----------------------------------------------------------------------------

    def pause(self) -> None:
        """No new fits until `resume`."""
        self._ask(requests.Pause(id=0))

    def resume(self) -> None:
        """End a pause."""
        self._ask(requests.Resume(id=0))

    def stop(self) -> None:
        """End it and keep what was found."""
        self._ask(requests.Stop(id=0))

    # --- for subclasses ---------------------------------------------------------------------------

    def _ask(
        self, request: requests.Request, on_reply: Callable[[Any], None] | None = None
    ) -> None:
        """Send ``request``; `failed` tells when it is refused."""
        self._client.request(request, on_reply, self.failed.emit, owner=self)

    def _enter(
        self, meanwhile: State, request: requests.Request, on_reply: Callable[[Any], None]
    ) -> None:
        """Be in the state ``meanwhile`` (opening or starting) until ``request`` is answered; when
        it is refused, the state is the one of before."""
        before = self._state

        def refused(failure: replies.Failed) -> None:
            if self._state.phase in ("opening", "starting"):
                self._put(before)
            self.failed.emit(failure)

        self._put(meanwhile)
        self._client.request(request, on_reply, refused, owner=self)

    def _set(self, **fields: Any) -> None:
        self._put(msgspec.structs.replace(self._state, **fields))

    def _put(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit(state)

    def _lost(self, why: str) -> None:
        """The engine died; requests without a reply have been refused by now."""
        if self._state.active:
            sentence = f"{why} Nothing is lost: resume the {self.NOUN}."
            self._set(phase="interrupted", sentence=sentence)
