"""The engine's server in this process, for tests of front ends: true answers, no processes."""

from __future__ import annotations

import io
import math
import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from engine.data.open import open_table
from engine.plan import DataPlan
from engine.runs import folder as files
from engine.runs import planning
from engine.runs.run_executor import RunExecutor
from engine.search import Control, Counts
from engine.server.server import Server
from engine.server.stream import Stream
from engine.testing.experiments import SilentListener
from engine.testing.inline_workers import Gate, InlineWorkers
from engine.workers import Workers


class InlineServer:
    """A server whose searches fit in its own thread, as the gate lets them.

    Args:
        send: takes what the server says, as lines; called from its threads.
    """

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self.gate = Gate()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._server = Server(Stream(cast(BinaryIO, _Outlet(send))), self._start_workers)
        self._thread = threading.Thread(target=self._serve, daemon=True, name="server")
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Take a request's line; returns at once."""
        self._lines.put(line)

    def close(self) -> None:
        """End it; a search that runs can be resumed."""
        self.gate.let()
        self._lines.put(None)
        self._thread.join()

    def _serve(self) -> None:
        self._server.close(self._server.listen(iter(self._lines.get, None)))

    def _start_workers(self, size: int, modules: tuple[str, ...]) -> Workers:
        return InlineWorkers(size, gate=self.gate)


class _Outlet(io.RawIOBase):
    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send = send

    def write(self, data: Any, /) -> int:
        self._send(data)
        return len(data)


def tune(
    folder: Path, source: str, changes: Mapping[str, Any], *, leave_after: float = math.inf
) -> None:
    """Carry out a search in this process; ``folder`` is then that of a run.

    Args:
        folder: to be made.
        source: the table, as a plan names it.
        changes: fields of the guide's plan that are to be different, by dotted path.
        leave_after: complete trials after which the search is left, as if it were interrupted.
    """
    data = open_table(DataPlan(source)).data
    plan = planning.checked(planning.draft(data, workers_available=1, changes=changes).plan)
    files.create(folder, plan, planning.load_data(plan.data))
    listener = _Leaving(leave_after)
    with RunExecutor(folder, plan, InlineWorkers(1), listener) as executor:
        listener.control = executor.control
        executor.run()


class _Leaving(SilentListener):
    control: Control

    def __init__(self, after: float) -> None:
        self._after = after

    def progressed(self, counts: Counts) -> None:
        if counts.complete >= self._after:
            self.control.abandon()
