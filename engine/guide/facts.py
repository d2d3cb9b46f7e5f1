"""`Facts`: the figures of a table that recommendations rest on."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from engine.plan import Task


class Picture(NamedTuple):
    """Columns that are the pixels of a square picture, row by row.

    Attributes:
        side: pixels of an edge.
        places: number of the pixel of each column that a model learns from; pixels that are
            constant have no column.
    """

    side: int
    places: tuple[int, ...]


class Facts(msgspec.Struct, frozen=True):
    """Figures of a table. Counts are of the rows with a target and of the columns in use."""

    rows: int
    columns: int
    """Columns the model learns from, parts of dates counted singly."""
    encoded: int
    """Columns after one-hot encoding with at most 50 columns a category."""
    numeric: int
    categorical: int
    missing_cells: int
    task: Task
    target: str
    classes: tuple[tuple[str, int], ...] = ()
    """Class and count, in the order of the schema's classes; empty for regression."""
    picture: Picture | None = None
    """How the columns lie if they can be the pixels of a picture."""
