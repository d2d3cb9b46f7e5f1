"""Tables as the window shows them: columns, preview, notices."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.plan import ColumnKind, DataPlan, Task


class Notice(msgspec.Struct, frozen=True):
    """Something a user should know about their table, with what was done or can be done."""

    code: str
    sentence: str
    columns: tuple[str, ...] = ()
    fix: Literal["leave_out", ""] = ""
    """Effect of the *Fix* action on ``columns``."""
    severity: Literal["note", "caution"] = "note"


class Column(msgspec.Struct, frozen=True):
    """One column of the table as the preview shows it."""

    name: str
    kind: ColumnKind
    used: bool
    """Whether the learner will see it (left-out columns and the target are not used)."""
    missing: int
    distinct: int
    minimum: str = ""
    maximum: str = ""
    histogram: tuple[int, ...] = ()
    """Counts in at most 12 bins (numbers) or of the most frequent values (categories)."""
    examples: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """A table that was read: facts, preview and warnings. ``data`` has every reading option
    settled, the hash, and, once there is a target, task and positive class."""

    data: DataPlan
    rows: int
    columns: tuple[Column, ...]
    preview: tuple[tuple[str, ...], ...]
    warnings: tuple[Notice, ...] = ()
    suggested_target: str | None = None
    classes: tuple[tuple[str, int], ...] = ()
    """Class and count, most frequent first; empty for regression."""
    tasks: tuple[Task, ...] = ()
    """Tasks this target allows, the proposed one first."""
