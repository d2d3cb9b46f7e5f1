"""`NarrowSpace`: another version of a run's search space, to go on in."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from engine.space import Configuration, SearchSpace, Value
from gui.theme import ThemeManager
from gui.widgets.space_editor import SpaceEditor
from gui.widgets.text import label

ABOUT = (
    "Draw the ends of a range, or take a choice away. A new run goes on in this space, and is told "
    "of every trial that lies in it; the present one stays as it is."
)


class NarrowSpace(QDialog):
    """Asks for another version of ``space``."""

    def __init__(
        self,
        space: SearchSpace,
        default: Configuration,
        theme: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Go on in another space")
        self.space = space
        self._before = space
        self._editor = SpaceEditor(theme)
        self._editor.show_space(space, space, default, {})
        self._editor.changed.connect(self._take)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self._editor)
        self._error = label("", "error")
        buttons = QDialogButtonBox()
        go = buttons.addButton("Go on in this space", QDialogButtonBox.ButtonRole.AcceptRole)
        go.setProperty("kind", "primary")
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(label(ABOUT))
        column.addWidget(scroll, 1)
        column.addWidget(self._error)
        column.addWidget(buttons)
        self.resize(860, min(260 + 48 * len(space), 680))

    def _take(self, space: SearchSpace, fixed: Mapping[str, Value], _: str) -> None:
        self._error.clear()
        if fixed:
            names = ", ".join(fixed)
            self._error.setText(f"Keep {names} tuned here; a range may be as narrow as you like.")
            return
        self.space = space

    def _accept(self) -> None:
        if self._error.text():
            return
        if self.space == self._before:
            self._error.setText("This is the space as it was. Change a range or a choice first.")
            return
        self.accept()
