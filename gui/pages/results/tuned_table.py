"""`TunedTable`: what a gradient has tuned, a row a group, with where it began and where it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.domain.hypergradients import Tuning
from gui import words
from gui.widgets.text import Role, label, rule

HEADS = ("tuned", "numbers", "started at", "now, median", "from", "to")


class TunedTable(QWidget):
    """The groups of a `Tuning`, summed up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What was tuned")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(5)
        self._grid.setHorizontalSpacing(24)
        self._grid.setColumnStretch(0, 1)

    def show_tuning(self, tuning: Tuning | None) -> None:
        """Show these groups in place of what was shown."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._row(0, HEADS, ("caption",) * 6)
        at = 1
        for group in tuning.groups if tuning is not None else ():
            self._grid.addWidget(rule(), at, 0, 1, len(HEADS))
            least, _, middle, _, most = group.spread
            start = "–" if group.start is None else words.number(group.start, 3)
            numbers = [words.number(value, 3) for value in (middle, least, most)]
            texts = (group.label, f"{group.size:,}", start, *numbers)
            self._row(at + 1, texts, ("body", "muted", "muted", "strong", "body", "body"))
            at += 2
        self._grid.setRowStretch(at, 1)

    def _row(self, at: int, texts: tuple[str, ...], roles: tuple[Role, ...]) -> None:
        for column, (text, role) in enumerate(zip(texts, roles, strict=True)):
            cell = label(text, role, wrap=False)
            if column:
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(cell, at, column)
