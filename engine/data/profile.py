"""Profile of one column: its kind, its figures, and whether a model can use it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from engine.data.columns import (
    DATE_PARTS,
    LARGEST,
    cleaner,
    counted,
    dates,
    is_missing,
    is_text,
    is_time,
    is_words,
    number,
    numbers,
    parse,
    parts,
    texts,
)
from engine.data.schema import ColumnSpec
from engine.plan import ColumnKind

BINS = 12
EXAMPLES = 3
HEAD = 20
"""Cells that examples are taken from."""

ENOUGH_ROWS = 20
"""Fewer rows say nothing about whether a column is an id or a text."""

ID_WORDS = re.compile(r"ids?|idx|index|[ug]uid|key|row(id|num|names)?|no|nr|num|nummer|serial")

Idle = Literal["", "empty", "constant", "id", "text"]
"""Why a column is left out by default."""

_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DATE_STYLES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}(?:Z|[+-]\d{{2}}:?\d{{2}})?"), ("ISO8601",)),
    (re.compile(rf"\d{{4}}/\d{{1,2}}/\d{{1,2}}{_TIME}"), ("%Y/%m/%d",)),
    (re.compile(rf"\d{{1,2}}\.\d{{1,2}}\.\d{{4}}{_TIME}"), ("%d.%m.%Y",)),
    (re.compile(rf"\d{{1,2}}/\d{{1,2}}/\d{{4}}{_TIME}"), ("%d/%m/%Y", "%m/%d/%Y")),
    (re.compile(rf"\d{{1,2}}-\d{{1,2}}-\d{{4}}{_TIME}"), ("%d-%m-%Y", "%m-%d-%Y")),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S")


@dataclass(frozen=True)
class Profile:
    """One column in figures.

    Attributes:
        name: the column.
        kind: what it is read as.
        missing: cells without a value, infinite ones not counted.
        distinct: different values, missing ones not counted.
        infinite: cells that hold an infinite number, or one beyond the range of float32.
        odd: for a mixed column: cells that are no numbers.
        odd_text: one of them.
        mixed: most cells are numbers, but not all.
        idle: why it is left out, "" if it is not.
        counting: it numbers the rows: 1, 2, 3 ...
        style: for dates: their format; ambiguous if day and month could be swapped.
        parts: for dates: the `DATE_PARTS` that differ between rows.
        dash: a lone "-" is one of its values.
        levels: for categories: the values, sorted.
        minimum, maximum, histogram, examples: as in `Column`.
    """

    name: str
    kind: ColumnKind
    missing: int
    distinct: int
    infinite: int = 0
    odd: int = 0
    odd_text: str = ""
    mixed: bool = False
    idle: Idle = ""
    counting: bool = False
    style: str = ""
    ambiguous: bool = False
    parts: tuple[str, ...] = ()
    dash: bool = False
    levels: tuple[str, ...] = ()
    minimum: str = ""
    maximum: str = ""
    histogram: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()

    def specs(self, used: set[str]) -> list[ColumnSpec]:
        """The features of this column, under names not in ``used``, to which they are added."""
        if self.kind == "date":
            result = []
            for part in self.parts:
                name = f"{self.name}.{part}"
                while name in used:
                    name += "_"
                used.add(name)
                result.append(ColumnSpec(name, "date", self.name, part=part, style=self.style))
            return result
        if self.kind == "number":
            return [ColumnSpec(self.name, "number", self.name, lenient=self.odd > 0)]
        return [ColumnSpec(self.name, "category", self.name, self.levels, self.dash)]


def profile(name: str, cells: pd.Series, decimal: str, asked: ColumnKind | None = None) -> Profile:
    """The profile of a column's cells.

    Args:
        name: the column's.
        cells: the column, shape (rows,), see `engine.data.columns`; only text has its kind guessed.
        decimal: the decimal sign.
        asked: the kind the person has set. A column whose kind is set is left out only as ``text``.
    """
    if asked == "number" or (asked is None and not is_words(cells)):
        values = parse(cells, decimal)
        if values is not None:
            return _numbers(name, cells, values, asked)
    counts = counted(cells)
    known = [text for text in counts if text]
    if known and is_time(cells) and asked in (None, "date"):
        return _dates(name, counts, known, "ISO8601", False, asked)
    words = [text for text in counts if number(text, decimal) is None]
    if asked == "number":
        odd = sum(counts[text] for text in words)
        read = _numbers(name, cells, numbers(cells, decimal), asked)
        return replace(read, missing=read.missing - odd, odd=odd, odd_text=words[0].strip())
    if asked == "date" or (asked is None and is_text(cells)):
        known = [text for text in counts if not is_missing(text)]
        style, ambiguous = find_style(known)
        if style or asked == "date":
            return _dates(name, counts, known, style, ambiguous, asked)
    return _words(name, cells, counts, words, asked)


def find_style(texts: Sequence[str]) -> tuple[str, bool]:
    """The date format that fits every text, "" if none does, and whether another fits as well."""
    clean = list(dict.fromkeys(text.strip() for text in texts))
    for pattern, styles in _DATE_STYLES:
        if not clean or not all(map(pattern.fullmatch, clean[:ENOUGH_ROWS])):
            continue
        if not all(map(pattern.fullmatch, clean)):
            return "", False
        clocks = ("",) if styles == ("ISO8601",) else _CLOCKS
        fitting = [s + c for s in styles for c in clocks if not dates(clean, s + c).hasnans]
        return (fitting[0], len(fitting) > 1) if fitting else ("", False)
    return "", False


def _numbers(name: str, cells: pd.Series, values: np.ndarray, asked: ColumnKind | None) -> Profile:
    finite = values[np.abs(values) <= LARGEST]
    missing = int(np.isnan(values).sum())
    infinite = values.size - missing - finite.size
    unique = np.unique(finite)
    if unique.size == 0:
        return Profile(name, "number", missing, 0, infinite, idle="" if asked else "empty")
    low, high = float(unique[0]), float(unique[-1])
    idle: Idle = ""
    if asked is None and unique.size == 1:
        idle = "constant"
    elif asked is None and _is_id(name, unique, values.size):
        idle = "id"
    return Profile(
        name=name,
        kind="number",
        missing=missing,
        distinct=int(unique.size),
        infinite=infinite,
        idle=idle,
        counting=not idle and _counts_rows(values),
        minimum=f"{low:.6g}",
        maximum=f"{high:.6g}",
        histogram=_histogram(finite, None, low, high),
        examples=_examples(texts(cells.head(HEAD))),
    )


def _dates(
    name: str,
    counts: Counter[str],
    known: list[str],
    style: str,
    ambiguous: bool,
    asked: ColumnKind | None,
) -> Profile:
    missing = counts.total() - sum(counts[text] for text in known)
    if not style:
        # Asked for by the person, but no format fits: `specs` has no parts, which `open` refuses.
        return Profile(name, "date", missing, len(known), odd=1, odd_text=_first_no_date(known))
    read = dates(known, style)
    differing = tuple(part for part in DATE_PARTS if np.unique(parts(read, part)).size > 1)
    idle: Idle = "" if differing or asked else "constant"
    stamps = np.asarray(read.asi8, dtype=np.float64)
    weight = np.fromiter((counts[text] for text in known), np.int64, len(known))
    return Profile(
        name=name,
        kind="date",
        missing=missing,
        distinct=len(set(read)),
        idle=idle,
        style=style,
        ambiguous=ambiguous,
        parts=differing or DATE_PARTS[:1],
        minimum=_day(read.min()),
        maximum=_day(read.max()),
        histogram=_histogram(stamps, weight, float(stamps.min()), float(stamps.max())),
        examples=_examples(known[:HEAD]),
    )


def _words(
    name: str,
    cells: pd.Series,
    counts: Counter[str],
    words: list[str],
    asked: ColumnKind | None,
) -> Profile:
    dash = is_text(cells) and any(text.strip() == "+" for text in words)
    clean = cleaner(cells, dash)
    levels: Counter[str] = Counter()
    for text, count in counts.items():
        levels[clean(text)] += count
    missing = levels.pop("", 0)
    odd = sum(counts[text] for text in words)
    known = levels.total()
    mixed = is_text(cells) and bool(words) and known > 0 and (known - odd) >= known / 2
    idle = "text" if asked == "text" else "" if asked else _idle(levels, missing, mixed)
    return Profile(
        name=name,
        kind="text" if idle == "text" else "category",
        missing=missing,
        distinct=len(levels),
        odd=odd if mixed else 0,
        odd_text=words[0].strip() if mixed else "",
        mixed=mixed and not idle,
        idle=idle,
        dash=dash and "-" in levels,
        levels=() if idle else tuple(sorted(levels)),
        histogram=tuple(count for _, count in levels.most_common(BINS)),
        examples=tuple(level for level, _ in levels.most_common(EXAMPLES)),
    )


def _idle(levels: Counter[str], missing: int, mixed: bool) -> Idle:
    """Why a column of words is of no use to a model."""
    known = levels.total()
    if not levels:
        return "empty"
    if len(levels) == 1 and not missing:
        return "constant"
    if mixed or known < ENOUGH_ROWS:
        return ""
    share = len(levels) / known
    spaces = sum(level.count(" ") for level in levels) / len(levels)
    if share >= 0.2 and len(levels) > ENOUGH_ROWS and spaces >= 4:
        return "text"
    if share >= 0.95:
        return "text" if spaces >= 2 else "id"
    return ""


def _is_id(name: str, unique: np.ndarray, total: int) -> bool:
    """Whether the name says id and each row has a different whole number."""
    if total < ENOUGH_ROWS or unique.size < total or (unique != np.floor(unique)).any():
        return False
    pieces = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    tokens = re.split(r"[^a-z]+", pieces.lower())
    return name.startswith(("Unnamed: ", "column ")) or any(map(ID_WORDS.fullmatch, tokens))


def _counts_rows(values: np.ndarray) -> bool:
    """Whether the cells are 0, 1, 2 ... or 1, 2, 3 ... from top to bottom."""
    if values.size < ENOUGH_ROWS or values[0] not in (0.0, 1.0):
        return False
    return bool((values == np.arange(values.size) + values[0]).all())


def _histogram(
    values: np.ndarray, weight: np.ndarray | None, low: float, high: float
) -> tuple[int, ...]:
    """Counts in `BINS` bins of equal width; one bin where all values are the same."""
    if high <= low:
        return (int(values.size if weight is None else weight.sum()),)
    # Halved first, so that the width of the widest range is finite.
    place = ((values / 2 - low / 2) / (high / 2 - low / 2) * BINS).astype(np.int64)
    counts = np.bincount(np.minimum(place, BINS - 1), weights=weight, minlength=BINS)
    return tuple(int(count) for count in counts)


def _examples(texts: Iterable[str]) -> tuple[str, ...]:
    """The first different texts that are not missing."""
    known = dict.fromkeys(text.strip() for text in texts if not is_missing(text))
    return tuple(known)[:EXAMPLES]


def _first_no_date(texts: Sequence[str]) -> str:
    """A text that no date format takes; the first where each takes some."""
    patterns = [pattern for pattern, _ in _DATE_STYLES]
    odd = (t for t in texts if not any(pattern.fullmatch(t.strip()) for pattern in patterns))
    return next(odd, texts[0] if texts else "")


def _day(moment: object) -> str:
    return pd.Timestamp(str(moment)).strftime("%Y-%m-%d")
