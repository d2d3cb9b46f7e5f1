"""The head of a page: where am I, and what is it for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gui.theme import ThemeManager
from gui.widgets.text import label, link


class Header(QFrame):
    """Title, purpose, the way back and forth, and help."""

    help_asked = Signal()

    def __init__(
        self, theme: ThemeManager, undo: QUndoStack, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._theme = theme
        self._title = label(role="title", wrap=False)
        self._purpose = label(role="muted")
        self._undo = _tool("Undo", undo.undo)
        self._redo = _tool("Redo", undo.redo)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self._title)
        texts.addWidget(self._purpose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(32, 20, 27, 16)
        layout.setSpacing(4)
        layout.addLayout(texts, 1)
        help_ = link("Help  F1", self.help_asked.emit)
        help_.setAccessibleName("Help about this page")
        top = Qt.AlignmentFlag.AlignTop
        for widget in (self._undo, self._redo, help_):
            layout.addWidget(widget, 0, top)
        undo.canUndoChanged.connect(self._undo.setVisible)
        undo.canRedoChanged.connect(self._redo.setVisible)
        undo.undoTextChanged.connect(self._name_undo)
        undo.redoTextChanged.connect(self._name_redo)
        self._undo.setVisible(undo.canUndo())
        self._redo.setVisible(undo.canRedo())
        theme.changed.connect(self._draw_icons)
        self._draw_icons()

    def show_heading(self, title: str, purpose: str) -> None:
        """Say where the person is."""
        self._title.setText(title)
        self._purpose.setText(purpose)
        self._purpose.setVisible(bool(purpose))

    def _name_undo(self, text: str) -> None:
        _name(self._undo, "Undo", text, "Ctrl+Z")

    def _name_redo(self, text: str) -> None:
        _name(self._redo, "Redo", text, "Ctrl+Shift+Z")

    def _draw_icons(self, _: object = None) -> None:
        self._undo.setIcon(self._theme.icon("undo", "muted"))
        self._redo.setIcon(self._theme.icon("redo", "muted"))


def _tool(name: str, run: object) -> QToolButton:
    result = QToolButton()
    result.setAccessibleName(name)
    result.clicked.connect(run)
    return result


def _name(tool: QToolButton, verb: str, text: str, keys: str) -> None:
    tool.setToolTip(f"{verb} “{text}” ({keys})" if text else verb)
    tool.setAccessibleName(f"{verb} {text}".strip())
