"""Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.data.readers.typed_files import TypedFileReader
from engine.domain.cards import ReaderCard

if TYPE_CHECKING:
    import pyarrow as pa


class ParquetReader(TypedFileReader):
    """Tables in Parquet files, by the types they declare."""

    card: ClassVar[ReaderCard] = ReaderCard(
        id="parquet",
        label="Parquet",
        summary="Columns keep the types that the file declares.",
        suffixes=(".parquet", ".pq"),
    )
    order = 2
    magic = b"PAR1"
    load = "load_parquet"

    def size(self, path: Path) -> tuple[int, int, int]:
        import pyarrow.parquet as pq

        about = pq.read_metadata(path)
        groups = (about.row_group(place) for place in range(about.num_row_groups))
        return about.num_rows, about.num_columns, sum(group.total_byte_size for group in groups)

    def save(self, table: pa.Table, path: Path) -> None:
        import pyarrow.parquet as pq

        pq.write_table(table, path)
