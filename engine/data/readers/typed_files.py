"""Base of readers of files whose columns have types already: no text, no guess."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.data.readers.base import (
    Reader,
    ReadTable,
    ScriptLines,
    about_names,
    about_rows,
    named,
)
from engine.data.system_memory import check_fits
from engine.domain.tables import Notice
from engine.errors import InputError
from engine.plan import TypedOptions

if TYPE_CHECKING:
    import pyarrow as pa

CELL_BYTES = 32
"""Memory of a cell in addition to its bytes, most of it for the feature it becomes (measured)."""


class TypedFileReader(Reader[TypedOptions]):
    """A file with types; a subclass says by what it is known and which function loads it."""

    magic: ClassVar[bytes]
    """First bytes of its files."""
    load: ClassVar[str]
    """The function that loads a file, with the arguments ``path`` and ``rows``."""
    module: ClassVar[str] = "engine.data.arrow"
    """Where that function is. A script carries its source, so the module must define what it needs
    itself, or import it at its top."""

    @abstractmethod
    def size(self, path: Path) -> tuple[int, int, int]:
        """Rows and columns of the file at ``path``, and the bytes they take when loaded; none of
        them is read.

        Raises:
            OSError, pyarrow.ArrowException: if it is no such file.
        """

    @abstractmethod
    def save(self, table: pa.Table, path: Path) -> None:
        """Write ``table`` to ``path``."""

    def example(self, folder: Path) -> str:
        from datetime import date

        import pyarrow as pa

        path = folder / f"example{self.card.suffixes[0]}"
        table = pa.table(
            {
                "size": [None, *(place / 7 for place in range(9))],
                "id": [None, *range(90071992547409921, 90071992547409930)],
                "code": [None, "7", *(f"00{place}" for place in range(8))],
                "sold": [place % 2 == 0 for place in range(10)],
                "day": [None, *(date(2024, place + 1, 3) for place in range(9))],
                "y": [["yes", "no"][place % 2] for place in range(10)],
            }
        )
        self.save(table, path)
        return str(path)

    def sniff(self, source: str) -> bool:
        path = Path(source)
        if path.suffix.lower() in self.card.suffixes:
            return True
        try:
            with path.open("rb") as file:
                return file.read(len(self.magic)) == self.magic
        except (OSError, ValueError):
            return False

    def read(self, source: str, options: TypedOptions, *, new_rows: bool = False) -> ReadTable:
        import pyarrow as pa

        from engine.data import arrow
        from engine.data.fingerprint import file_sha256

        path = Path(source)
        try:
            self._check_memory(path, options.rows)
            loaded = getattr(import_module(self.module), self.load)(path, options.rows)
            columns, left_out = arrow.declared(loaded)
            sha256 = file_sha256(path)
        except pa.ArrowException as error:
            why = f"it is damaged, or no {self.card.label} file"
            raise InputError("file.unreadable", path=path, why=why) from error
        except FileNotFoundError as error:
            raise InputError("file.missing", path=path) from error
        except ValueError as error:  # no path at all
            raise InputError("file.unreadable", path=path, why=str(error)) from error
        if not columns.num_rows or not columns.num_columns:
            raise InputError("table.nothing", path=path)
        own = set(loaded.column_names)
        renamed = [name for name in columns.column_names if name not in own]
        notes = (*about_rows(options, columns.num_rows), *about_names(renamed), *_about(left_out))
        return ReadTable(columns, options, sha256, notes)

    def script(self, source: str, options: TypedOptions) -> ScriptLines:
        rows = "" if options.rows is None else f", {options.rows}"
        carried: dict[str, tuple[str, ...]] = {
            "engine.data.arrow": ("declared", "to_pandas"),
            "engine.data.fingerprint": ("file_sha256",),
        }
        carried[self.module] = (self.load, *carried.get(self.module, ()))
        return ScriptLines(
            call=f"to_pandas(declared({self.load}(path{rows}))[0])",
            carried=carried,
            fingerprint="file_sha256",
        )

    def _check_memory(self, path: Path, rows: int | None) -> None:
        """Refuse what would take over half the free memory, with the number of rows that would
        not."""
        count, columns, size = self.size(path)
        row_bytes = size / max(1, count) + columns * CELL_BYTES
        check_fits(path, row_bytes, count if rows is None else min(count, rows))


def _about(left_out: Sequence[str]) -> list[Notice]:
    """Columns of types that no model takes."""
    if not left_out:
        return []
    sentence = (
        f"Columns that hold neither numbers nor text nor dates are left out: {named(left_out)}."
    )
    return [Notice("columns.unknown_type", sentence, tuple(left_out))]
