"""`WorkEvents`: how a front end is told of work under way, whether a run or a comparison."""

from __future__ import annotations

from pathlib import Path

from engine.errors import TunesmithError
from engine.protocol.events import ComparisonChanged, RunChanged
from engine.protocol.replies import Failed
from engine.server.stream import Stream


class WorkEvents:
    """Listens to the work on ``path`` and sends events; each kind of work adds its own.

    Args:
        stream: to the front end.
        path: folder of the run or comparison.
        changed: the event that tells of a new state.
    """

    def __init__(
        self, stream: Stream, path: Path, changed: type[RunChanged] | type[ComparisonChanged]
    ) -> None:
        self._stream = stream
        self._path = str(path)
        self._changed = changed

    def flush(self) -> None:
        """Send what has gathered."""

    def paused(self, error: TunesmithError | None) -> None:
        self.flush()
        self.announce("paused", error)

    def resumed(self) -> None:
        self.announce("running")

    def failed(self, failure: Failed, error: Exception) -> None:
        """Send that the work has ended with ``error``, of which ``failure`` tells in words."""
        self.flush()
        code = error.code if isinstance(error, TunesmithError) else ""
        self._send("failed", code, failure.sentence, failure.details)

    def announce(self, state: str, error: TunesmithError | None = None, sentence: str = "") -> None:
        """Send that the work is now in ``state``, for ``error`` or as ``sentence`` says."""
        self._send(state, error.code if error else "", str(error) if error else sentence)

    def _send(self, state: str, code: str, sentence: str, details: str = "") -> None:
        event = self._changed(
            path=self._path,
            state=state,  # type: ignore[arg-type]
            code=code,
            sentence=sentence,
            details=details,
        )
        self._stream.send(event)
