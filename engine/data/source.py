"""Where tables come from: a file, a folder of pictures or a bundled table, read once and remembered
for a while.

The window asks for the same table again whenever the person changes the target or leaves a column
out, so the two tables read last are kept, with the profiles of their columns.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from engine.data import columns
from engine.data.profile import Profile, profile
from engine.data.readers import builtin
from engine.data.readers.csv import ANY, TextTable, read_text
from engine.errors import InputError
from engine.plan import ColumnKind, ReadOptions

if TYPE_CHECKING:
    import pandas as pd

KEPT = 2

BUILTIN_OPTIONS = ReadOptions(delimiter=",", encoding="utf-8", decimal=".", quote='"', header=True)


class Source:
    """A table of text and what its columns show.

    Args:
        name: as the person named it: a path of a file or a folder, or ``builtin:NAME``.
        table: the cells.
    """

    def __init__(self, name: str, table: TextTable) -> None:
        self.name = name
        self.table = table
        self._profiles: dict[tuple[str, ColumnKind | None], Profile] = {}

    @property
    def names(self) -> list[str]:
        """The columns, in order."""
        return [str(name) for name in self.table.cells.columns]

    @property
    def decimal(self) -> str:
        """The decimal sign."""
        return self.table.options.decimal or "."

    def cells(self, name: str) -> pd.Series:
        """The cells of a column."""
        return cast("pd.Series", self.table.cells[name])

    def texts(self, name: str) -> list[str]:
        """The cells of a column as a list."""
        return self.cells(name).tolist()

    def profile(self, name: str, asked: ColumnKind | None = None) -> Profile:
        """What a column shows, given the kind the person has set, if any."""
        key = (name, asked)
        if key not in self._profiles:
            self._profiles[key] = profile(name, self.cells(name), self.decimal, asked)
        return self._profiles[key]


def open_source(name: str, options: ReadOptions = ANY, *, single_column: bool = False) -> Source:
    """The table called ``name``: a path of a file or a folder of pictures, or ``builtin:NAME``.

    Args:
        single_column: whether a table of one column will do, or pictures without their classes.

    Raises:
        InputError: as `read_text`, `read_folder` and `load_builtin` do.
    """
    return _recent.get(name, options, single_column)


def is_folder(name: str) -> bool:
    """Whether a source is a folder."""
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


class _Recent:
    """The tables read last; a file that has changed since is read again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[object, ReadOptions, Source]] = []

    def get(self, name: str, options: ReadOptions, single_column: bool) -> Source:
        state = _state(name)
        with self._lock:
            for place, (kept_state, asked, source) in enumerate(self._kept):
                wide = single_column or source.table.cells.shape[1] > 1
                if (
                    kept_state == state
                    and state is not None
                    and wide
                    and options in (asked, source.table.options)
                ):
                    self._kept.append(self._kept.pop(place))
                    return source
        source = Source(name, _read(name, options, single_column))
        with self._lock:
            self._kept = [*self._kept[-(KEPT - 1) :], (state, options, source)]
        return source


_recent = _Recent()


def _read(name: str, options: ReadOptions, single_column: bool) -> TextTable:
    if is_folder(name):
        from engine.data import images

        return images.read_folder(Path(name), options, loose=single_column)
    if not name.startswith(builtin.PREFIX):
        try:
            return read_text(Path(name), options, single_column=single_column)
        except OSError as error:
            raise InputError("file.unreadable", path=name, why=error.strerror) from error
    cells = columns.as_text(builtin.load_builtin(name.removeprefix(builtin.PREFIX)))
    if options.rows is not None:
        cells = cells.head(options.rows)
    settled = msgspec.structs.replace(BUILTIN_OPTIONS, rows=options.rows)
    return TextTable(cells, settled, builtin.fingerprint(cells))


def _state(name: str) -> tuple[object, ...] | None:
    """What tells one state of a source from another; None if it can't be told."""
    if name.startswith(builtin.PREFIX):
        return (name,)
    try:
        if is_folder(name):
            from engine.data import images

            return (name, *images.state(Path(name)))
        stat = Path(name).stat()
    except (OSError, ValueError):
        return None
    return (name, stat.st_ino, stat.st_size, stat.st_mtime_ns)
