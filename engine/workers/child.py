"""Main loop of a worker process: set up, then answer requests until the pipe closes.

A request is a pickled `Job`, and the answer a `JobResult`. The other messages are those below. What
is logged here is sent to the engine, which writes it to its log file: a file that several processes
write could not be rotated.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import logging
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

import psutil

from engine import logs
from engine.domain.trials import Cause
from engine.errors import SENTENCES
from engine.workers import lifeline, process_memory
from engine.workers.base import Job, JobResult

MESSAGE_LENGTH = 300
MOST_LOGGED, MOST_LOGGED_CHARACTERS = 100, 10_000
"""Messages that a job may log, and how long each may be: no job floods the engine."""
NICENESS = "TUNESMITH_NICENESS"
"""Environment variable: how far workers stand back for other programs, from 0, for not at all, to
19; 10 unless it is set."""


class Ready(NamedTuple):
    """The worker is up."""

    resident: int
    """Its memory, in bytes."""


class Broken(NamedTuple):
    """The worker can't come up, and ends."""

    why: str


class Logged(NamedTuple):
    """Something was logged."""

    logger: str
    level: int
    text: str
    """With the traceback, if there is one."""


def main(connection: Connection, preload: Sequence[str]) -> None:
    """Body of the process: import ``preload``, say `Ready`, carry out each `Job` sent."""
    lifeline.exit_with_parent()
    _settle_in()
    log = _ToEngine(connection)
    logging.captureWarnings(True)
    logging.getLogger().addHandler(log)
    if logs.is_verbose():
        logging.getLogger("engine").setLevel(logging.DEBUG)
    try:
        for module in preload:
            importlib.import_module(module)
    except BaseException as error:
        logging.getLogger(__name__).exception("A module can't be imported")
        log.send(Broken(first_line(error)))
        return
    gc.freeze()  # imported modules stay: the collector need not look at them again and again
    resident = process_memory.resident()
    log.send(Ready(resident))
    while True:
        try:
            request = connection.recv_bytes()
        except (EOFError, OSError):
            return
        log.begin()
        result = carry_out(request, resident)
        resident = result.resident
        log.send(result)


class _ToEngine(logging.Handler):
    """The worker's end of the pipe, for results and what is logged; one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._one_at_a_time = threading.Lock()
        self._process = os.getpid()
        self._left = MOST_LOGGED

    def begin(self) -> None:
        """Another job may log as much as the one before."""
        self._left = MOST_LOGGED

    def send(self, message: Ready | Broken | Logged | JobResult) -> None:
        with self._one_at_a_time:
            self._connection.send(message)

    def emit(self, record: logging.LogRecord) -> None:
        # A job's own child processes have the pipe, too; what they wrote would tear our messages.
        if self._left <= 0 or os.getpid() != self._process:
            return
        self._left -= 1
        try:
            text = self.format(record)
            self.send(Logged(record.name, record.levelno, text[:MOST_LOGGED_CHARACTERS]))
        except Exception:
            self.handleError(record)


def carry_out(request: bytes, resident: int) -> JobResult:
    """Do what ``request`` asks; ``resident`` is this process's memory before, in bytes."""
    peak = process_memory.high_water()
    started, clock = time.time(), time.perf_counter()
    value, cause, message, details = b"", None, "", ""
    job: Job | None = None
    try:
        job = pickle.loads(request)
        assert isinstance(job, Job)
        module, _, name = job.function.partition(":")
        with process_memory.bounded(job.memory_mb):
            # Pickled within the bound: a huge result is caught here, not in the engine.
            value = pickle.dumps(getattr(importlib.import_module(module), name)(*job.args))
    except MemoryError:
        limit = job.memory_mb if job is not None else None
        kind = "fit.out_of_memory" if limit is None else "fit.memory"
        cause, message = Cause.MEMORY, SENTENCES[kind].format(megabytes=limit)
        details = traceback.format_exc()
    except BaseException as error:  # SystemExit as well: no fit may end its worker
        cause, message = Cause.ERROR, first_line(error)
        details = traceback.format_exc()
    seconds = time.perf_counter() - clock
    after, new_peak = process_memory.resident(), process_memory.high_water()
    # The high-water mark is the process's own: it tells about this job only if it has risen.
    most = max(after, new_peak) if new_peak > peak else after
    return JobResult(
        job_id=job.id if job is not None else -1,
        value=value,
        cause=cause,
        message=message,
        details=details,
        started=started,
        seconds=seconds,
        memory_mb=max(0, most - resident) / process_memory.MB,
        resident=after,
    )


def first_line(error: BaseException) -> str:
    """The first line of what ``error`` says, with its type where that says too little."""
    lines = str(error).strip().splitlines()
    kind = type(error).__name__
    if not lines:
        return kind
    line = lines[0].rstrip()
    text = f"{kind}: {line}" if isinstance(error, KeyError | SystemExit) else line
    return text if len(text) <= MESSAGE_LENGTH else text[: MESSAGE_LENGTH - 1] + "…"


def _settle_in() -> None:
    """Be a quiet, polite process: multiprocessing has already closed the standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the engine
    niceness = int(os.environ.get(NICENESS, 10))
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        os.nice(niceness)
    elif niceness:
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    if sys.stderr is not None:  # a windowed program on Windows has none
        # What libraries print must not get among the engine's own messages.
        with contextlib.suppress(OSError):
            os.dup2(2, 1)
        sys.stdout = sys.stderr
        faulthandler.enable()
