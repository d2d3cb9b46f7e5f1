"""`WorkEvents`: events about running work, a run or a comparison."""

from __future__ import annotations

from pathlib import Path

from engine.errors import TunesmithError
from engine.protocol.events import ComparisonChanged, RunChanged
from engine.protocol.replies import Failed
from engine.server.stream import Stream


class WorkEvents:
    """Listener that sends events about the work on ``path``; each kind of work adds its own.

    Args:
        stream: to the front end.
        path: folder of the run or comparison.
        changed: type of the event about a new state.
    """

    def __init__(
        self, stream: Stream, path: Path, changed: type[RunChanged] | type[ComparisonChanged]
    ) -> None:
        self._stream = stream
        self._path = str(path)
        self._changed = changed

    def flush(self) -> None:
        """Send what was gathered."""

    def paused(self, error: TunesmithError | None) -> None:
        """Announce a pause, with the fault that caused it, if one did."""
        self.flush()
        self.announce("paused", error)

    def resumed(self) -> None:
        """Announce that the work is running again."""
        self.announce("running")

    def failed(self, failure: Failed, error: Exception) -> None:
        """Announce that the work has ended with ``error``, described by ``failure``."""
        self.flush()
        code = error.code if isinstance(error, TunesmithError) else ""
        self._send("failed", code, failure.sentence, failure.details)

    def announce(self, state: str, error: TunesmithError | None = None, sentence: str = "") -> None:
        """Announce a new state.

        Args:
            state: running, paused, finishing, finished, stopped or failed.
            error: that caused it.
            sentence: why, without an error.
        """
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
