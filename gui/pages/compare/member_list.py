"""`MemberList`: the searches of a comparison, each to be opened."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.comparison import Comparison, Member
from gui import words
from gui.tables.view import ROW_HEIGHT, TableView

Index = QModelIndex | QPersistentModelIndex
HEADS = ("method", "repetition", "state", "test", "validation", "evaluations", "time")
STATES = {
    "waiting": "waiting",
    "running": "● running",
    "interrupted": "◐ interrupted",
    "finished": "✓ finished",
    "failed": "✕ failed",
}
ROWS = 8
"""Shown without scrolling."""


class MemberList(QWidget):
    """A row a search; Enter or a double click opens its run."""

    opened = Signal(str)
    """The run's folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model()
        self._view = TableView("Searches of the comparison")
        self._view.setModel(self._model)
        self._view.setFixedHeight((ROWS + 2) * ROW_HEIGHT)
        self._view.setColumnWidth(0, 280)
        self._view.activated.connect(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._view)

    def show_members(self, comparison: Comparison) -> None:
        """Show the members of ``comparison`` that are searches."""
        self._model.show_members(comparison)

    def _open(self, index: QModelIndex) -> None:
        member = self._model.member_at(index.row())
        if member is not None and member.path and member.state != "waiting":
            self.opened.emit(member.path)


class _Model(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._members: list[Member] = []
        self._labels: dict[str, str] = {}

    def show_members(self, comparison: Comparison) -> None:
        """Show the members of ``comparison``; the selection stays where the rows are the same."""
        labels = {one.name: one.label for one in comparison.contenders if one.method is not None}
        members = [m for m in comparison.members if m.contender in labels]
        if labels == self._labels and len(members) == len(self._members):
            self._members = members  # in place: what is selected stays
            last = self.index(len(members) - 1, len(HEADS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._labels, self._members = labels, members
        self.endResetModel()

    def member_at(self, row: int) -> Member | None:
        """The member in ``row``, if there is one."""
        return self._members[row] if 0 <= row < len(self._members) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._members)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        member = self.member_at(index.row())
        if member is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return member.problem or member.path
        return self._text(member, index.column()) if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(HEADS):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return HEADS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _text(self, member: Member, column: int) -> str:
        began = member.state != "waiting"
        return (
            self._labels.get(member.contender, member.contender),
            str(member.repetition + 1),
            STATES[member.state],
            words.score(member.test),
            words.score(member.validation),
            f"{member.evaluations:,.0f}" if began else words.NOTHING,
            words.duration(member.seconds) if began else words.NOTHING,
        )[column]


def _side(column: int) -> Qt.AlignmentFlag:
    right = column == 1 or column > 2
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
