"""How a table is read, or a folder of pictures: what was found, and the person's word over it."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.plan import PictureOptions, ReadOptions, TextOptions
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
    """The reading options of a table; each can be left to be found."""

    changed = Signal(object, str)
    """The new `ReadOptions` and the name of the option that was changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: ReadOptions = TextOptions()
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
        self.show_options(self._asked, self._asked)

    def show_options(self, asked: ReadOptions, settled: ReadOptions) -> None:
        """Show what the person ``asked`` for beside what was found (``settled``), as far as that
        kind of table has it."""
        self._asked = asked
        self.set_row_visible(self._side, hasattr(asked, "side"))
        side = getattr(settled, "side", None)
        self._side.edit.setPlaceholderText(f"found: {side}" if side else "find out")
        self._side.set_value(getattr(asked, "side", None))
        for option, _, offered in _FIELDS:
            choice = self._choices[option]
            self.set_row_visible(choice, hasattr(asked, option))
            wanted, found = getattr(asked, option, None), getattr(settled, option, None)
            options = [(None, _automatic(found, offered)), *offered]
            if wanted is not None and wanted not in [value for value, _ in offered]:
                options.append((wanted, str(wanted)))
            choice.set_options(options)
            choice.set_value(wanted)
        self._rows.set_value(asked.rows)

    def _change(self, name: str, value: object) -> None:
        read = msgspec.structs.replace(self._asked, **{name: value})
        if read != self._asked:
            self.changed.emit(read, name)


def facts(read: ReadOptions) -> tuple[str, ...]:
    """How a table was read, every option settled, in a few words each."""
    said = []
    if isinstance(read, PictureOptions):
        said.append(f"gray pictures, {read.side} × {read.side} pixels")
    if isinstance(read, TextOptions):
        said.append(_word(read.encoding, ENCODINGS))
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
