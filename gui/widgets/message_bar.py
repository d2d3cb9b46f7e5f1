"""The message bar: what a page has to say, and what can be done about it. Nothing pops up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.text import label

Severity = Literal["note", "good", "caution", "bad"]

ICONS: dict[Severity, tuple[str, str]] = {
    "note": ("info", "muted"),
    "good": ("good", "good"),
    "caution": ("caution", "caution"),
    "bad": ("bad", "bad"),
}


@dataclass(frozen=True)
class Message:
    """A sentence a page can say, with places for figures: ``"{rows} rows lack a target."``"""

    severity: Severity
    template: str
    dismissible: bool = True


class MessageBar(QWidget):
    """Messages by key, the newest at the top; gone when there are none."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[str, _Row] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """The messages shown, newest first."""
        return tuple(row.text for row in reversed(self._rows.values()))

    def show_message(
        self,
        key: str,
        severity: Severity,
        text: str,
        *,
        actions: Sequence[Action] = (),
        dismissible: bool = True,
    ) -> None:
        """Show a message, in place of an earlier one with the same key.

        Args:
            key: by which it can be replaced or taken back.
            severity: how serious it is.
            text: sentence for the person.
            actions: buttons beside it.
            dismissible: whether the person can close it.
        """
        self.clear(key)
        row = _Row(self._theme, severity, text, actions, dismissible)
        row.dismiss.clicked.connect(lambda: self.clear(key))
        self._rows[key] = row
        self._layout.insertWidget(0, row)
        self.show()

    def clear(self, key: str) -> None:
        """Take a message back, if it is there."""
        row = self._rows.pop(key, None)
        if row is not None:
            row.hide()
            self._layout.removeWidget(row)
            row.deleteLater()
        self.setVisible(bool(self._rows))


class _Row(QFrame):
    def __init__(
        self,
        theme: ThemeManager,
        severity: Severity,
        text: str,
        actions: Sequence[Action],
        dismissible: bool,
    ) -> None:
        super().__init__()
        self.text = text
        self._theme = theme
        self._drawing = ICONS[severity]
        self.setProperty("role", "message")
        self.setProperty("severity", severity)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(32, 8, 24, 8)
        layout.setSpacing(12)
        self._sign = QLabel()
        self._sign.setFixedSize(20, 20)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        words = label(text, selectable=True)
        # Read out at once by screen readers, without taking the focus away.
        self.setAccessibleName(text)
        layout.addWidget(words, 1)
        for action in actions:
            layout.addWidget(button(action, "small"))
        self.dismiss = QToolButton()
        self.dismiss.setAccessibleName("Dismiss message")
        self.dismiss.setToolTip("Dismiss")
        self.dismiss.setVisible(dismissible)
        layout.addWidget(self.dismiss)
        theme.changed.connect(self._draw_icons)
        self._draw_icons()

    def _draw_icons(self, _: object = None) -> None:
        name, token = self._drawing
        self._sign.setPixmap(self._theme.icon(name, token).pixmap(20, 20))
        self.dismiss.setIcon(self._theme.icon("cross", "muted", 16))
