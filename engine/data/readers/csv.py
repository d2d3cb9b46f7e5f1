"""Text tables (CSV, TSV): every column is read as text, and what that means is guessed later."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import ClassVar

import msgspec

from engine.data.readers.base import (
    Reader,
    ReadTable,
    ScriptLines,
    about_names,
    about_rows,
    refused,
)
from engine.data.system_memory import check_fits
from engine.domain.cards import ReaderCard
from engine.domain.tables import Notice
from engine.errors import InputError
from engine.plan import ReadOptions, TextOptions

SAMPLE_BYTES = 1 << 20
DECIMAL_CELLS = 100_000
"""About so many cells decide on the decimal sign."""
NOT_TEXT = re.compile(
    r"\.(xls[xmb]?|ods|orc|avro|jsonl?|arff|sav|dta|sas7bdat|mat|h5|hdf5|pkl|pickle"
    r"|np[yz]|db|sqlite|gz|zip|bz2|xz|7z|pdf|docx?|png|jpe?g)",
    re.IGNORECASE,
)
"""Files that are no text whatever they hold, and that only another reader could take."""

# Measured on tables of numbers and of words: cells of text, their features, and one column's worth
# of Python strings in between.
MEMORY_PER_BYTE = 4.0
MEMORY_PER_CELL = 18.0


class CsvReader(Reader[TextOptions]):
    """Text tables; it also takes what no other reader knows, to say what is wrong with it."""

    card: ClassVar[ReaderCard] = ReaderCard(
        id="csv",
        label="CSV or TSV",
        summary="Text: delimiter, encoding, decimal sign, quotes, header and types are found.",
        suffixes=(".csv", ".tsv", ".txt", ".tab", ".dat"),
        options="text",
    )
    options = TextOptions
    order = 1
    takes_the_rest = True

    def sniff(self, source: str) -> bool:
        return Path(source).suffix.lower() in self.card.suffixes

    def read(self, source: str, options: TextOptions, *, new_rows: bool = False) -> ReadTable:
        return read_text(Path(source), options, single_column=new_rows)

    def script(self, source: str, options: TextOptions) -> ScriptLines:
        names = ("delimiter", "encoding", "quote", "header", "rows")
        given = {name: getattr(options, name) for name in names}
        lines = [f"    {name}={value!r},\n" for name, value in given.items() if value is not None]
        return ScriptLines(
            call=f"read_cells(\n    path,\n{''.join(lines)})",
            carried={
                "engine.data.columns": ("read_cells",),
                "engine.data.fingerprint": ("file_sha256",),
            },
            fingerprint="file_sha256",
        )

    def example(self, folder: Path) -> str:
        path = folder / "example.csv"
        colours = ["red", '"green; dark"', "NA"]
        rows = [
            f"{n},{n % 3};{colours[n % 3]};00{n};2024-02-0{n};{['yes', 'no'][n % 2]}"
            for n in range(1, 10)
        ]
        path.write_text("\n".join(["size;colour;code;bought;y", *rows]) + "\n", encoding="utf-8")
        return str(path)

    def for_new_rows(self, options: ReadOptions) -> TextOptions:
        # One row does not show whether it is a header.
        return TextOptions(header=options.header if isinstance(options, TextOptions) else True)


def read_text(
    path: Path, options: TextOptions | None = None, *, single_column: bool = False
) -> ReadTable:
    """The cells of the text table at ``path`` as strings; what ``options`` leave open is found out.

    Args:
        path: the file.
        options: what the person has settled.
        single_column: whether a table of one column will do.

    Raises:
        InputError: ``file.*``, ``table.*``, or ``plan.field`` for an option that makes no sense.
    """
    from engine.data import dialect
    from engine.data.csv_parser import parse_csv
    from engine.data.scan import scan

    options = options or TextOptions()
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
    settled = TextOptions(
        delimiter=delimiter,
        encoding=found.encoding,
        decimal=options.decimal,
        quote=quote,
        header=header,
        rows=options.rows,
    )
    first = next(iter(dialect.records(lines, delimiter, quote)), [])
    cells = parse_csv(path, settled, len(first))
    if cells.num_rows == 0:
        raise InputError("table.header_only", path=path)
    if cells.num_columns < 2 and not single_column:
        shown = {"\t": "tab"}.get(delimiter, delimiter)
        raise InputError(
            "table.one_column", field="data.read.delimiter", path=path, delimiter=shown
        )
    if settled.decimal is None:
        top = cells.slice(0, max(50, min(1000, DECIMAL_CELLS // cells.num_columns)))
        sign = dialect.find_decimal(column.to_pylist() for column in top.columns)
        settled = msgspec.structs.replace(settled, decimal=sign)
    renamed = tuple(
        name
        for name, own in zip(cells.column_names, first, strict=False)
        if header and name != own.strip()
    )
    return ReadTable(cells, settled, found.sha256, _notes(settled, cells.num_rows, renamed))


def _check_options(options: TextOptions) -> None:
    if options.delimiter is not None and options.delimiter != "\\t":
        if len(options.delimiter) != 1:
            raise refused("delimiter", options.delimiter, "it must be one character")
        if options.delimiter in "\r\n\"' ":
            raise refused("delimiter", options.delimiter, "that character has another meaning")
    if options.quote is not None and len(options.quote) > 1:
        raise refused("quote", options.quote, "it must be one character, or none")
    if options.quote and options.quote == options.delimiter:
        raise refused("quote", options.quote, "it is the delimiter already")


def _check_file(path: Path) -> None:
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise InputError("file.unreadable", path=path, why=str(error)) from error
    if not exists:
        raise InputError("file.missing", path=path)
    if NOT_TEXT.fullmatch(path.suffix):
        from engine.data.readers import known_files

        raise InputError("file.kind", path=path, suffix=path.suffix, known=known_files())


def _check_memory(path: Path, rows: int | None) -> None:
    """Refuse what would take over half the free memory, with the number of rows that would not."""
    per_byte, row_bytes = _per_row(path)
    most = path.stat().st_size / row_bytes
    check_fits(path, row_bytes * per_byte, most if rows is None else min(most, rows))


def _per_row(path: Path) -> tuple[float, float]:
    """Bytes of memory for each byte of a file, and bytes of the file for each row."""
    from engine.data.scan import head

    sample = head(path, SAMPLE_BYTES)
    in_sample = max(1, sample.count(b"\n"))
    fields = max(sample.count(delimiter) for delimiter in (b",", b";", b"\t", b"|")) + in_sample
    cells_per_byte = fields / max(1, len(sample))
    return MEMORY_PER_BYTE + MEMORY_PER_CELL * cells_per_byte, max(1.0, len(sample) / in_sample)


def _sample(path: Path, encoding: str) -> list[str]:
    """The first lines of a file, whole ones only unless there is just one."""
    from engine.data.scan import head

    data = head(path, SAMPLE_BYTES)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(data)
    lines = re.split(r"\r\n|\r|\n", text)
    if len(data) == SAMPLE_BYTES and len(lines) > 1:
        lines.pop()
    return lines


def _notes(options: TextOptions, rows: int, renamed: tuple[str, ...]) -> tuple[Notice, ...]:
    """How the file was read, where that was a guess or changed anything."""
    from engine.data.scan import FALLBACK

    notes = []
    if options.encoding == FALLBACK:
        notes.append(
            Notice(
                "read.encoding",
                "The file is read as Windows-1252 (Western European), since it is not UTF-8. "
                "If letters look wrong, choose another encoding.",
                severity="caution",
            )
        )
    if options.header is False:
        notes.append(
            Notice(
                "read.header",
                "The first line is read as data, so the columns are named column 1, column 2 and "
                "so on. If it is a header, say so in the reading options.",
            )
        )
    if options.decimal == ",":
        notes.append(
            Notice(
                "read.decimal",
                "Numbers are read with a decimal comma: 1,5 is one and a half. "
                "If the comma separates thousands, choose the point.",
            )
        )
    return (*notes, *about_rows(options, rows), *about_names(renamed))
