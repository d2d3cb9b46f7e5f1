"""The window's side of the protocol: requests and their one reply each, events in batches, and an
engine that is watched and started again when it dies (desktop.md 5.2).

Lines are parsed in slices of a few milliseconds, so that ten thousand trials arriving at once never
stop the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import msgspec
import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from engine.domain.cards import Catalog
from engine.errors import InputError
from engine.protocol import codec, events, replies, requests
from gui.engine_process import EngineProcess
from gui.flow import EMPTY_CATALOG
from gui.lines import LineBuffer

SLICE_S = 0.008
"""Longest time spent parsing in one turn of the event loop."""
BATCH_MS = 50
"""Trials and progress are handed out at most this often."""
SILENCE_TICKS = 10
"""Seconds without a line after which the engine counts as not responding; it beats every one."""
RESTARTS, RESTART_WINDOW_S = 3, 60.0
"""So many restarts in so long a time, then the person decides."""

OnReply = Callable[[Any], None]
OnError = Callable[[replies.Failed], None]


class _Pending(msgspec.Struct):
    on_reply: OnReply | None
    on_error: OnError | None
    owner: QObject | None

    @property
    def wanted(self) -> bool:
        return self.owner is None or shiboken6.isValid(self.owner)


class EngineClient(QObject):
    """Talks to one engine process at a time.

    Args:
        process: the engine; the real one when left out.
    """

    ready = Signal(object)
    """`replies.Welcome`: the engine is there, for the first time or again."""
    trials = Signal(list)
    """Some `events.Trials` in the order they came."""
    progress = Signal(object)
    """The latest `events.Progress`."""
    run_changed = Signal(object)
    """`events.RunChanged`; trials and progress sent before it have been handed out."""
    comparing = Signal(object)
    """An event of a comparison: progress, a member, or the whole."""
    activity = Signal(object)
    """`events.Activity`."""
    crashed = Signal(str)
    """The engine died; a sentence. It is started again by itself unless `gave_up` follows."""
    gave_up = Signal(str)
    """It died too often; `restart` tries again."""
    responsive = Signal(bool)
    """False when nothing was received for ten seconds, True when something is again."""

    def __init__(
        self,
        process: EngineProcess | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.welcome: replies.Welcome | None = None
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._restarts: list[float] = []
        self._trials: list[events.Trials] = []
        self._progress: events.Progress | None = None
        self._lines = LineBuffer(codec.MAX_LINE)
        self._process = process or EngineProcess()
        self._process.setParent(self)
        self._process.received.connect(self._take)
        self._process.ended.connect(self._lost)
        self._slice = _timer(self, self._parse, 0)
        self._batch = _timer(self, self._hand_out, BATCH_MS)
        self._silent = 0
        self._watch = QTimer(self, interval=1000)
        self._watch.timeout.connect(self._listen)

    @property
    def catalog(self) -> Catalog:
        """The engine's components; empty until the engine is there."""
        return self.welcome.catalog if self.welcome else EMPTY_CATALOG

    @property
    def log(self) -> Path:
        """File with the output of the engine's libraries and its crashes, in the folder of its log
        files."""
        return self._process.log

    @property
    def pid(self) -> int:
        """The engine's process id; 0 when there is none."""
        return self._process.pid

    def start(self) -> None:
        """Start the engine and greet it; returns at once, `ready` follows."""
        self._lines.clear()
        self._process.start()
        self._silent = 0
        self._watch.start()
        self.request(requests.Hello(id=0), self._welcomed)

    def request(
        self,
        message: requests.Request,
        on_reply: OnReply | None = None,
        on_error: OnError | None = None,
        *,
        owner: QObject | None = None,
    ) -> int:
        """Send a request. Exactly one of the callbacks is called, later, from the event loop.

        Args:
            message: built with ``id=0``.
            on_reply: called with the reply.
            on_error: called with the failure.
            owner: once it is destroyed, no callback is called; nor is one after `cancel`.

        Returns:
            The new id under which it was sent.
        """
        self._last_id += 1
        number = self._last_id
        self._pending[number] = _Pending(on_reply, on_error, owner)
        if self._process.running:
            self._process.write(codec.encode(msgspec.structs.replace(message, id=number)))
        else:
            QTimer.singleShot(0, self, lambda: self._fail(number, "The engine is not running."))
        return number

    def cancel(self, request_id: int) -> None:
        """Give up a request: cancel it at the engine, and ignore what it still replies."""
        if self._pending.pop(request_id, None) is not None and self._process.running:
            self.request(requests.Cancel(id=0, request=request_id))

    def restart(self) -> None:
        """Start the engine anew, whatever it is doing (for one that does not respond)."""
        self._restarts.clear()
        if self._process.running:
            self._process.kill()
        else:
            self.start()

    def shutdown(self) -> None:
        """End the engine: asked, told, made to. A running search stays resumable."""
        for timer in (self._slice, self._batch, self._watch):
            timer.stop()
        self._pending.clear()
        self._last_id += 1
        self._process.stop(codec.encode(requests.Shutdown(id=self._last_id)))

    # --- hearing ---------------------------------------------------------------------------------

    def _take(self, data: bytes) -> None:
        self._lines.feed(data)
        if not self._slice.isActive():
            self._slice.start()

    def _parse(self) -> None:
        end = perf_counter() + SLICE_S
        while (line := self._lines.next()) is not None:
            self._hear(line)
            if perf_counter() > end:
                self._slice.start()
                return

    def _hear(self, line: bytes) -> None:
        try:
            message = codec.decode_message(line)
        except InputError:
            return  # a stray line of a library; the engine's log has the rest
        if self._silent >= SILENCE_TICKS:
            self.responsive.emit(True)
        self._silent = 0
        match message:
            case None | events.Heartbeat():
                pass
            case events.Trials():
                self._trials.append(message)
                self._schedule()
            case events.Progress():
                self._progress = message
                self._schedule()
            case events.RunChanged():
                self._hand_out()
                self.run_changed.emit(message)
            case events.ComparisonProgress() | events.MemberChanged() | events.ComparisonChanged():
                self.comparing.emit(message)
            case events.Activity():
                self.activity.emit(message)
            case _:
                self._reply(message)

    def _schedule(self) -> None:
        if not self._batch.isActive():
            self._batch.start()

    def _hand_out(self) -> None:
        self._batch.stop()
        if self._trials:
            batch, self._trials = self._trials, []
            self.trials.emit(batch)
        if self._progress is not None:
            latest, self._progress = self._progress, None
            self.progress.emit(latest)

    def _reply(self, message: replies.Reply) -> None:
        pending = self._pending.pop(message.id, None)
        if pending is None or not pending.wanted:
            return
        if isinstance(message, replies.Failed):
            if pending.on_error is not None:
                pending.on_error(message)
        elif pending.on_reply is not None:
            pending.on_reply(message)

    def _welcomed(self, welcome: replies.Welcome) -> None:
        self.welcome = welcome
        self.ready.emit(welcome)

    # --- watching --------------------------------------------------------------------------------

    def _listen(self) -> None:
        # Ticks, not clock time: after the lid was closed for an hour one tick has passed.
        self._silent += 1
        if self._silent == SILENCE_TICKS:
            self.responsive.emit(False)

    def _lost(self, why: str) -> None:
        self._watch.stop()
        self._parse_all()
        self._hand_out()
        if self._silent >= SILENCE_TICKS:
            self.responsive.emit(True)
        for number in list(self._pending):
            self._fail(number, why)
        self.crashed.emit(why)
        now = monotonic()
        self._restarts = [t for t in self._restarts if now - t < RESTART_WINDOW_S]
        if len(self._restarts) < RESTARTS and self._process.pid == 0:
            self._restarts.append(now)
            self.start()
        else:
            self.gave_up.emit(why)

    def _parse_all(self) -> None:
        self._slice.stop()
        while (line := self._lines.next()) is not None:
            self._hear(line)

    def _fail(self, number: int, why: str) -> None:
        pending = self._pending.pop(number, None)
        if pending is not None and pending.wanted and pending.on_error is not None:
            pending.on_error(replies.Failed(id=number, code="engine.lost", sentence=why))


def _timer(parent: QObject, slot: Callable[[], None], interval: int) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=interval)
    timer.timeout.connect(slot)
    return timer
