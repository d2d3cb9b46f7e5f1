"""The best configuration beside the default one, differences marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.domain.results import HyperparameterPair
from gui import words
from gui.widgets.text import Role, label, rule


class PairTable(QWidget):
    """A row a hyperparameter: name, best, default."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Best and default configuration")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(5)
        self._grid.setHorizontalSpacing(24)
        self._grid.setColumnStretch(0, 1)

    def show_pairs(self, pairs: Sequence[HyperparameterPair], chosen: str = "best") -> None:
        """Show these in place of what was shown; ``chosen`` heads the column of the first."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._row(0, ("hyperparameter", chosen, "default"), ("caption", "caption", "caption"))
        at = 1
        for pair in pairs:
            self._grid.addWidget(rule(), at, 0, 1, 3)
            best: Role = "value" if pair.best == pair.default else "strong"
            texts = (pair.name, words.value(pair.best), words.value(pair.default))
            self._row(at + 1, texts, ("body", best, "muted"))
            at += 2
        self._grid.setRowStretch(at, 1)

    def _row(self, at: int, texts: tuple[str, str, str], roles: tuple[Role, Role, Role]) -> None:
        for column, (text, role) in enumerate(zip(texts, roles, strict=True)):
            cell = label(text, role, wrap=False)
            if column:
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(cell, at, column)
