"""`Scratch`: temporary folder for states of fits that may be resumed, private to this process.

Nothing depends on it: after a kill such fits start from scratch.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psutil

PREFIX = "tunesmith-scratch-"


class Scratch:
    """A folder with one file per trial and fold; deleted by `close`, or when the process ends."""

    def __init__(self) -> None:
        _sweep()
        prefix = f"{PREFIX}{os.getpid()}-"
        self._folder = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)

    def state(self, trial: int, fold: int) -> str:
        """Path of the state of a trial's fold."""
        return str(Path(self._folder.name) / f"{trial}-{fold}.state")

    def forget(self, trial: int) -> None:
        """Delete the states of a trial that is final."""
        for path in Path(self._folder.name).glob(f"{trial}-*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Delete the folder; may be repeated."""
        self._folder.cleanup()


def _sweep() -> None:
    """Delete the folders of killed processes."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
