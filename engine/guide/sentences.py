"""Format figures for sentences: counts, durations, plurals."""

from __future__ import annotations

import math

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(number: float, noun: str, plural: str | None = None) -> str:
    """Format a count: ``count(5, "fold")`` is ``5 folds``; thousands get a separator.

    Args:
        number: rounded to a whole one.
        noun: singular.
        plural: the noun with an s if left out.

    Returns:
        Number and noun.
    """
    return f"{number:,.0f} {noun if number == 1 else plural or noun + 's'}"


def spelled(number: int, noun: str) -> str:
    """Format a count with small numbers as words, to begin a sentence: ``Five folds``."""
    if number >= len(_SMALL):
        return count(number, noun)
    return f"{_SMALL[number].capitalize()} {noun if number == 1 else noun + 's'}"


def duration(seconds: float) -> str:
    """Format a duration with two significant digits: ``0.05 s``, ``1.4 s``, ``25 s``, ``5 min``,
    ``3 h``."""
    if seconds < 0.01:
        return "under 0.01 s"
    if seconds < 90:
        return f"{_two_figures(seconds):g} s"
    if seconds < 90 * 60:
        return f"{_two_figures(seconds / 60):g} min"
    return f"{_two_figures(seconds / 3600):,g} h"


def _two_figures(value: float) -> float:
    return round(value, 1 - math.floor(math.log10(value)))


def bytes_in_words(size: float) -> str:
    """``480 bytes``, ``3.2 kB``, ``15 MB``, ``1.4 GB``: two significant figures."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= 0.9995 * factor:
            return f"{float(f'{size / factor:.2g}'):,g} {unit}"
    return f"{size:.0f} bytes"
