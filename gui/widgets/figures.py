"""A row of figures, each with its name above it, as on the recommended card and above a run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.widgets.text import label


class Figures(QWidget):
    """Names and values in equal columns, at most ``columns`` a row."""

    def __init__(
        self,
        figures: Sequence[tuple[str, str]] = (),
        *,
        columns: int = 5,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._cells: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(2)
        self.show_figures(figures)

    def show_figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Show these; nothing moves when only values differ."""
        while len(self._cells) < len(figures):
            self._add()
        for place, (name, value) in enumerate(self._cells):
            shown = place < len(figures)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(figures[place][0])
                value.setText(figures[place][1])
                value.setAccessibleName(": ".join(figures[place]))

    def _add(self) -> None:
        row, column = divmod(len(self._cells), self._columns)
        name, value = label(role="caption"), label(role="value")
        self._grid.addWidget(name, 2 * row, column)
        self._grid.addWidget(value, 2 * row + 1, column)
        self._grid.setColumnStretch(column, 1)
        self._cells.append((name, value))
