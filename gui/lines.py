"""Lines out of a stream of bytes. No Qt."""

from __future__ import annotations

from collections import deque


class LineBuffer:
    """Collects bytes and hands out whole lines, without ever keeping more than ``limit`` of one.

    A longer line is dropped up to its end; `dropped` counts such lines.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lines: deque[bytes] = deque()
        self._parts: list[bytes] = []
        self._length = 0
        self._skipping = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._lines)

    def feed(self, data: bytes) -> None:
        """Take bytes as they come, cut anywhere."""
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._add(piece)
            self._end()
        self._add(rest)

    def next(self) -> bytes | None:
        """The oldest line not yet handed out, without its newline."""
        return self._lines.popleft() if self._lines else None

    def clear(self) -> None:
        """Forget everything, as for a new stream."""
        self._lines.clear()
        self._reset()

    def _add(self, piece: bytes) -> None:
        self._length += len(piece)
        if self._length > self._limit:
            self._skipping = True
            self._parts.clear()
        if piece and not self._skipping:
            self._parts.append(piece)

    def _end(self) -> None:
        if self._skipping:
            self.dropped += 1
        elif self._parts:
            self._lines.append(b"".join(self._parts))
        self._reset()

    def _reset(self) -> None:
        self._parts.clear()
        self._length = 0
        self._skipping = False
