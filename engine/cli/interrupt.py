"""`run_until_interrupted`: work that the user watches in the terminal and may interrupt."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol, TypeVar

from engine.cli.printed_report import command
from engine.errors import RunError
from engine.runs.executor import Executor
from engine.search import Control

INTERRUPTED = 130

T = TypeVar("T")


class Closable(Protocol):
    def close(self) -> None: ...


def run_until_interrupted(
    executor: Executor, progress: Closable, work: Callable[[], T]
) -> tuple[int, T | None]:
    """Do ``work`` and close ``executor`` and ``progress``.

    Errors, and how to resume what is in the executor's folder, are printed on standard error.

    Args:
        executor: steered by Ctrl-C.
        progress: closed at the end.
        work: called without arguments.

    Returns:
        The exit status, and what ``work`` returned if that is 0.
    """
    again = command("resume", executor.folder)
    try:
        with _interruptible(executor.control):
            value = work()
    except RunError as error:
        progress.close()
        print(f"tunesmith: {error}\nGo on with: {again}", file=sys.stderr)
        return error.exit_status, None
    finally:
        progress.close()
        executor.close()
    if executor.control.abandoned:
        print(f"Interrupted. Go on with: {again}", file=sys.stderr)
        return INTERRUPTED, None
    return 0, value


@contextmanager
def _interruptible(control: Control) -> Iterator[None]:
    """Context in which Ctrl-C and SIGTERM leave the run resumable; a second one ends at once."""

    def leave(number: int, frame: FrameType | None) -> None:
        if control.abandoned:
            os._exit(INTERRUPTED)
        control.abandon()

    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
