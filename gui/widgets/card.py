"""Cards: a frame round things that belong together, and cards that are a choice."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from gui.widgets.text import label

PADDING = 16


class Card(QFrame):
    """A bordered ground; add to `body`.

    Args:
        accent: for the one recommended thing.
    """

    def __init__(
        self, *, accent: bool = False, padding: int = PADDING, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setProperty("accent", accent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(8)


class ChoiceCard(QAbstractButton):
    """A card to choose: like a radio button, with room for a picture, a title and a summary.

    Put cards of one choice into a `QButtonGroup` or a `gui.widgets.card_row.CardRow`; arrows move
    between them, Space and Enter choose.
    """

    chosen = Signal()

    def __init__(
        self,
        title: str,
        summary: str,
        *,
        picture: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(title.replace("&", "&&"))
        self.setAccessibleName(title)
        self.setAccessibleDescription(summary)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(PADDING, PADDING, PADDING, PADDING)
        self.body.setSpacing(4)
        if picture is not None:
            self.body.addWidget(picture, 0, Qt.AlignmentFlag.AlignLeft)
            self.body.addSpacing(8)
        self.body.addWidget(label(title, "section"))
        self.body.addWidget(label(summary, "caption"))
        self.body.addStretch(1)
        self.clicked.connect(self.chosen)

    def set_chosen(self, chosen: bool) -> None:
        """Show whether it is the choice; says nothing."""
        self.setChecked(chosen)

    def sizeHint(self) -> QSize:
        return self.body.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.body.minimumSize()

    def hasHeightForWidth(self) -> bool:
        return self.body.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self.body.heightForWidth(width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        accent = colours.color(QPalette.ColorRole.Accent)
        strong = self.isChecked() or self.hasFocus()
        border = accent if strong else colours.color(QPalette.ColorRole.Midlight)
        if self.underMouse() and not strong:
            border = colours.color(QPalette.ColorRole.Mid)
        ground = colours.color(QPalette.ColorRole.Base)
        if self.isChecked():
            ground = blend(ground, accent, 0.09)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self.hasFocus() else 1.0
        painter.setPen(QPen(border, width))
        painter.setBrush(ground)
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)
        painter.end()


def blend(ground: QColor, ink: QColor, share: float) -> QColor:
    """Mix two colours.

    Args:
        ground: the one below.
        ink: the one above.
        share: of ``ink``, 0 to 1.
    """
    mixed = [
        round(g + share * (i - g))
        for g, i in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*mixed)
