"""The search space as a table: each hyperparameter tuned over a range to be dragged, or fixed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.errors import SpaceError
from engine.space import Configuration, SearchSpace, Value
from gui import space_rows
from gui.space_rows import Row
from gui.theme import ThemeManager
from gui.widgets.space_row import BAR, COLUMNS, HIGH, LOG, LOW, SpaceRow
from gui.widgets.text import label


class SpaceEditor(QWidget):
    """Edits a search space and the values held fixed.

    What makes no sense is said at its row and goes no further.
    """

    changed = Signal(object, object, str)
    """The new `SearchSpace`, the fixed values, and the name of the edited hyperparameter."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[Row, ...] = ()
        self._shown: tuple[str, ...] = ()
        self.editors: dict[str, SpaceRow] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(BAR, 1)
        for column, title in enumerate(COLUMNS):
            if title:
                heading = label(title, "caption", wrap=False)
                right = column in (LOW, HIGH)
                side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
                self._grid.addWidget(heading, 0, column, side)
        self._grid.setColumnMinimumWidth(LOG, 32)
        self._whole_error = label("", "error")
        self._whole_error.hide()

    def show_space(
        self,
        space: SearchSpace,
        recommended: SearchSpace,
        default: Configuration,
        fixed: Mapping[str, Value],
    ) -> None:
        """Show a space; its controls are made anew where the recommendation is another one.

        Args:
            space: as it is now.
            recommended: for the learner and table.
            default: configuration of the learner.
            fixed: hyperparameters with a fixed value.
        """
        self._rows = space_rows.rows(space, recommended, default, fixed)
        names = tuple(f"{row.name}:{type(row.recommended).__name__}" for row in self._rows)
        if names != self._shown or any(
            row.recommended != self.editors[row.name].recommended for row in self._rows
        ):
            self._draw()
            self._shown = names
        for row in self._rows:
            self.editors[row.name].show_row(row)
        self._say("")

    def set_error(self, field: str, sentence: str) -> bool:
        """Say what is wrong with ``space.NAME...`` or ``learner.fixed.NAME`` at its row."""
        parts = field.removeprefix("learner.fixed.").removeprefix("space.").split(".")
        editor = self.editors.get(parts[0])
        if editor is None:
            self._say(sentence)
            return False
        editor.set_error(sentence)
        return True

    def _draw(self) -> None:
        for editor in self.editors.values():
            editor.remove()
        self.editors = {}
        for place, row in enumerate(self._rows):
            editor = SpaceRow(row, self._theme, self)
            editor.edited.connect(self._edit)
            editor.place(self._grid, 1 + 2 * place)
            self.editors[row.name] = editor
        at = 1 + 2 * len(self._rows)
        self._grid.addWidget(self._whole_error, at, 0, 1, len(COLUMNS))

    def _edit(self, edited: Row) -> None:
        rows = tuple(edited if row.name == edited.name else row for row in self._rows)
        try:
            space, fixed = space_rows.build(rows)
        except SpaceError as error:
            # The row keeps showing what the person did, with the reason; the plan stays as it was.
            if not self.set_error(error.field or f"space.{edited.name}", str(error)):
                self.editors[edited.name].show_row(
                    next(row for row in self._rows if row.name == edited.name)
                )
            return
        self._rows = rows
        self._say("")
        self.editors[edited.name].show_row(edited)
        self.changed.emit(space, fixed, edited.name)

    def _say(self, sentence: str) -> None:
        self._whole_error.setText(sentence)
        self._whole_error.setVisible(bool(sentence))
