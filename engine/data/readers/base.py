"""`Reader`: what opens one kind of table.

A reader says which sources it takes, reads them into typed columns, and writes the lines by which
an exported script reads the same. It has a file of its own in `engine.data.readers`, or in
another package with an entry point of the group ``tunesmith.readers``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from engine.domain.cards import ReaderCard
from engine.domain.tables import Notice
from engine.errors import InputError
from engine.plan import ReadOptions, TypedOptions
from engine.registry import LAST

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5
"""Columns that a sentence names before it only counts."""

Options = TypeVar("Options", bound=ReadOptions)


@dataclass(frozen=True)
class ReadTable:
    """A table as it was read.

    Attributes:
        columns: all columns, under unique names. Types as `engine.data.arrow.to_pandas` takes them:
            strings are text whose meaning has to be guessed, dictionaries of strings are words.
        options: how it was read, nothing left open.
        sha256: of the file's bytes, or of whatever else tells one state of the table from another,
            in hexadecimal.
        notes: how it was read, where that was a guess or changed anything.
    """

    columns: pa.Table
    options: ReadOptions
    sha256: str
    notes: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ScriptLines:
    """How an exported script reads the same table.

    Attributes:
        call: an expression for the table, a data frame as `engine.data.arrow.to_pandas` gives it.
            The table's place is the name ``path``, a `pathlib.Path`.
        carried: functions that the script carries, by the module they come from. What they rest on
            comes along; the script says which packages they need.
        fingerprint: an expression for a function of ``path`` that gives `ReadTable.sha256`; empty
            for a table that lies nowhere and can't change.
    """

    call: str
    carried: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fingerprint: str = ""


class Reader(ABC, Generic[Options]):
    """One kind of table. A subclass sets `card`, and `options` where it has some of its own."""

    card: ClassVar[ReaderCard]
    options: type[Options] = TypedOptions  # type: ignore[assignment]
    """How its tables are read, as part of a plan."""
    target: ClassVar[str | None] = None
    """The column to predict, where the kind of table decides that."""
    order: ClassVar[float] = LAST
    """Place in lists."""
    own_options: ClassVar[tuple[str, ...]] = ()
    """Names that `TypedOptions.options` may hold."""
    takes_the_rest: ClassVar[bool] = False
    """Whether it is asked after all others, and then takes what none of them has taken."""

    @abstractmethod
    def sniff(self, source: str) -> bool:
        """Whether this reader takes ``source``. Quick, and never an error: a file that does not
        exist is recognised by its name."""

    @abstractmethod
    def read(self, source: str, options: Options, *, new_rows: bool = False) -> ReadTable:
        """The table ``source``.

        Args:
            source: one that `sniff` takes.
            options: what the person has settled; the rest is found out.
            new_rows: whether the rows are only to be predicted, so that no column has to say what
                is right, and a single one will do.

        Raises:
            InputError: for what can't be read without losing something: what is wrong, where, and
                what to do.
            OSError: if the system refuses; whoever calls makes it a sentence.
        """

    @abstractmethod
    def script(self, source: str, options: Options) -> ScriptLines:
        """How a script reads ``source`` by ``options``, all of them settled by `read`."""

    @abstractmethod
    def example(self, folder: Path) -> str:
        """Write a small table of this kind into ``folder`` and say where it is, for tests that
        every reader has to pass (`engine.testing.reader_suite`). Its last column can be predicted;
        it has at least eight rows, none twice."""

    def state(self, source: str) -> tuple[object, ...]:
        """Value that differs between two states of ``source``, found without reading it.

        Raises:
            OSError, ValueError: if that can't be told.
        """
        stat = Path(source).stat()
        return (stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def for_new_rows(self, options: ReadOptions) -> Options:
        """How to read rows for a model whose own table was read by ``options``: all is found out,
        but for what such rows do not show themselves."""
        return self.options()

    def row_names(self, source: str) -> tuple[str, list[str]] | None:
        """A heading for the rows of ``source`` and their names, where they have names."""
        return None

    def checked(self, source: str, options: ReadOptions | None) -> Options:
        """``options`` if they are of this reader, and fresh ones in place of None.

        Raises:
            InputError: ``plan.field`` for options of another kind of table, or ones that make no
                sense for any.
        """
        if options is None:
            return self.options()
        if not isinstance(options, self.options):
            why = f"{source} is read by the options for {self.card.label}"
            raise refused("kind", type(options).__struct_config__.tag, why)
        if options.rows is not None and options.rows < 1:
            raise refused("rows", options.rows, "it must be at least 1")
        if isinstance(options, TypedOptions):
            for name in options.options:
                if name not in self.own_options:
                    known = ", ".join(self.own_options) or "none"
                    path = "data.read.options"
                    raise InputError(
                        "plan.unknown", kind="reading option", name=name, known=known, field=path
                    )
        return options


def refused(option: str, value: object, why: str) -> InputError:
    """Make the error for a reading option that makes no sense.

    Args:
        option: field of the reader's options.
        value: that was given.
        why: it makes no sense, in words.
    """
    path = f"data.read.{option}"
    return InputError("plan.field", field=path, path=path, value=f"“{value}”", why=why)


def about_rows(options: ReadOptions, rows: int) -> list[Notice]:
    """That only the first ``rows`` are read, if so."""
    if options.rows is None:
        return []
    return [Notice("read.rows", f"Only the first {rows:,} rows are read, as asked.")]


def about_names(renamed: Sequence[str]) -> list[Notice]:
    """Columns whose name is not the file's own: names that were repeated or empty."""
    if not renamed:
        return []
    sentence = f"Columns without a name of their own are renamed: {named(renamed)}."
    return [Notice("columns.renamed", sentence, tuple(renamed))]


def named(names: Sequence[str]) -> str:
    """``names`` in a sentence."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN:,} more"
