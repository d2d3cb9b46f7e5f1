"""The virtual environment that Tunesmith runs in: where it is, and whether it is up to date.

Every start comes through here, so nothing is imported that a second start does not need.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Iterable, Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = ROOT / "pyproject.toml"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
PYTHON = "{}.{}".format(*sys.version_info[:2])

STAMP = "tunesmith.stamp"
"""The file that is written last, with what the finished environment was made from: the hash of its
place, the hash of its recipe, and "dev" where it has the tools of the checks."""


class Environment:
    """The environment in ``folder``; ``place`` and ``recipe`` say what it should be made from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.recipe = hashlib.sha256(PROJECT.read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
        self.place = hashlib.sha256(os.fsencode(f"{PYTHON}\n{ROOT}\n{folder}")).hexdigest()

    def stamp(self) -> list[str]:
        """The stamp's words; none when the environment is unfinished or has lost its Python."""
        try:
            return (self.folder / STAMP).read_text().split() if self.python.exists() else []
        except OSError:
            return []

    def is_current(self, dev: bool) -> bool:
        """Whether it was finished from today's pins, with the tools of the checks if ``dev``."""
        stamp = self.stamp()
        return stamp[:2] == [self.place, self.recipe] and (not dev or "dev" in stamp)

    def prepare(self, dev: bool, yes: bool) -> None:
        """Make it or bring it up to date where needed. Raises `Trouble` when that can't be done."""
        if not self.is_current(dev):
            from launcher.making import make

            make(self, dev, yes)

    def run(self, arguments: Iterable[str], folder: Path | None = None) -> int:
        """Run its Python with ``arguments``, in ``folder`` if given; returns the exit status."""
        import signal
        import subprocess

        command = [str(self.python), *arguments]
        # Ctrl-C reaches the program too, and it is the program that decides how to end.
        handler = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            status = subprocess.call(command, cwd=folder, env=program_environ(os.environ))
        finally:
            signal.signal(signal.SIGINT, handler)
        return status if status >= 0 else 128 - status  # as shells report a signal

    def become(self, arguments: Iterable[str]) -> int:
        """Let its Python take this process's place, or run it where there is no such thing."""
        if os.name == "posix":
            os.execve(self.python, [str(self.python), *arguments], program_environ(os.environ))
        return self.run(arguments)


def program_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` for what we start: modules come from the environment and from nowhere else."""
    foreign = ("PYTHONPATH", "PYTHONHOME")
    kept = {name: value for name, value in environ.items() if name not in foreign}
    # A module that lies beside someone's table must not shadow one of ours. And pyright need not
    # look for a newer version of itself.
    return {**kept, "PYTHONSAFEPATH": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
