"""The person's preferences: small, versioned, in one JSON file that is only ever replaced whole.

A file that can't be read costs the preferences, never the start: it is put aside and defaults hold.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from engine import user_folders

FORMAT = 1

ThemeChoice = Literal["system", "light", "dark", "high_contrast"]


class Preferences(msgspec.Struct, frozen=True):
    """Preferences kept between starts. Nothing here changes results."""

    theme: ThemeChoice = "system"
    workers: int | None = None
    """Workers of a new plan; None: as many as the guide advises."""
    last_folder: str = ""
    """Where the last file was opened or saved."""
    geometry: str = ""
    """The window's place and size, as Qt saves it, in base64."""
    format: int = FORMAT


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a format to the next one, as functions of the JSON tree."""


def default_path() -> Path:
    """Where preferences are kept on this system."""
    return user_folders.settings() / "preferences.json"


def read(path: Path) -> Preferences:
    """The preferences at ``path``; defaults when there are none or they can't be read.

    What can't be read is kept beside as ``*.unreadable``, what is newer as ``*.newer``.
    """
    try:
        tree = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        found = tree.get("format", 0)
        for step in range(found if isinstance(found, int) else 0, FORMAT):
            tree = MIGRATIONS.get(step, dict)(tree)
        preferences = msgspec.convert(tree, Preferences)
    except OSError:
        return Preferences()
    except (msgspec.DecodeError, UnicodeDecodeError):
        _put_aside(path, ".unreadable")
        return Preferences()
    if preferences.format > FORMAT:
        _put_aside(path, ".newer")
    return msgspec.structs.replace(preferences, format=FORMAT)


def write(path: Path, preferences: Preferences) -> None:
    """Replace the file at ``path`` as a whole.

    Raises:
        OSError: if the folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(preferences), indent=2) + b"\n")
    draft.replace(path)


class SettingsStore(QObject):
    """The preferences of this session, saved at each change.

    Args:
        path: the file; `default_path` when left out.
    """

    changed = Signal(object)
    """`Preferences`, after a change."""

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path or default_path()
        self._preferences = read(self._path)

    @property
    def preferences(self) -> Preferences:
        """Present preferences."""
        return self._preferences

    def update(self, **fields: Any) -> None:
        """Change some preferences and save them all."""
        preferences = msgspec.structs.replace(self._preferences, **fields)
        if preferences == self._preferences:
            return
        self._preferences = preferences
        # A full or read-only disk must not stop anybody from working.
        with contextlib.suppress(OSError):
            write(self._path, preferences)
        self.changed.emit(preferences)


def _put_aside(path: Path, suffix: str) -> None:
    with contextlib.suppress(OSError):
        path.with_name(path.name + suffix).write_bytes(path.read_bytes())
