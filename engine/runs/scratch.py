"""`Scratch`: where the states of fits wait that may be continued, private to this process.

Nothing depends on it: after a kill such fits begin anew.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psutil

PREFIX = "tunesmith-scratch-"


class Scratch:
    """A folder for one file a trial and fold; gone with `close`, or with the process."""

    def __init__(self) -> None:
        _sweep()
        prefix = f"{PREFIX}{os.getpid()}-"
        self._folder = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)

    def state(self, trial: int, fold: int) -> str:
        """The file for the state of a trial's fold."""
        return str(Path(self._folder.name) / f"{trial}-{fold}.state")

    def forget(self, trial: int) -> None:
        """Remove the states of a trial that is final."""
        for path in Path(self._folder.name).glob(f"{trial}-*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove them all; harmless when repeated."""
        self._folder.cleanup()


def _sweep() -> None:
    """Remove what killed processes left."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
