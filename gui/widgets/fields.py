"""Fields: numbers, choices and switches, all with `value`, `set_value`, `changed` and `set_error`.

`set_value` never emits `changed`: that is the person's doing alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from gui import words
from gui.widgets.text import label, restyle

TEXT_WIDTH = 320
"""Of a field for text, pixels."""


def parse_number(text: str, *, whole: bool) -> float | int | None:
    """The number a person wrote; None if it is none.

    Thousands separators (commas before three digits, spaces, underscores) and a typographic minus
    are understood, and one comma is a decimal comma where it can't be a separator.
    """
    plain = text.strip().replace(words.MINUS, "-").replace("_", "").replace(" ", "")
    plain = plain.replace("\N{NO-BREAK SPACE}", "").replace("\N{NARROW NO-BREAK SPACE}", "")
    head, *groups = plain.split(",")
    if groups:
        grouped = all(len(g) == 3 and g.isdigit() for g in groups[:-1])
        *_, last = groups
        if grouped and last[:3].isdigit() and last[3:4] in ("", ".") and len(last[:3]) == 3:
            plain = plain.replace(",", "")
        elif len(groups) == 1:
            plain = f"{head}.{last}"
    try:
        number = float(plain)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if whole:
        return int(number) if number == int(number) else None
    return number


class NumberField(QWidget):
    """A number typed by hand. A wrong one says why beneath and is not emitted.

    Args:
        name: what a screen reader calls it.
        whole: only whole numbers.
        low, high: bounds, both allowed.
        optional: whether it may be empty (None).
        unit: a word after the field.
        compact: for tables.
    """

    changed = Signal(object)
    """The number, or None when it was emptied."""

    def __init__(
        self,
        name: str,
        *,
        whole: bool = False,
        low: float | None = None,
        high: float | None = None,
        optional: bool = False,
        unit: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._whole, self._low, self._high = name, whole, low, high
        self._optional = optional
        self._value: float | int | None = None
        self.edit = QLineEdit()
        self.edit.setAccessibleName(f"{name}, {unit}" if unit else name)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setMaximumWidth(88 if compact else 120)
        self.edit.setProperty("compact", compact)
        if optional:
            self.edit.setPlaceholderText("none")
        self.edit.editingFinished.connect(self._finish)
        self.edit.textEdited.connect(lambda _: self.set_error(""))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.edit)
        if unit:
            layout.addWidget(label(unit, "muted", wrap=False))
        self._error = label("", "error", wrap=True)
        self._error.hide()
        if not compact:
            layout.addWidget(self._error, 1)
            layout.addStretch(0)
        self.setFocusProxy(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def value(self) -> float | int | None:
        """The number; None when the field is empty."""
        return self._value

    def set_value(self, value: float | int | None) -> None:
        """Show a number."""
        self._value = value
        text = "" if value is None else words.value(value)
        if not self.edit.hasFocus() or self.edit.text() != text:
            self.edit.setText(text)
        self.set_error("")

    def set_error(self, sentence: str) -> None:
        """Say at the field why it is wrong; an empty sentence takes that back."""
        restyle(self.edit, wrong=bool(sentence))
        self.edit.setToolTip(sentence)
        self.edit.setAccessibleDescription(sentence)
        self._error.setText(sentence)
        self._error.setVisible(bool(sentence))

    @property
    def error(self) -> str:
        """The sentence shown at the field; empty if there is none."""
        return self._error.text()

    def _finish(self) -> None:
        text = self.edit.text().strip()
        if not text and self._optional:
            self._emit(None)
            return
        number = parse_number(text, whole=self._whole)
        if number is None or not self._within(number):
            self.set_error(f"{self._name} must be {self._allowed()}.")
            return
        self._emit(number)

    def _emit(self, number: float | int | None) -> None:
        self.set_error("")
        if number != self._value:
            self._value = number
            self.changed.emit(number)

    def _within(self, number: float) -> bool:
        return (self._low is None or number >= self._low) and (
            self._high is None or number <= self._high
        )

    def _allowed(self) -> str:
        kind = "a whole number" if self._whole else "a number"
        low, high = self._low, self._high
        if low is not None and high is not None:
            return f"{kind} from {words.number(low)} to {words.number(high)}"
        if low is not None:
            return f"{kind} of at least {words.number(low)}"
        return f"{kind} of at most {words.number(high)}" if high is not None else kind


class Choice(QComboBox):
    """One of several things, by id, in a drop-down list."""

    changed = Signal(object)
    """The id chosen by the person."""

    def __init__(
        self,
        options: Sequence[tuple[object, str]],
        name: str,
        *,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("compact", compact)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6 if compact else 14)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_options(options)
        self.activated.connect(lambda at: self.changed.emit(self._ids[at]))

    def set_options(self, options: Sequence[tuple[object, str]]) -> None:
        """Offer these; the present choice stays if it is among them."""
        before = self.value()
        with QSignalBlocker(self):
            self.clear()
            self._ids = [id_ for id_, _ in options]
            self.addItems([text for _, text in options])
        self.set_value(before)

    def value(self) -> object:
        """The id chosen; None if there is none."""
        at = self.currentIndex()
        return self._ids[at] if 0 <= at < self.count() else None

    def set_value(self, value: object) -> None:
        """Show a choice; nothing for an id that is not offered."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self._ids.index(value) if value in self._ids else -1)

    def set_error(self, sentence: str) -> None:
        """Show ``sentence`` as the field's tip; an empty one takes it back."""
        restyle(self, wrong=bool(sentence))
        self.setToolTip(sentence)
        self.setAccessibleDescription(sentence)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll: turning the wheel over a field must not change a plan."""
        event.ignore()


SEGMENT_PADDING = 32


class Segments(QWidget):
    """One of a few things, side by side."""

    changed = Signal(object)
    """The id chosen by the person."""

    def __init__(
        self, options: Sequence[tuple[object, str]], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._ids = [id_ for id_, _ in options]
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for place, (_, text) in enumerate(options):
            part = QPushButton(text)
            part.setCheckable(True)
            part.setAutoDefault(False)
            part.setProperty("kind", "segment")
            ends = {0: "first", len(options) - 1: "last"}
            part.setProperty("place", ends.get(place, "middle"))
            part.setAccessibleName(f"{name}: {text}")
            part.setMinimumWidth(_bold_width(part) + SEGMENT_PADDING)
            self._group.addButton(part, place)
            layout.addWidget(part)
        layout.addStretch(1)
        self._group.idClicked.connect(lambda at: self.changed.emit(self._ids[at]))
        self.setFocusProxy(self._group.button(0))

    def value(self) -> object:
        """The id chosen; None if there is none."""
        at = self._group.checkedId()
        return self._ids[at] if at >= 0 else None

    def set_value(self, value: object) -> None:
        """Show a choice."""
        if value in self._ids:
            part = self._group.button(self._ids.index(value))
            part.setChecked(True)
            self.setFocusProxy(part)

    def set_error(self, sentence: str) -> None:
        """Show ``sentence`` as the field's tip; an empty one takes it back."""
        self.setToolTip(sentence)
        self.setAccessibleDescription(sentence)


def _bold_width(part: QPushButton) -> int:
    """Width of the words when chosen: they are bold then, which the style's size hint overlooks."""
    font = part.font()
    font.setWeight(QFont.Weight.DemiBold)
    return QFontMetrics(font).horizontalAdvance(part.text())


class Switch(QCheckBox):
    """Something on or off."""

    changed = Signal(object)
    """True or False, by the person."""

    def __init__(self, text: str, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(name or text)
        self.clicked.connect(lambda on: self.changed.emit(bool(on)))

    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def set_value(self, value: object) -> None:
        """Show it on or off."""
        self.setChecked(bool(value))

    def set_error(self, sentence: str) -> None:
        """Show ``sentence`` as the field's tip; an empty one takes it back."""
        self.setToolTip(sentence)
        self.setAccessibleDescription(sentence)


class TextField(QLineEdit):
    """A line of text, emitted when it is finished."""

    changed = Signal(object)
    """The text, by the person."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMaximumWidth(TEXT_WIDTH)
        self._value = ""
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(lambda _: self.set_error(""))

    def value(self) -> str:
        """The finished text."""
        return self._value

    def set_value(self, value: object) -> None:
        """Show a text; None is an empty one."""
        self._value = "" if value is None else str(value)
        if not self.hasFocus() or self.text() != self._value:
            self.setText(self._value)

    def set_error(self, sentence: str) -> None:
        """Show ``sentence`` as the field's tip; an empty one takes it back."""
        restyle(self, wrong=bool(sentence))
        self.setToolTip(sentence)
        self.setAccessibleDescription(sentence)

    def _finish(self) -> None:
        text = self.text().strip()
        if text != self._value:
            self._value = text
            self.changed.emit(text)


Field = NumberField | Choice | Segments | Switch | TextField
