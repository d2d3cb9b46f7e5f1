"""`attended`: work that a person watches in the terminal and may interrupt."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol, TypeVar

from engine.cli.report import command
from engine.errors import RunError

INTERRUPTED = 130

T = TypeVar("T")


class Leavable(Protocol):
    """A search or several that can be left as they stand."""

    @property
    def abandoned(self) -> bool: ...

    def abandon(self) -> None: ...

    def close(self) -> None: ...


class Closable(Protocol):
    def close(self) -> None: ...


def attended(
    conduct: Leavable, progress: Closable, folder: Path, work: Callable[[], T]
) -> tuple[int, T | None]:
    """Do ``work`` and close ``conduct`` and ``progress``.

    What goes wrong, and how to go on with what is in ``folder``, is said on standard error.

    Returns:
        The exit status, and what ``work`` gave if that is 0.
    """
    try:
        with _interruptible(conduct):
            value = work()
    except RunError as error:
        progress.close()
        print(f"tunesmith: {error}\nGo on with: {command('resume', folder)}", file=sys.stderr)
        return error.exit_status, None
    finally:
        progress.close()
        conduct.close()
    if conduct.abandoned:
        print(f"Interrupted. Go on with: {command('resume', folder)}", file=sys.stderr)
        return INTERRUPTED, None
    return 0, value


@contextmanager
def _interruptible(conduct: Leavable) -> Iterator[None]:
    """Ctrl-C and a polite kill leave the run resumable; a second one ends at once."""

    def leave(number: int, frame: FrameType | None) -> None:
        if conduct.abandoned:
            os._exit(INTERRUPTED)
        conduct.abandon()

    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
