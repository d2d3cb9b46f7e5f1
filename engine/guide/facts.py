"""`Facts`: the figures of a table that recommendations rest on."""

from __future__ import annotations

import msgspec

from engine.plan import Task


class Facts(msgspec.Struct, frozen=True):
    """A table in figures. Counts are of the rows with a target and of the columns in use."""

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
