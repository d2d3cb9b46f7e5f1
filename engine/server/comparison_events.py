"""`ComparisonEvents`: listener of a comparison."""

from __future__ import annotations

import time
from pathlib import Path

from engine.domain.comparison import Member
from engine.experiments.experiment_executor import ExperimentProgress
from engine.protocol.events import ComparisonChanged, ComparisonProgress, MemberChanged
from engine.server.stream import Stream
from engine.server.work_events import WorkEvents

PROGRESS_SECONDS = 0.1


class ComparisonEvents(WorkEvents):
    """Sends progress at most ten times a second, and every member that changed."""

    def __init__(self, stream: Stream, path: Path) -> None:
        super().__init__(stream, path, ComparisonChanged)
        self._sent = 0.0

    def progressed(self, progress: ExperimentProgress) -> None:
        """Send the progress, unless some was sent a moment ago."""
        now = time.monotonic()
        if progress.counts is not None and now - self._sent < PROGRESS_SECONDS:
            return
        self._sent = now
        slot = progress.slot
        self._stream.send(
            ComparisonProgress(
                path=self._path,
                done=progress.done,
                total=progress.total,
                fraction=progress.fraction,
                elapsed=progress.elapsed,
                left=progress.left,
                member=str(progress.folder) if progress.folder else "",
                contender=slot.contender.name if slot else "",
                repetition=slot.repetition if slot else 0,
            )
        )

    def member(self, member: Member) -> None:
        """Send a changed member."""
        self._stream.send(MemberChanged(path=self._path, member=member))
