"""Notices about a table: one card each, serious ones first, with a fix."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.domain.tables import Notice
from gui import words
from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.disclosure import Disclosure
from gui.widgets.text import label

SHOWN = 4
_SIGNS = {"caution": ("caution", "caution"), "note": ("info", "muted")}


class Notices(QWidget):
    """Cards for notices. `fix_asked` carries the notice whose *Fix* was pressed."""

    fix_asked = Signal(object)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._notices: tuple[Notice, ...] = ()
        self._signs: list[tuple[QLabel, str, str]] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        theme.changed.connect(self._draw_signs)

    def show_notices(self, notices: Sequence[Notice]) -> None:
        """Show these, in the order given; beyond `SHOWN` they are folded."""
        if tuple(notices) == self._notices:
            return
        self._notices = tuple(notices)
        self._signs = []
        while (item := self._layout.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for notice in self._notices[:SHOWN]:
            self._layout.addWidget(self._card(notice))
        rest = self._notices[SHOWN:]
        if rest:
            folded = QWidget()
            column = QVBoxLayout(folded)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(8)
            for notice in rest:
                column.addWidget(self._card(notice))
            title = f"{words.plural(len(rest), 'more note')} on this table"
            self._layout.addWidget(Disclosure(title, folded))
        self._draw_signs()

    def _card(self, notice: Notice) -> Card:
        card = Card(padding=12)
        card.setAccessibleName(notice.sentence)
        row = QHBoxLayout()
        row.setSpacing(12)
        sign = QLabel()
        sign.setFixedSize(20, 20)
        self._signs.append((sign, *_SIGNS[notice.severity]))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label(notice.sentence, selectable=True), 1)
        if notice.fix == "leave_out" and notice.columns:
            fix = button(Action("Leave out", lambda: self.fix_asked.emit(notice)), "small")
            fix.setAccessibleName(f"Leave out {', '.join(notice.columns)}")
            row.addWidget(fix, 0, Qt.AlignmentFlag.AlignVCenter)
        card.body.addLayout(row)
        return card

    def _draw_signs(self, _: object = None) -> None:
        for sign, icon, token in self._signs:
            sign.setPixmap(self._theme.icon(icon, token).pixmap(20, 20))
