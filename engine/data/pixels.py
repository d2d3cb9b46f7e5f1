"""Tables whose columns are the pixels of pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from engine.data.profile import Profile
from engine.guide.facts import Picture

SMALLEST = 4
"""Pixels of an edge where names say that columns are pixels."""
UNNAMED = 6
"""The same where nothing but their count does: 16 or 25 columns are likely something else."""


def picture(
    profiles: Sequence[Profile], features: Sequence[Profile], left_out: Collection[str]
) -> Picture | None:
    """How ``features`` lie in a square picture: every other column that could be used is a number,
    and they are called ``pixel_ROW_COLUMN`` or ``pixelNUMBER`` or are as many as a square has.

    Args:
        profiles: of all columns, in the table's order. Those that never change count too: they are
            pixels of the margin.
        features: of the columns in use.
        left_out: names of columns that are no pixels.
    """
    left = [p for p in profiles if p.name not in left_out and p.idle in ("", "constant")]
    if not all(p.kind == "number" for p in left):
        return None
    names = [p.name for p in left]
    found = named(names) or _counted(len(names))
    if found is None:
        return None
    place = dict(zip(names, found.places, strict=True))
    return Picture(found.side, tuple(place[p.name] for p in features))


def named(names: Sequence[str]) -> Picture | None:
    """Where columns called ``pixel_ROW_COLUMN`` or ``pixelNUMBER`` lie; None if ``names`` are
    others, or those of less than half a picture. Pixels without a column are allowed."""
    found = [re.fullmatch(r"\D*pix\D*?(\d+)(?:\D+(\d+))?", name, re.IGNORECASE) for name in names]
    if not found or not all(found) or len({bool(m and m[2]) for m in found}) > 1:
        return None
    first = [int(m[1]) for m in found if m]
    if all(m and m[2] for m in found):
        second = [int(m[2]) for m in found if m]
        side = max(*first, *second) + 1
        places = [row * side + column for row, column in zip(first, second, strict=True)]
    else:
        most = max(first)
        side = math.isqrt(most) + 1
        if 0 not in first and (side - 1) ** 2 == most:  # counted from 1
            side -= 1
            first = [number - 1 for number in first]
        places = first
    if side < SMALLEST or len({*places}) < max(len(places), side * side / 2):
        return None
    return Picture(side, tuple(places))


def _counted(count: int) -> Picture | None:
    """So many columns as a picture, row by row."""
    side = math.isqrt(count)
    square = side * side == count and side >= UNNAMED
    return Picture(side, tuple(range(count))) if square else None
