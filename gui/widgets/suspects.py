"""`Suspects`: the training rows that count least, below the picture of all weights."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from engine.domain.hypergradients import Tuning, WeighedRow
from gui import words
from gui.tables.view import TableView
from gui.widgets.text import label

HEADS = ("row", "weight", "target")
ABOUT = "Rows that count least. Many such rows are labelled wrongly: look at them in your table."
NONE = "No row counts less than it did at the start."


class Suspects(QWidget):
    """Shows ``picture`` and a table of rows."""

    def __init__(self, picture: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[WeighedRow, ...] | None = None
        self._about = label("", "caption")
        self._model = QStandardItemModel(0, len(HEADS), self)
        for column, head in enumerate(HEADS):
            item = QStandardItem(head)
            item.setTextAlignment(_side(column))
            self._model.setHorizontalHeaderItem(column, item)
        self._view = TableView("Rows that count least")
        self._view.setModel(self._model)
        self._view.setMinimumHeight(72)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._about)
        column.addWidget(self._view, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(picture)
        split.addWidget(below)
        split.setSizes([240, 130])
        split.setStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)
        self.show_rows(None)

    def show_rows(self, tuning: Tuning | None) -> None:
        """Show the rows of ``tuning``."""
        rows = tuning.suspects if tuning is not None else ()
        if rows == self._rows:
            return
        self._rows = rows
        self._about.setText(ABOUT if rows else NONE)
        self._view.setVisible(bool(rows))
        self._model.setRowCount(len(rows))
        for at, row in enumerate(rows):
            texts = (f"{row.row:,}", words.number(row.weight, 3), row.target)
            for column, text in enumerate(texts):
                item = QStandardItem(text)
                item.setTextAlignment(_side(column))
                self._model.setItem(at, column, item)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column < 2 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
