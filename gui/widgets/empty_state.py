"""Placeholder where there is nothing yet: a sentence, the main action, a place to drop a file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.text import label, restyle


class EmptyState(QFrame):
    """An icon, a title, a sentence, an action and quiet links.

    Args:
        accepts_files: whether a file can be dropped here (`dropped`).
    """

    dropped = Signal(str)
    """Path of a file that was dropped."""

    def __init__(
        self,
        theme: ThemeManager,
        icon: str,
        title: str,
        sentence: str,
        *,
        action: Action | None = None,
        links: Sequence[Action] = (),
        accepts_files: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._icon = theme, icon
        if accepts_files:
            self.setProperty("role", "drop")
        self.setAcceptDrops(accepts_files)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 40, 32, 40)
        layout.setSpacing(8)
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._sign = QLabel()
        layout.addWidget(self._sign, 0, centre)
        layout.addWidget(label(title, "heading", wrap=False), 0, centre)
        self._sentence = label(sentence, "muted")
        self._sentence.setAlignment(centre)
        self._sentence.setMinimumWidth(360)
        layout.addWidget(self._sentence, 0, centre)
        if action is not None:
            layout.addSpacing(8)
            layout.addWidget(button(action), 0, centre)
        if links:
            row = QHBoxLayout()
            row.setSpacing(16)
            for entry in links:
                row.addWidget(button(entry, "link"))
            layout.addLayout(row)
            layout.setAlignment(row, centre)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()

    def set_sentence(self, sentence: str) -> None:
        """Say something else below the title."""
        self._sentence.setText(sentence)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event.mimeData()):
            event.acceptProposedAction()
            restyle(self, over=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        restyle(self, over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        restyle(self, over=False)
        path = dropped_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def _draw_icon(self, _: object = None) -> None:
        self._sign.setPixmap(self._theme.icon(self._icon, "muted", 40).pixmap(40, 40))


def dropped_file(mime: QMimeData) -> str:
    """The first local file in what is being dragged; empty when there is none."""
    return next((url.toLocalFile() for url in mime.urls() if url.isLocalFile()), "")
