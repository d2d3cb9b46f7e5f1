"""How a text table is written: delimiter, quote, header and decimal sign, found from a sample.

Pure functions of text. What a person has settled is never asked here.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal

from engine.data.columns import number

DELIMITERS = ("\t", ";", "|", ",")
"""Preferred first where several fit equally well: a comma may also be a decimal sign."""

SAMPLE_RECORDS = 100


def find_quote(lines: Sequence[str]) -> str:
    """The quotation mark that whole fields are wrapped in: ``"`` unless only ``'`` is used so."""
    edges = "".join(map(re.escape, DELIMITERS))
    for quote in ('"', "'"):
        wrapped = re.compile(rf"(?:^|[{edges}]) *{quote}[^{quote}]*{quote} *(?:$|[{edges}])")
        if any(wrapped.search(line) for line in lines):
            return quote
    return '"'


def find_delimiter(lines: Sequence[str], quote: str) -> str | None:
    """The delimiter that cuts most records into as many fields as the first, if any."""
    best, best_share = None, 0.0
    for delimiter in DELIMITERS:
        widths = [len(fields) for fields in _first(lines, delimiter, quote)]
        if not widths or widths[0] < 2:
            continue
        share = widths.count(widths[0]) / len(widths)
        if share > best_share:
            best, best_share = delimiter, share
    return best


def find_header(lines: Sequence[str], delimiter: str, quote: str) -> bool:
    """Whether the first record names the columns.

    It does if it counts the columns (0, 1, 2 ...). It does not if it holds a number above every
    column of numbers, or, without any such column, if each of its values occurs again below it.

    Args:
        lines: of the text, from its beginning.
        delimiter: character between fields.
        quote: character around fields; empty for none.
    """
    first, *body = _first(lines, delimiter, quote) or [[]]
    body = [fields for fields in body if len(fields) == len(first)]
    if not body:
        return True
    if len(first) > 2 and first in (
        [str(n + start) for n in range(len(first))] for start in (0, 1)
    ):
        return True
    columns = list(zip(*body, strict=True))
    numeric = [place for place, column in enumerate(columns) if _is_numeric(column)]
    if numeric:
        return not all(_is_numeric([first[place]]) or not first[place] for place in numeric)
    return not all(name in column for name, column in zip(first, columns, strict=True))


def find_decimal(columns: Iterable[Sequence[str]]) -> Literal[".", ","]:
    """The decimal sign: a comma if more columns are numbers with a comma than with a point."""
    votes: Counter[str] = Counter()
    for texts in columns:
        commas = any("," in text for text in texts)
        points = any("." in text for text in texts)
        if commas == points:
            continue
        sign = "," if commas else "."
        values = [number(text, sign) for text in dict.fromkeys(texts)]
        if all(value is not None for value in values):
            votes[sign] += 1
    return "," if votes[","] > votes["."] else "."


def records(lines: Iterable[str], delimiter: str, quote: str) -> Iterable[list[str]]:
    """Yield the records of a text table, without blank lines, up to what the csv module can't take.

    Args:
        lines: of the text.
        delimiter: character between fields.
        quote: character around fields; empty for none.
    """
    try:
        for fields in reader(lines, delimiter, quote):
            if not is_blank(fields):
                yield fields
    except csv.Error:
        return


def _first(lines: Iterable[str], delimiter: str, quote: str) -> list[list[str]]:
    return list(islice(records(lines, delimiter, quote), SAMPLE_RECORDS))


def reader(lines: Iterable[str], delimiter: str, quote: str):
    """Make a csv reader that splits as `columns.read_cells` does; its ``line_num`` counts lines.

    Args:
        lines: of the text.
        delimiter: character between fields.
        quote: character around fields; empty for none.
    """
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=True,
    )


def is_blank(fields: Sequence[str]) -> bool:
    """Whether a record is an empty line, which tables may have anywhere."""
    return not fields or (len(fields) == 1 and not fields[0].strip())


def _is_numeric(texts: Sequence[str]) -> bool:
    """Whether all texts are numbers, with either decimal sign, and at least one is not missing."""
    values = []
    for text in texts:
        value = number(text)
        values.append(number(text, ",") if value is None else value)
    known = [value for value in values if value is None or not math.isnan(value)]
    return bool(known) and None not in known
