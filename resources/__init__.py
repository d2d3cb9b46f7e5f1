"""Files that come with Tunesmith: icons, style sheets, help pages. Imports nothing of ours."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def path(name: str) -> Path:
    """Where the resource ``name`` (for example ``"help/index.md"``) lies on disk; it may not exist.

    Tunesmith is always installed as plain files, never zipped, so a resource has a path.
    """
    return Path(str(files("resources").joinpath(name)))


def text(name: str) -> str:
    """The resource ``name`` as text.

    Raises:
        FileNotFoundError: if there is no such resource.
    """
    return path(name).read_text(encoding="utf-8")
