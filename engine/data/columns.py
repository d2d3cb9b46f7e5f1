"""From cells of text to typed columns: the one conversion that all of Tunesmith uses.

The table of a run, the rows to predict and the exported script all go through these functions, so
they agree to the last bit. A script carries this file's source, so it imports only the standard
library, numpy and pandas. Cells are text, as in the file; a typed table has float64 columns for
numbers and parts of dates, and pandas categoricals for categories.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MISSING = frozenset(
    {"", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "?", "-"}
)
"""Texts that stand for a missing value, after spaces around them are gone."""

LARGEST = 3.4028234663852886e38
"""Largest float32: tree models compute in it, so what lies beyond counts as infinite."""

SMALL = 32 << 20
"""Bytes of a file that it is no matter to keep as Python strings."""

MANY = 2000
"""From so many cells on it pays to read them at once."""

NO_LABEL = -1
NEW_LABEL = -2

DATE_PARTS = ("year", "month", "day", "weekday", "hour")


def read_cells(
    path: str | PathLike[str],
    *,
    delimiter: str,
    encoding: str,
    quote: str,
    header: bool,
    rows: int | None = None,
) -> pd.DataFrame:
    """The cells of a text table, all as text, under unique column names.

    Args:
        path: the file.
        delimiter: one character.
        encoding: a codec's name.
        quote: one character, or "" where quotation marks mean nothing.
        header: whether the first line names the columns.
        rows: read only the first so many rows.

    Raises:
        pandas.errors.ParserError: if a line has more fields than the first, or a quote stays open.
        pandas.errors.EmptyDataError: if there is not a single field.
    """
    cells = pd.read_csv(
        path,
        sep=delimiter,
        encoding=encoding,
        quotechar=quote or '"',
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        header=None,
        # Python's own strings are quicker to handle, Arrow's take much less memory.
        dtype=object if Path(path).stat().st_size < SMALL else str,
        keep_default_na=False,
        na_filter=False,
        skipinitialspace=True,
        nrows=rows if rows is None else rows + header,
    )
    names = cells.iloc[0].tolist() if header else [""] * cells.shape[1]
    cells.columns = pd.Index(unique_names(names), dtype=object)
    return cells.iloc[int(header) :].reset_index(drop=True)


def unique_names(names: Iterable[str]) -> list[str]:
    """Column names without spaces around them, none empty, repeated ones as ``name.2``."""
    wanted = [name.strip() or f"column {place}" for place, name in enumerate(names, start=1)]
    taken = set(wanted)
    seen: dict[str, int] = {}
    result = []
    for name in wanted:
        number = seen.get(name, 0) + 1
        unique = name
        while number > 1 and (unique := f"{name}.{number}") in taken:
            number += 1
        seen[name] = number
        taken.add(unique)
        result.append(unique)
    return result


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells of a typed table as text; a float's text reads back as the very same float."""
    cells = {
        str(name): pd.array(
            ["" if pd.isna(v) else str(v) for v in frame[name].tolist()], dtype="str"
        )
        for name in frame.columns
    }
    return pd.DataFrame(cells)


def is_missing(text: str, dash: bool = False) -> bool:
    """Whether a cell's text stands for a missing value. With ``dash`` a lone "-" is a value."""
    text = text.strip()
    return text in MISSING and not (dash and text == "-")


def number(text: str, decimal: str = ".") -> float | None:
    """The number a cell holds: NaN for a missing one, None for what is no number.

    Thousand separators are not guessed: with a decimal comma, a point makes it no number.
    """
    try:
        if decimal == ",":
            if "." in text:
                return None
            text = text.replace(",", ".")
        return None if "_" in text else float(text)
    except ValueError:
        return math.nan if text.strip() in MISSING else None


def parse(cells: pd.Series, decimal: str = ".") -> np.ndarray | None:
    """Cells as float64, shape (n,), NaN for missing ones; None if any is no number.

    Numbers are the float64 nearest to the text, as `float` gives it.
    """
    if len(cells) > MANY:
        values = _parse_at_once(cells, decimal)
        if values is not None:
            return values
    texts = cells.tolist()
    if decimal == "." and "_" not in "".join(texts):
        try:
            # The same as `number` for every cell, as long as all of them are spelt out.
            return np.array(texts, dtype=object).astype(np.float64)
        except ValueError:
            pass
    known = {text: number(text, decimal) for text in dict.fromkeys(texts)}
    if any(value is None for value in known.values()):
        return None
    return np.fromiter(map(known.__getitem__, texts), dtype=np.float64, count=len(texts))


def _parse_at_once(cells: pd.Series, decimal: str) -> np.ndarray | None:
    """What `parse` gives, by Arrow's own correctly rounded reader; None if that has any doubt."""
    missing = cells.isin(list(MISSING))
    if decimal == ",":
        if cells.str.contains(".", regex=False).any():
            return None
        cells = cells.str.replace(",", ".", regex=False)
    try:
        read = cells.mask(missing, "nan").astype("double[pyarrow]")
        values = read.to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError, ImportError, NotImplementedError):
        return None
    return values if np.array_equal(np.isnan(values), missing.to_numpy(dtype=bool)) else None


def numbers(cells: pd.Series, decimal: str = ".") -> np.ndarray:
    """Cells as float64, shape (n,); NaN for what is missing, infinite or no number."""
    values = parse(cells, decimal)
    if values is None:

        def known(text: str) -> float:
            value = number(text, decimal)
            return math.nan if value is None else value

        values = _each(cells.tolist(), known)
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def categories(texts: Sequence[str], dash: bool = False) -> pd.Categorical:
    """Cells as a categorical, levels sorted as text, missing ones as NaN."""
    clean = {text: text.strip() for text in dict.fromkeys(texts)}
    levels = sorted({text for text in clean.values() if not is_missing(text, dash)})
    place = {level: code for code, level in enumerate(levels)}
    codes = _each(texts, lambda text: place.get(clean[text], -1)).astype(np.int64)
    return pd.Categorical.from_codes(codes, categories=pd.Index(levels, dtype="str"))


def dates(texts: Sequence[str], style: str) -> pd.DatetimeIndex:
    """Cells as points in time, in the clock of the text; NaT for what is missing or no such date.

    Args:
        style: ``ISO8601``, or a format of `datetime.strptime`. Times with an offset become UTC.
    """
    read = pd.to_datetime(
        pd.Series([text.strip() for text in texts], dtype=object),
        format=style,
        errors="coerce",
        utc=True,
    )
    return pd.DatetimeIndex(read)


def date_part(texts: Sequence[str], style: str, part: str) -> np.ndarray:
    """One of `DATE_PARTS` of dates as float64, shape (n,); NaN where the date is missing.

    A weekday counts from Monday, 0.
    """
    distinct = list(dict.fromkeys(texts))
    values = parts(dates(distinct, style), part)
    return _each(texts, dict(zip(distinct, values.tolist(), strict=True)).__getitem__)


def parts(read: pd.DatetimeIndex, part: str) -> np.ndarray:
    """One of `DATE_PARTS` of points in time as float64, NaN where there is none."""
    name = {"weekday": "day_of_week"}.get(part, part)
    return np.asarray(getattr(read, name), dtype=np.float64)


def typed(cells: pd.DataFrame, specs: Iterable[Mapping[str, Any]], decimal: str) -> pd.DataFrame:
    """The features of a table.

    Args:
        cells: text, n rows.
        specs: one mapping a feature: ``name``, ``kind`` (``number``, ``category`` or ``date``),
            ``source`` (a column of ``cells``); for a category ``dash``; for a date ``part`` and
            ``style``.
        decimal: the decimal sign.

    Returns:
        n rows, one column a feature.
    """
    features: dict[str, Any] = {}
    for spec in specs:
        column: Any = cells[spec["source"]]
        if spec["kind"] == "number":
            values = numbers(column, decimal)
        elif spec["kind"] == "date":
            values = date_part(column.tolist(), spec["style"], spec["part"])
        else:
            values = categories(column.tolist(), spec.get("dash", False))
        features[spec["name"]] = values
    return pd.DataFrame(features, index=cells.index)


def class_codes(texts: Sequence[str], classes: Sequence[str], decimal: str = ".") -> np.ndarray:
    """Labels as int64 places in ``classes``, shape (n,).

    Where all classes are numbers, labels are compared as numbers (``1`` is ``1.0``). `NO_LABEL`
    stands for a missing label, `NEW_LABEL` for one that is none of the classes.
    """
    key = label_key(classes, decimal)
    dash = "-" in classes
    place = {key(label): code for code, label in enumerate(classes)}

    def code(text: str) -> int:
        return NO_LABEL if is_missing(text, dash) else place.get(key(text), NEW_LABEL)

    return _each(texts, code).astype(np.int64)


def label_key(labels: Iterable[str], decimal: str = ".") -> Callable[[str], object]:
    """What tells two labels apart: their number where all of ``labels`` are numbers, else text."""
    values = [number(label, decimal) for label in labels]
    if all(value is not None and math.isfinite(value) for value in values):
        return lambda text: number(text, decimal)
    return str.strip


def _each(texts: Sequence[str], convert: Callable[[str], float]) -> np.ndarray:
    """``convert`` of every text as float64, shape (n,), called once for each distinct text."""
    known = {text: convert(text) for text in dict.fromkeys(texts)}
    return np.fromiter(map(known.__getitem__, texts), dtype=np.float64, count=len(texts))
