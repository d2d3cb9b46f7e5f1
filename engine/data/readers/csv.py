"""Reading a text table: from a file to cells of text, with every reading option settled.

What can't be read without losing something is refused, with the line and the remedy.
"""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.data import dialect
from engine.data.memory import available_memory, readable
from engine.data.scan import head, scan
from engine.errors import InputError
from engine.plan import ReadOptions

if TYPE_CHECKING:
    import pandas as pd

ANY = ReadOptions()
"""Everything about reading is to be found out."""

SAMPLE_BYTES = 1 << 20
DECIMAL_CELLS = 100_000
"""About so many cells decide on the decimal sign."""
NOT_TEXT = re.compile(
    r"\.(xls[xmb]?|ods|parquet|feather|arrow|jsonl?|arff|sav|dta|sas7bdat|mat|h5|hdf5|pkl|pickle"
    r"|np[yz]|db|sqlite|gz|zip|bz2|xz|7z|pdf|docx?|png|jpe?g)",
    re.IGNORECASE,
)

# Measured on tables of numbers and of words: cells of text, their features, and one column's worth
# of Python strings in between.
MEMORY_PER_BYTE = 4.0
MEMORY_PER_CELL = 18.0


@dataclass(frozen=True)
class TextTable:
    """A text table as it was read.

    Attributes:
        cells: all cells as text, under unique names.
        options: how it was read, nothing left open.
        sha256: of the file's bytes; of the cells for a bundled table, of all files for a folder of
            pictures.
        renamed: columns that had no name of their own in the file.
    """

    cells: pd.DataFrame
    options: ReadOptions
    sha256: str
    renamed: tuple[str, ...] = ()


def read_text(path: Path, options: ReadOptions = ANY, *, single_column: bool = False) -> TextTable:
    """The cells of the text table at ``path``; what ``options`` leave open is found out.

    Args:
        path: the file.
        options: what the person has settled.
        single_column: whether a table of one column will do.

    Raises:
        InputError: ``file.*``, ``table.*``, or ``plan.field`` for an option that makes no sense.
    """
    import pandas as pd

    from engine.data import columns

    _check_options(options)
    _check_file(path)
    _check_memory(path, options.rows)
    found = scan(path, options.encoding)
    lines = _sample(path, found.encoding)
    if not any(line.strip() for line in lines):
        raise InputError("file.empty", path=path)

    quote = dialect.find_quote(lines) if options.quote is None else options.quote
    delimiter = options.delimiter or dialect.find_delimiter(lines, quote) or ","
    delimiter = "\t" if delimiter == "\\t" else delimiter
    header = options.header
    if header is None:
        header = dialect.find_header(lines, delimiter, quote)
    settled = ReadOptions(
        delimiter=delimiter,
        encoding=found.encoding,
        decimal=options.decimal,
        quote=quote,
        header=header,
        rows=options.rows,
    )
    try:
        cells = columns.read_cells(
            path,
            delimiter=delimiter,
            encoding=found.encoding,
            quote=quote,
            header=header,
            rows=options.rows,
        )
    except pd.errors.EmptyDataError as error:
        raise InputError("file.empty", path=path) from error
    except (pd.errors.ParserError, csv.Error) as error:
        raise _why_unparsed(path, settled, error) from error
    if cells.empty:
        raise InputError("table.header_only", path=path)
    if cells.shape[1] < 2 and not single_column:
        shown = {"\t": "tab"}.get(delimiter, delimiter)
        raise InputError(
            "table.one_column", field="data.read.delimiter", path=path, delimiter=shown
        )
    # The parser fills short lines up, so one can hide only where the last cell is empty.
    if cells.shape[1] > 1 and (cells.iloc[:, -1] == "").any():
        ragged = _find_ragged(path, settled)
        if ragged is not None:
            raise ragged
    if settled.decimal is None:
        top = cells.head(max(50, min(1000, DECIMAL_CELLS // cells.shape[1])))
        sign = dialect.find_decimal(top[name].tolist() for name in top.columns)
        settled = msgspec.structs.replace(settled, decimal=sign)
    return TextTable(
        cells=cells,
        options=settled,
        sha256=found.sha256,
        renamed=_renamed(cells, lines, settled) if header else (),
    )


def _check_options(options: ReadOptions) -> None:
    def refuse(name: str, value: object, why: str) -> InputError:
        path = f"data.read.{name}"
        return InputError("plan.field", field=path, path=path, value=f"“{value}”", why=why)

    if options.delimiter is not None and options.delimiter != "\\t":
        if len(options.delimiter) != 1:
            raise refuse("delimiter", options.delimiter, "it must be one character")
        if options.delimiter in "\r\n\"' ":
            raise refuse("delimiter", options.delimiter, "that character has another meaning")
    if options.quote is not None and len(options.quote) > 1:
        raise refuse("quote", options.quote, "it must be one character, or none")
    if options.quote and options.quote == options.delimiter:
        raise refuse("quote", options.quote, "it is the delimiter already")
    if options.rows is not None and options.rows < 1:
        raise refuse("rows", options.rows, "it must be at least 1")


def _check_file(path: Path) -> None:
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise InputError("file.unreadable", path=path, why=str(error)) from error
    if not exists:
        raise InputError("file.missing", path=path)
    if NOT_TEXT.fullmatch(path.suffix):
        raise InputError("file.kind", path=path, suffix=path.suffix)


def _check_memory(path: Path, rows: int | None) -> None:
    """Refuse what would take over half the free memory, with the number of rows that would not."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError("file.unreadable", path=path, why=error.strerror or str(error)) from error
    sample = head(path, SAMPLE_BYTES)
    in_sample = max(1, sample.count(b"\n"))
    fields = max(sample.count(delimiter) for delimiter in (b",", b";", b"\t", b"|")) + in_sample
    cells_per_byte = fields / max(1, len(sample))
    per_byte = MEMORY_PER_BYTE + MEMORY_PER_CELL * cells_per_byte
    row_bytes = max(1.0, len(sample) / in_sample)
    used = size if rows is None else min(size, rows * row_bytes)
    free = available_memory()
    if used * per_byte <= free / 2:
        return
    raise InputError(
        "file.too_large",
        field="data.read.rows",
        path=path,
        needed=readable(used * per_byte),
        free=readable(free),
        rows=max(1, _round_down(int(free / 2 / per_byte / row_bytes))),
    )


def _sample(path: Path, encoding: str) -> list[str]:
    """The first lines of a file, whole ones only unless there is just one."""
    data = head(path, SAMPLE_BYTES)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(data)
    lines = re.split(r"\r\n|\r|\n", text)
    if len(data) == SAMPLE_BYTES and len(lines) > 1:
        lines.pop()
    return lines


def _why_unparsed(path: Path, options: ReadOptions, error: Exception) -> InputError:
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


def _find_ragged(path: Path, options: ReadOptions) -> InputError | None:
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


def _unclosed_quote(path: Path, options: ReadOptions) -> int:
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


def _renamed(cells: pd.DataFrame, lines: list[str], options: ReadOptions) -> tuple[str, ...]:
    """Columns whose name is not the file's own: names that were repeated or empty."""
    first = next(iter(dialect.records(lines, options.delimiter or ",", options.quote or "")), [])
    return tuple(
        str(name)
        for name, own in zip(cells.columns, first, strict=False)
        if str(name) != own.strip()
    )


def _round_down(rows: int) -> int:
    """``rows`` with at most two leading digits that are not 0."""
    step = 10 ** max(0, len(str(rows)) - 2)
    return rows // step * step
