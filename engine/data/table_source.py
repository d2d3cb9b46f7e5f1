"""Tables as they were read, remembered for a while.

The window asks for the same table again whenever the person changes the target or leaves a column
out, so the two tables read last are kept, with the profiles of their columns.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, cast

from engine.data.profile import Profile, profile
from engine.data.readers import ReadTable, reader_of
from engine.domain.tables import Notice
from engine.errors import InputError
from engine.plan import ColumnKind, ReadOptions

if TYPE_CHECKING:
    import pandas as pd

KEPT = 2


class Source:
    """A table and what its columns show.

    Args:
        name: as the person named it, see `DataPlan.source`.
        table: as it was read.
    """

    def __init__(self, name: str, table: ReadTable) -> None:
        self.name = name
        self._table = table
        self._profiles: dict[tuple[str, ColumnKind | None], Profile] = {}

    @property
    def names(self) -> list[str]:
        """The columns, in order."""
        return self._table.columns.column_names

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._table.columns.num_rows

    @property
    def options(self) -> ReadOptions:
        """How it was read, nothing left open."""
        return self._table.options

    @property
    def sha256(self) -> str:
        """Fingerprint of the table's state."""
        return self._table.sha256

    @property
    def notes(self) -> tuple[Notice, ...]:
        """How it was read, where that was a guess or changed anything."""
        return self._table.notes

    @property
    def decimal(self) -> str:
        """The decimal sign of numbers that are text."""
        return self.options.decimal_sign

    @cached_property
    def cells(self) -> pd.DataFrame:
        """All columns, as `engine.data.columns` takes them; mostly the same memory as Arrow's."""
        from engine.data.arrow import to_pandas

        return to_pandas(self._table.columns)

    def column(self, name: str) -> pd.Series:
        """The cells of a column."""
        return cast("pd.Series", self.cells[name])

    def profile(self, name: str, asked: ColumnKind | None = None) -> Profile:
        """Profile of a column, by the kind the person has set, if any."""
        key = (name, asked)
        if key not in self._profiles:
            self._profiles[key] = profile(name, self.column(name), self.decimal, asked)
        return self._profiles[key]


def open_source(name: str, options: ReadOptions | None = None, *, new_rows: bool = False) -> Source:
    """The table called ``name``, read by the reader that takes it.

    Args:
        name: see `DataPlan.source`.
        options: what the person has settled about reading.
        new_rows: whether the rows are only to be predicted, see `Reader.read`.

    Raises:
        InputError: as `Reader.read` and `Reader.checked` do.
    """
    return _recent.get(name, options, new_rows)


class _Recent:
    """The tables read last; one that has changed since is read again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[object, ReadOptions, Source]] = []

    def get(self, name: str, asked: ReadOptions | None, new_rows: bool) -> Source:
        """The table ``name``, read as ``asked``; the one kept if it is still the same.

        Args:
            name: see `DataPlan.source`.
            asked: reading options that the person has settled.
            new_rows: see `Reader.read`.

        Raises:
            InputError: as `open_source` does.
        """
        reader = reader_of(name)
        options = reader.checked(name, asked)
        try:
            state = (name, new_rows, *reader.state(name))
        except (OSError, ValueError):
            state = None
        with self._lock:
            for place, (kept_state, kept_options, source) in enumerate(self._kept):
                if state == kept_state and options in (kept_options, source.options):
                    self._kept.append(self._kept.pop(place))
                    return source
        try:
            source = Source(name, reader.read(name, options, new_rows=new_rows))
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError("file.unreadable", path=name, why=why) from error
        if state is not None:
            with self._lock:
                self._kept = [*self._kept[-(KEPT - 1) :], (state, options, source)]
        return source


_recent = _Recent()
