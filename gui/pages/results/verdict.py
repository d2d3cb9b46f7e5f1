"""`Verdict`: a sentence that judges, with a sign before it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.theme import ThemeManager
from gui.widgets.card import Card
from gui.widgets.text import label

Sign = Literal["good", "caution", "bad"]


class Verdict(Card):
    """The sign is an icon of that name in the colour of that name."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(padding=12, parent=parent)
        self._theme = theme
        self._kind: Sign = "good"
        self._sign = QLabel()
        self._sign.setFixedSize(20, 20)
        self._text = label("", selectable=True)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.body.addLayout(row)
        theme.changed.connect(self._draw)

    def show_verdict(self, sentence: str, sign: Sign) -> None:
        """Show ``sentence`` under ``sign``."""
        self._kind = sign
        self._text.setText(sentence)
        self._draw()

    def _draw(self, _: object = None) -> None:
        self._sign.setPixmap(self._theme.icon(self._kind, self._kind).pixmap(20, 20))
