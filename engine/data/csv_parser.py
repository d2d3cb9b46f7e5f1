"""From a text table to its cells, once every reading option is settled.

Arrow's parser reads the file. Where it refuses, or may mean something else than the rules below,
the careful one does (`engine.data.columns.read_cells`, which exported scripts read with too), and a
slow pass finds the line for the sentence.

The rules: spaces before a field are dropped, lines of nothing but spaces too, quotation marks wrap
whole fields, and a line that is too short or too long is refused rather than filled up.
"""

from __future__ import annotations

import codecs
import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow

from engine.data import dialect
from engine.data.columns import read_cells, unique_names
from engine.errors import InputError
from engine.plan import TextOptions

UTF_8 = ("utf-8", "utf-8-sig")
BLOCK_BYTES = 4 << 20
"""Arrow's parser refuses a record longer than this."""


def parse_csv(path: Path, options: TextOptions, fields: int) -> pa.Table:
    """The cells of the text table at ``path``, all strings, under unique column names.

    Args:
        path: the file.
        options: all but the decimal sign settled.
        fields: of the first record.

    Raises:
        InputError: ``file.empty``, ``file.unreadable``, ``table.quote`` or ``table.ragged``.
    """
    cells = _quickly(path, options, fields)
    return _carefully(path, options) if cells is None else cells


def _quickly(path: Path, options: TextOptions, fields: int) -> pa.Table | None:
    """The cells as Arrow's parser reads them; None where the careful one has to look.

    Args:
        path: the file.
        options: all but the decimal sign settled.
        fields: of the first record.
    """
    encoding, quote = codecs.lookup(options.encoding or "utf-8").name, options.quote or ""
    if fields < 2 or not _is_stateless(encoding):
        return None
    names = [f"f{place}" for place in range(fields)]
    rows = None if options.rows is None else options.rows + bool(options.header)
    try:
        reader = arrow.open_csv if rows is not None else arrow.read_csv
        read = reader(
            path,
            read_options=arrow.ReadOptions(
                autogenerate_column_names=True,
                encoding="utf8" if encoding in UTF_8 else encoding,
                block_size=BLOCK_BYTES,
            ),
            parse_options=arrow.ParseOptions(
                delimiter=options.delimiter,
                quote_char=quote or False,
                newlines_in_values=bool(quote),
            ),
            convert_options=arrow.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=False
            ),
        )
        cells = read if rows is None else _first(read, rows)
    except (pa.ArrowException, OSError, ValueError, TypeError):
        return None
    if cells.column_names != names or cells.num_rows == 0:
        return None
    if quote and _stays_open(path, cells, quote, encoding):
        return None
    cells = _without_spaces(cells, quote)
    return None if cells is None else _named(cells, bool(options.header))


def _is_stateless(encoding: str) -> bool:
    """Whether a character is encoded the same at any position: UTF-8, or a byte a character."""
    return encoding in UTF_8 or len(bytes(range(256)).decode(encoding, "replace")) == 256


def _first(reader: Any, rows: int) -> pa.Table:
    """The first ``rows`` of a table that comes batch by batch."""
    batches, left = [], rows
    for batch in reader:
        batches.append(batch.slice(0, left))
        left -= batches[-1].num_rows
        if not left:
            break
    return pa.Table.from_batches(batches, reader.schema)


def _stays_open(path: Path, cells: pa.Table, quote: str, encoding: str) -> bool:
    """Whether the last quotation mark may never be closed, which Arrow's parser does not mind: the
    last cell then holds all of the file behind the mark."""
    last = str(cells.column(cells.num_columns - 1)[-1])
    behind = (quote + last.replace(quote, quote * 2)).encode(encoding.removesuffix("-sig"))
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(behind)))
        return file.read() == behind


def _without_spaces(cells: pa.Table, quote: str) -> pa.Table | None:
    """``cells`` without spaces before them; None if some may have stood within quotation marks, or
    before them."""
    columns = []
    for column in cells.columns:
        spaced = pc.call_function("starts_with", [column], pc.MatchSubstringOptions(" "))
        if not pc.call_function("any", [spaced]).as_py():
            columns.append(column)
        elif quote:
            return None
        else:
            columns.append(pc.call_function("utf8_ltrim", [column], pc.TrimOptions(" ")))
    return pa.table(columns, names=cells.column_names)


def _carefully(path: Path, options: TextOptions) -> pa.Table:
    """The cells as `columns.read_cells` reads them.

    Raises:
        InputError: ``file.empty``, ``file.unreadable``, ``table.quote`` or ``table.ragged``.
    """
    try:
        cells = read_cells(
            path,
            delimiter=options.delimiter or ",",
            encoding=options.encoding or "utf-8",
            quote=options.quote or "",
            header=bool(options.header),
            rows=options.rows,
        )
    except pd.errors.EmptyDataError as error:
        raise InputError("file.empty", path=path) from error
    except (pd.errors.ParserError, csv.Error) as error:
        raise _why_unparsed(path, options, error) from error
    # The parser fills short lines up, so one can hide only where the last cell is empty.
    if cells.shape[1] > 1 and (cells.iloc[:, -1] == "").any():
        ragged = _find_ragged(path, options)
        if ragged is not None:
            raise ragged
    return pa.table({name: pa.array(cells[name], type=pa.string()) for name in cells})


def _named(cells: pa.Table, header: bool) -> pa.Table:
    """``cells`` with the first row as names, or with numbered columns."""
    if not header:
        return cells.rename_columns(unique_names([""] * cells.num_columns))
    names = unique_names([str(column[0]) for column in cells.columns])
    return cells.rename_columns(names).slice(1)


def _why_unparsed(path: Path, options: TextOptions, error: Exception) -> InputError:
    """The sentence for what the parser could not read."""
    text = str(error)
    if "EOF inside string" in text:
        return InputError(
            "table.quote",
            field="data.read.quote",
            path=path,
            quote=options.quote,
            line=_unclosed_quote(path, options),
        )
    return _find_ragged(path, options) or InputError("file.unreadable", path=path, why=text)


def _find_ragged(path: Path, options: TextOptions) -> InputError | None:
    """The first record that has not as many fields as the first, as an error."""
    expected, count = 0, 0
    with path.open(encoding=options.encoding, newline="") as file:
        reader = dialect.reader(file, options.delimiter or ",", options.quote or "")
        start = 1
        try:
            for fields in reader:
                line, start = start, reader.line_num + 1
                if dialect.is_blank(fields):
                    continue
                count += 1
                if options.rows is not None and count > options.rows + bool(options.header):
                    break
                if expected == 0:
                    expected = len(fields)
                elif len(fields) != expected:
                    return InputError(
                        "table.ragged",
                        field="data.read.delimiter",
                        path=path,
                        line=line,
                        found=len(fields),
                        expected=expected,
                    )
        except csv.Error as error:
            return InputError("file.unreadable", path=path, why=f"line {start}: {error}")
    return None


def _unclosed_quote(path: Path, options: TextOptions) -> int:
    """Line where the quote that is never closed opens: where the last record begins."""
    start = last = 1
    with path.open(encoding=options.encoding, newline="") as file:
        reader = dialect.reader(file, options.delimiter or ",", options.quote or "")
        try:
            for _ in reader:
                last, start = start, reader.line_num + 1
        except csv.Error:
            return start
    return last
