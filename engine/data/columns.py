"""From the columns of a table to features and labels: the one conversion all of Tunesmith uses.

The table of a run, the rows to predict and the exported script all go through these functions, so
they agree to the last bit. A script carries this file's source, so it imports only the standard
library, numpy and pandas.

What the dtype of a column of cells means:

* ``str`` or ``object``: text of a file without types (CSV); what it holds has to be guessed.
* ``category``: words that a typed file declares as words, so digits among them are no numbers and
  ``NA`` is a word.
* a number, or a point in time: itself. NaN, NA and NaT are missing.

Features are float64 for numbers and parts of dates, and categoricals for categories.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

MISSING = frozenset(
    {"", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "?", "-"}
)
"""Texts that stand for a missing value in a file without types, spaces around them gone."""

LARGEST = 3.4028234663852886e38
"""Largest float32: tree models compute in it, so what lies beyond counts as infinite."""

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
        dtype=str,
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
    used = set(wanted)
    seen: dict[str, int] = {}
    result = []
    for name in wanted:
        number = seen.get(name, 0) + 1
        unique = name
        while number > 1 and (unique := f"{name}.{number}") in used:
            number += 1
        seen[name] = number
        used.add(unique)
        result.append(unique)
    return result


def is_text(cells: pd.Series) -> bool:
    """Whether cells are text whose meaning has to be guessed."""
    return cells.dtype == object or isinstance(cells.dtype, pd.StringDtype)


def is_words(cells: pd.Series) -> bool:
    """Whether a typed file says that cells are words."""
    return isinstance(cells.dtype, pd.CategoricalDtype)


def is_time(cells: pd.Series) -> bool:
    """Whether cells are points in time."""
    return pd.api.types.is_datetime64_any_dtype(cells.dtype)


def texts(cells: pd.Series) -> list[str]:
    """Cells as a person reads them: text as it is, a whole number by all its digits, a float by
    those that give the very same float again, a missing value as ""."""
    if is_text(cells):
        return cells.tolist()
    values = ["" if missing else str(v) for v, missing in zip(cells, cells.isna(), strict=True)]
    return [text.removesuffix(" 00:00:00") for text in values] if is_time(cells) else values


def counted(cells: pd.Series) -> Counter[str]:
    """The different texts of cells, each with its number of cells, in order of appearance."""
    codes, distinct = _factorized(cells)
    found: Counter[str] = Counter()
    for text, count in zip(distinct, np.bincount(codes).tolist(), strict=True):
        found[text] += count  # missing and empty cells both read ""
    return found


def is_missing(text: str, dash: bool = False) -> bool:
    """Whether text of a file without types stands for a missing value. With ``dash`` a lone "-" is
    a value."""
    text = text.strip()
    return text in MISSING and not (dash and text == "-")


def cleaner(cells: pd.Series, dash: bool = False) -> Callable[[str], str]:
    """How the text of a cell becomes a category or a label, "" for a missing one.

    Words of a typed file are kept to the letter. Text loses the spaces around it, and what
    `is_missing` is missing.
    """
    if not is_text(cells):
        return str
    return lambda text: "" if is_missing(text, dash) else text.strip()


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

    Of text it is the float64 nearest to it, as `float` gives it.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    if is_text(cells):
        values = _parse_at_once(cells, decimal) if len(cells) > MANY else None
        if values is not None:
            return values
        spelt = texts(cells)
        if decimal == "." and "_" not in "".join(spelt):
            try:
                # The same as `number` for every cell, as long as all of them are spelt out.
                return np.array(spelt, dtype=object).astype(np.float64)
            except ValueError:
                pass
    codes, distinct = _factorized(cells)
    known = [number(text, decimal) for text in distinct]
    if any(value is None for value in known):
        return None
    return np.array(known, dtype=np.float64)[codes]


def _parse_at_once(cells: pd.Series, decimal: str) -> np.ndarray | None:
    """Result of `parse`, by Arrow's own correctly rounded reader; None if that has any doubt."""
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

        values = _each(cells, known)
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def categories(cells: pd.Series, dash: bool = False) -> pd.Categorical:
    """Cells as a categorical, levels sorted as text, missing ones as NaN."""
    codes, distinct = _factorized(cells)
    clean = list(map(cleaner(cells, dash), distinct))
    levels = sorted({*clean} - {""})
    place = {level: code for code, level in enumerate(levels)}
    places = np.array([place.get(text, -1) for text in clean], dtype=np.int64)
    return pd.Categorical.from_codes(places[codes], categories=pd.Index(levels, dtype="str"))


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


def date_part(cells: pd.Series, style: str, part: str) -> np.ndarray:
    """One part of each date, as float64 of shape (n,); NaN where the date is missing.

    Args:
        cells: n dates as text or points in time.
        style: format of the text; points in time need none.
        part: one of `DATE_PARTS`; a weekday counts from Monday, 0.
    """
    if is_time(cells):
        return parts(pd.DatetimeIndex(cells), part)
    codes, distinct = _factorized(cells)
    return parts(dates(distinct, style), part)[codes]


def parts(read: pd.DatetimeIndex, part: str) -> np.ndarray:
    """One of `DATE_PARTS` of n points in time, as float64 of shape (n,); NaN where there is
    none."""
    name = {"weekday": "day_of_week"}.get(part, part)
    return np.asarray(getattr(read, name), dtype=np.float64)


def typed(cells: pd.DataFrame, specs: Iterable[Mapping[str, Any]], decimal: str) -> pd.DataFrame:
    """The features of a table.

    Args:
        cells: n rows.
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
            values = date_part(column, spec["style"], spec["part"])
        else:
            values = categories(column, spec.get("dash", False))
        features[spec["name"]] = values
    return pd.DataFrame(features, index=cells.index)


def class_codes(cells: pd.Series, classes: Sequence[str], decimal: str = ".") -> np.ndarray:
    """Labels as int64 places in ``classes``, shape (n,); labels are compared by `label_key`.

    Args:
        cells: n labels.
        classes: text of each class.
        decimal: the decimal sign.

    Returns:
        A place for each label, `NO_LABEL` for a missing one, and `NEW_LABEL` for one that is none
        of the classes.
    """
    key = label_key(classes, decimal)
    place = {key(label): code for code, label in enumerate(classes)}
    clean = cleaner(cells, "-" in classes)

    def code(text: str) -> int:
        label = clean(text)
        return place.get(key(label), NEW_LABEL) if label else NO_LABEL

    return _each(cells, code).astype(np.int64)


def label_key(labels: Iterable[str], decimal: str = ".") -> Callable[[str], str]:
    """Key that two labels share if they are the same label: their text.

    Only where all of ``labels`` are numbers, a whole number may be written as programs write it in
    a column of floats: ``1.0`` is ``1``. Codes stay what they are: ``007`` is not ``7``, ``1.10``
    not ``1.1``, and long numbers differ in any digit.
    """
    values = [number(label, decimal) for label in labels]
    if all(value is not None and math.isfinite(value) for value in values):
        return lambda text: text.removesuffix(f"{decimal}0") or text
    return str


def _each(cells: pd.Series, convert: Callable[[str], float]) -> np.ndarray:
    """``convert`` of every cell's text as float64, shape (n,), called once for each different
    one."""
    codes, distinct = _factorized(cells)
    return np.array([convert(text) for text in distinct], dtype=np.float64)[codes]


def _factorized(cells: pd.Series) -> tuple[np.ndarray, list[str]]:
    """For every cell the place of its text among the different ones, shape (n,), and these in
    order of appearance."""
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    return codes, texts(pd.Series(distinct))
