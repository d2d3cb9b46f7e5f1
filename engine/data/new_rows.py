"""Reading rows that a model has not seen, the same way as its own table."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.data import columns
from engine.data.readers import reader_of
from engine.data.schema import ColumnSpec, Schema
from engine.data.table_source import Source, open_source
from engine.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 3


def read_new_rows(source: str, schema: Schema) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The features of the rows in ``source``, and notes on what is unusual about them.

    Columns beyond those of the schema, the target among them, are ignored.

    Returns:
        All rows of the file in its order, with the schema's features; and sentences.

    Raises:
        InputError: ``columns.missing``, ``columns.type``, ``columns.date``, or as `open_source`
            does.
    """
    table = open_matching(source, schema, ())
    return checked_features(table, schema)


def open_matching(source: str, schema: Schema, further_columns: tuple[str, ...]) -> Source:
    """Open the table ``source``, which must have the schema's columns.

    Its delimiter, encoding and decimal sign are its own; if it lacks columns when read by them, it
    is read as the schema's table was.

    Args:
        source: file or folder.
        schema: of the model's own table.
        further_columns: it must have, too.

    Returns:
        The open table.

    Raises:
        InputError: ``columns.missing``, or as `open_source` does.
    """
    needed = list(dict.fromkeys([*(c.source for c in schema.columns), *further_columns]))
    reader = reader_of(source)
    own = open_source(source, reader.for_new_rows(schema.read), new_rows=True)
    missing = _missing(own, needed)
    if not missing:
        return own
    if isinstance(schema.read, reader.options):
        same = open_source(source, msgspec.structs.replace(schema.read, rows=None), new_rows=True)
        if not _missing(same, needed):
            return same
    near = {n: difflib.get_close_matches(n, own.names, 1) for n in missing}
    names = ", ".join(f"{n} (it has {near[n][0]})" if near[n] else n for n in missing[:10])
    if len(missing) > 10:
        names += f" and {len(missing) - 10:,} more"
    raise InputError("columns.missing", path=source, names=names)


def checked_features(
    table: Source, schema: Schema, keep: np.ndarray | None = None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The features of the rows of ``table``, every cell checked against the schema, and notes.

    Args:
        table: it has the schema's columns.
        schema: of the model's own table.
        keep: shape (rows,), bool; which rows are wanted, all of them without it.

    Raises:
        InputError: ``columns.type`` or ``columns.date`` for a cell that the model can't take.
    """
    notes: list[str] = []
    for spec in schema.columns:
        if spec.kind == "number":
            _check_numbers(spec, table, notes)
        elif spec.kind == "date":
            _check_dates(spec, table)
        else:
            _note_new_levels(spec, table, notes)
    cells = table.cells
    if keep is not None:
        cells = cells.loc[keep].reset_index(drop=True)
    return columns.typed(cells, schema.specs(), table.decimal), tuple(notes)


def _missing(table: Source, needed: list[str]) -> list[str]:
    names = set(table.names)
    return [name for name in needed if name not in names]


def _check_numbers(spec: ColumnSpec, table: Source, notes: list[str]) -> None:
    cells = table.column(spec.source)
    values = columns.parse(cells, table.decimal)
    if values is None:
        if spec.lenient:
            return
        texts = columns.texts(cells)
        wrong = next(text for text in texts if columns.number(text, table.decimal) is None)
        raise _wrong("columns.type", texts, wrong, spec, table)
    count = int((np.abs(values) > columns.LARGEST).sum())
    if count:
        notes.append(f"{spec.source}: {_rows(count)} with an infinite number, taken as missing.")


def _check_dates(spec: ColumnSpec, table: Source) -> None:
    cells = table.column(spec.source)
    if columns.is_time(cells):
        return
    texts = columns.texts(cells)
    known = [text for text in dict.fromkeys(texts) if not columns.is_missing(text)]
    read = columns.dates(known, spec.style)
    if read.hasnans:
        wrong = known[int(np.flatnonzero(read.isna())[0])]
        form = "%Y-%m-%d" if spec.style == "ISO8601" else spec.style
        example = columns.pd.Timestamp(2024, 12, 31).strftime(form)
        raise _wrong("columns.date", texts, wrong, spec, table, example=example)


def _wrong(
    code: str, texts: list[str], wrong: str, spec: ColumnSpec, table: Source, **params: str
) -> InputError:
    row = texts.index(wrong) + 1
    return InputError(
        code, name=spec.source, path=table.name, value=wrong.strip(), row=row, **params
    )


def _note_new_levels(spec: ColumnSpec, table: Source, notes: list[str]) -> None:
    levels = columns.categories(table.column(spec.source), spec.dash)
    new = ~levels.isin(np.array(spec.levels, dtype=object)) & ~levels.isna()
    if not new.any():
        return
    shown = ", ".join(f"“{label}”" for label in list(dict.fromkeys(levels[new]))[:SHOWN])
    notes.append(
        f"{spec.source} holds values that the model has not seen in {_rows(int(new.sum()))}, for "
        f"example {shown}. They are treated as none of the known ones."
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
