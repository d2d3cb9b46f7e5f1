"""Folded detail: there for whoever wants it, in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from gui.widgets.text import restyle


class Disclosure(QWidget):
    """A title that unfolds ``content``."""

    def __init__(
        self,
        title: str,
        content: QWidget,
        *,
        opened: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._content = content
        self._button = QToolButton()
        self._button.setText(title)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setCheckable(True)
        self._button.setProperty("kind", "disclosure")
        self._button.toggled.connect(self.set_opened)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(content)
        self.set_opened(opened)

    @property
    def opened(self) -> bool:
        """Whether the content is shown."""
        return self._button.isChecked()

    def set_title(self, title: str) -> None:
        """Change the words of the button."""
        self._button.setText(title)

    def set_opened(self, opened: bool) -> None:
        """Fold or unfold."""
        self._button.setChecked(opened)
        self._button.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self._content.setVisible(opened)
        restyle(self._button, opened=opened)
