"""A form: labels at the left, fields at the right, hints and errors beneath their field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gui.widgets.text import label

LABEL_WIDTH = 168


class Form(QWidget):
    """Rows of a label and a field. Labels are buddies: Alt with the underlined letter jumps
    there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._errors: dict[str, QLabel] = {}
        self._parts: dict[QWidget, list[QWidget]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)

    def add(
        self, text: str, widget: QWidget, *, hint: str = "", help: str = "", field: str = ""
    ) -> QLabel:
        """Add a row and return its label.

        Args:
            text: the label; an ampersand marks the letter that jumps to the field.
            hint: a line under the field.
            help: the help page F1 opens there.
            field: path of the plan's field, for `set_error`.
        """
        row = self._grid.rowCount()
        name = QLabel(text)
        name.setBuddy(widget)
        name.setWordWrap(True)
        name.setMinimumHeight(32)
        name.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if not widget.accessibleName():
            widget.setAccessibleName(text.replace("&", ""))
        if help:
            widget.setProperty("help", help)
        cell = QVBoxLayout()
        cell.setSpacing(2)
        cell.addWidget(widget)
        self._parts[widget] = [name, widget]
        if hint:
            words = label(hint, "caption")
            words.setObjectName("hint")
            cell.addWidget(words)
            self._parts[widget].append(words)
        error = label("", "error")
        error.hide()
        cell.addWidget(error)
        if field:
            self._errors[field] = error
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(cell, row, 1)
        return name

    def set_row_visible(self, widget: QWidget, visible: bool) -> None:
        """Show or hide the row of ``widget``, with its label and hint."""
        for part in self._parts[widget]:
            part.setVisible(visible)

    def set_error(self, field: str, sentence: str) -> bool:
        """Say why ``field`` is wrong beneath it; False if the form has no such field."""
        error = self._errors.get(field)
        if error is None:
            return False
        error.setText(sentence)
        error.setVisible(bool(sentence))
        return True

    def clear_errors(self) -> None:
        """Take every error back."""
        for error in self._errors.values():
            error.clear()
            error.hide()
