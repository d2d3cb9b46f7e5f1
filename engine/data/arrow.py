"""Tables with types, between Arrow and pandas.

An exported script carries this file's source, so besides that of `engine.data.columns` it imports
only pandas and pyarrow.
"""

from __future__ import annotations

from os import PathLike

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.data.columns import unique_names


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """``table`` as `engine.data.columns` takes it, to the letter and the last digit.

    Strings become ``str``, dictionaries of strings ``category``, points in time ``datetime64`` and
    numbers themselves: whole ones of which some are missing become ``Int64`` or ``UInt64``, since
    floats would round the long ones.
    """
    series = [_series(column) for column in table.columns]
    return pd.DataFrame(dict(zip(table.column_names, series, strict=True)), copy=False)


def declared(table: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
    """The columns of a typed file by the types it declares, under unique names, and the names of
    those left out.

    Strings and truth values become words (dictionaries), days points in time, points in time of
    any zone those of UTC, and decimals floats. Lists, structures, bytes and lengths of time are
    left out.
    """
    names = unique_names(table.column_names)
    found = {name: _declared(table.column(place)) for place, name in enumerate(names)}
    kept = {name: column for name, column in found.items() if column is not None}
    return pa.table(kept), tuple(name for name in names if name not in kept)


def load_parquet(path: str | PathLike[str], rows: int | None = None) -> pa.Table:
    """The table of a Parquet file, or its first ``rows``."""
    with pq.ParquetFile(path) as file:
        if rows is None:
            return file.read()
        batches, left = [], rows
        for batch in file.iter_batches(min(rows, 1 << 16)):
            batches.append(batch.slice(0, left))
            left -= batches[-1].num_rows
            if not left:
                break
        return pa.Table.from_batches(batches, file.schema_arrow)


def load_ipc(path: str | PathLike[str], rows: int | None = None) -> pa.Table:
    """The table of an Arrow or Feather file, or its first ``rows``."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all().slice(0, rows)


def _declared(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if pa.types.is_boolean(kind):
        return pc.call_function("if_else", [column, "True", "False"]).dictionary_encode()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string()).dictionary_encode()
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False).cast(
            pa.timestamp("us")
        )
    if pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return column.cast(pa.float64())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    return column if pa.types.is_integer(kind) or pa.types.is_floating(kind) else None


def _series(column: pa.ChunkedArray) -> pd.Series:
    wide = pa.types.is_integer(column.type) and column.null_count > 0
    if wide:
        signed = pa.types.is_signed_integer(column.type)
        column = column.cast(pa.int64() if signed else pa.uint64())
    exact = {
        **dict.fromkeys((pa.string(), pa.large_string()), pd.StringDtype(na_value=float("nan"))),
        **({pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()} if wide else {}),
    }
    return column.to_pandas(types_mapper=exact.get)
