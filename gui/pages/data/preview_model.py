"""The first rows of the person's table, as Qt reads them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.domain.tables import Column, Table
from gui import words
from gui.pages.data import column_choices
from gui.theme import ThemeManager

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NOWHERE = QModelIndex()


class PreviewModel(QAbstractTableModel):
    """The preview of a `Table`: the file's own texts, one column each."""

    def __init__(self, theme: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table: Table | None = None
        theme.changed.connect(self._repaint)

    @property
    def table(self) -> Table | None:
        """The table shown; None before the first."""
        return self._table

    def show_table(self, table: Table | None) -> None:
        """Show another table, or the same one read differently."""
        before = self._table
        if before is not None and table is not None and _shape(before) == _shape(table):
            self._table = table
            self._repaint()
            return
        self.beginResetModel()
        self._table = table
        self.endResetModel()

    def column(self, section: int) -> Column | None:
        """The column at ``section``, if there is one."""
        if self._table is None or not 0 <= section < len(self._table.columns):
            return None
        return self._table.columns[section]

    def is_target(self, section: int) -> bool:
        """Whether the column at ``section`` is the one to predict."""
        column = self.column(section)
        return (
            column is not None
            and self._table is not None
            and column.name == self._table.data.target
        )

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() or self._table is None else len(self._table.preview)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() or self._table is None else len(self._table.columns)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        column = self.column(index.column()) if index.isValid() else None
        if column is None or self._table is None:
            return None
        row = self._table.preview[index.row()]
        # The preview of a very wide table ends before its cards do.
        within = index.column() < len(row)
        text = row[index.column()] if within else ""
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (text or words.NOTHING) if within else None
            case Qt.ItemDataRole.ToolTipRole:
                return text if len(text) > 16 else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.kind == "number" else _LEFT
            case Qt.ItemDataRole.ForegroundRole:
                used = column.used or self.is_target(index.column())
                return self._theme.colour("text" if text and used else "muted")
            case Qt.ItemDataRole.BackgroundRole:
                if self.is_target(index.column()):
                    return self._theme.colour("accent_wash")
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        column = self.column(section)
        if column is None or self._table is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return column_choices.in_words(
                    column, self._table.rows, target=self.is_target(section)
                )
        return None

    def _repaint(self) -> None:
        if self.rowCount() and self.columnCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last.column())


def _shape(table: Table) -> tuple[int, list[str]]:
    return len(table.preview), [column.name for column in table.columns]
