"""`Executor`: work in a folder that the user can pause, resume, stop or leave."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.search import Control
from engine.workers.base import Workers


class Executor:
    """Carries out what ``folder`` holds, a run or an experiment, in this process.

    It holds the folder's lock from construction until `close`. Other threads steer it by `control`.

    Args:
        folder: locked by the subclass, which enters what is to be closed into ``_resources``.
        workers: idle ones; left open.
        control: what the person wants; one of its own if left out.
    """

    def __init__(self, folder: Path, workers: Workers, control: Control | None = None) -> None:
        self.folder = folder
        self.control = control or Control(workers.wake)
        self._workers = workers
        self._resources = contextlib.ExitStack()

    def close(self) -> None:
        """Let others write to the folder; harmless when repeated."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
