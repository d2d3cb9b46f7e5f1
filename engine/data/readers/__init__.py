"""The readers: one file for each kind of table that Tunesmith opens.

A new reader is a file here (see `engine.data.readers.base`), or one in another package with an
entry point of the group ``tunesmith.readers``. Which files can be opened, the window's file dialog,
refusals and exported scripts are drawn from `READERS`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.data.readers.base import Reader, ReadTable, ScriptLines
from engine.plan import DataPlan
from engine.registry import Registry

__all__ = [
    "READERS",
    "ReadTable",
    "Reader",
    "ScriptLines",
    "known_files",
    "reader_of",
    "with_options",
]


def _check(reader: Reader[Any]) -> None:
    card = reader.card
    if not (card.id and card.label):
        raise ValueError("its card has no id or no label")
    if any(suffix != suffix.lower() or not suffix.startswith(".") for suffix in card.suffixes):
        raise ValueError("its suffixes must be in lower case and begin with a point")


READERS: Registry[Reader[Any]] = Registry(
    "reader",
    "engine.data.readers",
    Reader,
    key=lambda reader: reader.card.id,
    classes=lambda kind: kind(),
    order=lambda reader: reader.order,
    check=_check,
)
"""Every reader by its id."""


def reader_of(source: str) -> Reader[Any]:
    """The reader that takes ``source``: the first that recognises it, else the one for the rest."""
    *_, rest = sorted(READERS.values(), key=lambda reader: reader.takes_the_rest)
    return next((r for r in READERS.values() if r is not rest and r.sniff(source)), rest)


def known_files() -> str:
    """The kinds of files that can be opened, in words."""
    return ", ".join(r.card.label for r in READERS.values() if r.card.suffixes)


def with_options(data: DataPlan) -> DataPlan:
    """``data`` with the options of its table's reader, all of them open, if it has none yet."""
    if data.read is not None:
        return data
    return msgspec.structs.replace(data, read=reader_of(data.source).options())
