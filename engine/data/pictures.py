"""Tables whose columns are the pixels of pictures."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from engine.data.profile import Profile
from engine.guide.facts import Picture

SMALLEST = 4
"""Pixels of an edge."""


def picture(
    profiles: Sequence[Profile], features: Sequence[Profile], left_out: Collection[str]
) -> Picture | None:
    """How ``features`` lie in a square picture: every other column that could be used is a
    number, and their count is a square number from 16 on.

    Args:
        profiles: of all columns, in the table's order. Those that never change count too: they are
            pixels of the margin.
        features: of the columns in use.
        left_out: names of columns that are no pixels.
    """
    left = [p for p in profiles if p.name not in left_out and p.idle in ("", "constant")]
    pixels, side = [p.name for p in left], math.isqrt(len(left))
    numbers = all(p.kind == "number" for p in left)
    if side < SMALLEST or side * side != len(pixels) or not numbers:
        return None
    return Picture(side, tuple(pixels.index(p.name) for p in features))
