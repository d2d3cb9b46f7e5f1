"""How a table is read, or a folder of pictures: what was found, and the person's word over it."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.plan import ReadOptions
from gui.widgets.fields import Choice, NumberField
from gui.widgets.form import Form

DELIMITERS = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"), (" ", "space"))
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows-1252 (Western European)"),
    ("latin-1", "ISO 8859-1 (Latin 1)"),
    ("utf-16", "UTF-16"),
    ("cp1250", "Windows-1250 (Central European)"),
    ("cp1251", "Windows-1251 (Cyrillic)"),
    ("shift_jis", "Shift JIS (Japanese)"),
    ("gb18030", "GB 18030 (Chinese)"),
)
DECIMALS = ((".", "point: 1.5"), (",", "comma: 1,5"))
QUOTES = (('"', 'double: "a, b"'), ("'", "single: 'a, b'"))
HEADERS = ((True, "names of the columns"), (False, "data"))

_FIELDS: tuple[tuple[str, str, tuple[tuple[Any, str], ...]], ...] = (
    ("delimiter", "&Delimiter", DELIMITERS),
    ("encoding", "E&ncoding", ENCODINGS),
    ("decimal", "Decimal si&gn", DECIMALS),
    ("quote", "&Quotation mark", QUOTES),
    ("header", "&First line holds", HEADERS),
)


class ReadOptionsForm(Form):
    """Every reading option; each can be left to be found."""

    changed = Signal(object, str)
    """The new `ReadOptions` and the name of the option that was changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = ReadOptions()
        self._choices: dict[str, Choice] = {}
        for option, text, _ in _FIELDS:
            choice = Choice([], text.replace("&", ""))
            choice.setMaximumWidth(320)
            choice.changed.connect(lambda value, name=option: self._change(name, value))
            self._choices[option] = choice
            self.add(text, choice, help="files", field=f"data.read.{option}")
        self._rows = NumberField("Rows", whole=True, low=2, optional=True)
        self._rows.edit.setPlaceholderText("all")
        self._rows.changed.connect(lambda value: self._change("rows", value))
        self.add("Only the first &rows", self._rows, help="files", field="data.read.rows")
        self._side = NumberField("Pixels of an edge", whole=True, low=4, high=100, optional=True)
        self._side.changed.connect(lambda value: self._change("side", value))
        self.add("&Pixels of an edge", self._side, help="files", field="data.read.side")
        self.show_options(ReadOptions(), ReadOptions())

    def show_options(
        self, asked: ReadOptions, settled: ReadOptions, *, pictures: bool = False
    ) -> None:
        """Show what the person ``asked`` for beside what was found (``settled``); of ``pictures``
        only what concerns them."""
        self._asked = asked
        for choice in self._choices.values():
            self.set_row_visible(choice, not pictures)
        self.set_row_visible(self._side, pictures)
        found = f"found: {settled.side}" if settled.side else "find out"
        self._side.edit.setPlaceholderText(found)
        self._side.set_value(asked.side)
        for option, _, offered in _FIELDS:
            wanted, found = getattr(asked, option), getattr(settled, option)
            options = [(None, _automatic(found, offered)), *offered]
            if wanted is not None and wanted not in [value for value, _ in offered]:
                options.append((wanted, str(wanted)))
            self._choices[option].set_options(options)
            self._choices[option].set_value(wanted)
        self._rows.set_value(asked.rows)

    def _change(self, name: str, value: object) -> None:
        read = msgspec.structs.replace(self._asked, **{name: value})
        if read != self._asked:
            self.changed.emit(read, name)


def facts(read: ReadOptions) -> tuple[str, ...]:
    """How a table was read, in a few words each."""
    said = []
    if read.side is not None:
        said.append(f"gray pictures, {read.side} × {read.side} pixels")
    if read.encoding is not None:
        said.append(_word(read.encoding, ENCODINGS))
    if read.delimiter is not None:
        said.append(f"{_word(read.delimiter, DELIMITERS)} between fields")
    if read.decimal == ",":
        said.append("decimal comma")
    if read.header is False:
        said.append("no header")
    if read.rows is not None:
        said.append(f"first {read.rows:,} rows only")
    return tuple(said)


def _automatic(found: object, offered: tuple[tuple[Any, str], ...]) -> str:
    return "find out" if found is None else f"found: {_word(found, offered)}"


def _word(value: object, offered: tuple[tuple[Any, str], ...]) -> str:
    return next((text for known, text in offered if known == value), str(value))
