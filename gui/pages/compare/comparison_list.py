"""`ComparisonList`: comparisons of the library, to be opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.domain.comparison import ComparisonSummary
from gui import words
from gui.tables.run_model import STATES, when
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.text import label, rule

MOST = 12
"""Rows shown: the newest."""


class ComparisonList(QWidget):
    """A row a comparison, with a button that opens it."""

    opened = Signal(str)
    """Its path."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Earlier comparisons")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(3, 1)
        self._shown: tuple[ComparisonSummary, ...] | None = None

    def show_comparisons(self, comparisons: Sequence[ComparisonSummary]) -> None:
        """Show these, newest first, in place of what was shown."""
        if tuple(comparisons) == self._shown:
            return
        self._shown = tuple(comparisons)
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, summary in enumerate(comparisons[:MOST]):
            row = 2 * place
            self._grid.addWidget(rule(), row, 0, 1, 5)
            done = f"{summary.done} of {words.plural(summary.total, 'search', 'searches')}"
            what = ", ".join(summary.contenders)
            cells = (when(summary.created), STATES[summary.state], ", ".join(summary.cases), what)
            for column, text in enumerate(cells):
                wrap = column == 3
                self._grid.addWidget(label(text, "muted", wrap=wrap), row + 1, column)
            self._grid.addWidget(label(done, "muted", wrap=False), row + 1, 4)
            path, name = summary.path, summary.name
            if summary.problem:
                self._grid.addWidget(label(summary.problem, "bad"), row + 1, 5)
                continue
            open_ = button(Action("Open", lambda path=path: self.opened.emit(path)), "small")
            open_.setAccessibleName(f"Open {name}")
            self._grid.addWidget(open_, row + 1, 5)
