"""Arrow and Feather files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.data.readers.typed_files import TypedFileReader
from engine.domain.cards import ReaderCard

if TYPE_CHECKING:
    import pyarrow as pa


class IpcReader(TypedFileReader):
    """Tables in Arrow IPC files, which Feather files are, by the types they declare."""

    card: ClassVar[ReaderCard] = ReaderCard(
        id="arrow",
        label="Arrow or Feather",
        summary="Columns keep the types that the file declares.",
        suffixes=(".arrow", ".feather", ".ipc"),
    )
    order = 3
    magic = b"ARROW1"
    load = "load_ipc"

    def size(self, path: Path) -> tuple[int, int, int]:
        from engine.data.arrow import load_ipc

        table = load_ipc(path)
        return table.num_rows, table.num_columns, table.nbytes

    def save(self, table: pa.Table, path: Path) -> None:
        import pyarrow.feather as feather

        feather.write_feather(table, str(path))
