"""`Schema`: what a table means to a model, and all that is needed to read new rows the same way."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.guide.facts import Picture
from engine.plan import ReadOptions, Task, TypedOptions

FeatureKind = Literal["number", "category", "date"]


class ColumnSpec(msgspec.Struct, frozen=True):
    """One feature: a column of the typed table and how it comes from the file."""

    name: str
    kind: FeatureKind
    """A part of a date is a number to the model."""
    source: str
    """The file's column."""
    levels: tuple[str, ...] = ()
    """For a category: its values in the table, sorted."""
    dash: bool = False
    """For a category: a lone "-" is a value, not a missing one."""
    part: str = ""
    """For a date: one of `columns.DATE_PARTS`."""
    style: str = ""
    """For a date: its format, as `columns.dates` takes it."""
    lenient: bool = False
    """For a number: what is no number counts as missing, because the person said it is a number."""


class Schema(msgspec.Struct, frozen=True):
    """The features, the target, and how the files were read."""

    columns: tuple[ColumnSpec, ...]
    target: str
    task: Task
    classes: tuple[str, ...] = ()
    """Sorted (as numbers where all are numbers), the positive class of a binary task last."""
    positive: str | None = None
    read: ReadOptions = TypedOptions()
    """How the table was read, every option settled."""
    test_read: ReadOptions | None = None
    """How the file with outer test rows was read, if there is one."""
    picture: Picture | None = None
    """How the columns lie if they can be the pixels of a picture."""

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the features that are numbers, parts of dates included."""
        return tuple(c.name for c in self.columns if c.kind != "category")

    @property
    def categorical(self) -> tuple[str, ...]:
        """Names of the features that are categories."""
        return tuple(c.name for c in self.columns if c.kind == "category")

    def specs(self) -> list[dict[str, Any]]:
        """The features as `columns.typed` takes them: mappings with what it needs, no more."""
        needed = {"number": (), "category": ("dash",), "date": ("part", "style")}
        return [
            {field: getattr(c, field) for field in ("name", "kind", "source", *needed[c.kind])}
            for c in self.columns
        ]
