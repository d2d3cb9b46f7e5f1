"""The step list: breadcrumb, summary and navigation at once; below it places that are no steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui import icons
from gui.flow import TITLES, Status, Step, StepState
from gui.theme import ThemeManager
from gui.widgets.text import rule

WIDTH = 232
_TEXT_LEFT, _CIRCLE_LEFT, _CIRCLE = 44, 12, 20
_TOP, _GAP, _LINES = 8, 1, 2


class Sidebar(QFrame):
    """Emits the id of the page a person goes to."""

    chosen = Signal(str)

    def __init__(
        self, theme: ThemeManager, places: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName("Steps")
        self.setFixedWidth(WIDTH)
        self._theme = theme
        self.rows: dict[str, _Row] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 19, 12, 16)
        layout.setSpacing(2)
        layout.addLayout(self._brand())
        layout.addSpacing(18)
        for number, step in enumerate(Step, start=1):
            row = StepRow(theme, StepState(step, Status.NOT_STARTED), number)
            self._add(layout, str(step), row)
        line = QHBoxLayout()
        line.setContentsMargins(12, 12, 12, 12)
        line.addWidget(rule())
        layout.addLayout(line)
        for page, title in places:
            self._add(layout, page, PlaceRow(theme, title))
        layout.addStretch(1)
        theme.changed.connect(self._draw_icons)
        self._draw_icons()

    def show_steps(self, steps: Sequence[StepState]) -> None:
        """Show the state of each step."""
        for state in steps:
            row = self.rows[state.step]
            assert isinstance(row, StepRow)
            row.show_state(state)

    def show_page(self, page: str) -> None:
        """Mark where the person is."""
        for id_, row in self.rows.items():
            row.set_here(id_ == page)

    def _add(self, layout: QVBoxLayout, page: str, row: _Row) -> None:
        row.clicked.connect(lambda: self.chosen.emit(page))
        self.rows[page] = row
        layout.addWidget(row)

    def _brand(self) -> QHBoxLayout:
        self._logo = QLabel()
        name = QLabel("Tunesmith")
        name.setObjectName("name")
        layout = QHBoxLayout()
        layout.setContentsMargins(12, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._logo)
        layout.addWidget(name)
        layout.addStretch(1)
        return layout

    def _draw_icons(self, _: object = None) -> None:
        self._logo.setPixmap(self._theme.icon("logo", "accent", 18).pixmap(18, 18))


class _Row(QAbstractButton):
    """A row that washes when the person is there."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._here = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._repaint)

    def set_here(self, here: bool) -> None:
        self._here = here
        self.restate()
        self.update()

    def restate(self) -> None:
        """Say in words what the row shows."""

    def _repaint(self, _: object) -> None:
        self.update()

    def paint_ground(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        if self._here:
            painter.setBrush(self._theme.colour("accent_wash"))
            painter.drawRoundedRect(box, 6, 6)
        elif self.underMouse():
            painter.setBrush(self._theme.colour("border"))
            painter.setOpacity(0.45)
            painter.drawRoundedRect(box, 6, 6)
            painter.setOpacity(1)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)


class PlaceRow(_Row):
    """A page that is no step."""

    def __init__(self, theme: ThemeManager, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setText(title)
        self.setAccessibleName(title)

    def restate(self) -> None:
        self.setAccessibleDescription("shown" if self._here else "")

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 24, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        painter.setPen(self._theme.colour("text"))
        if self._here:
            bold = QFont(self.font())
            bold.setWeight(QFont.Weight.DemiBold)
            painter.setFont(bold)
        box = self.rect().adjusted(_CIRCLE_LEFT, 0, -8, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


class StepRow(_Row):
    """A step: a sign for its state, its name, and a line or two of what was chosen."""

    def __init__(
        self, theme: ThemeManager, state: StepState, number: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._state = state
        self._number = number
        self.show_state(state)

    def show_state(self, state: StepState) -> None:
        self._state = state
        self.setText(TITLES[state.step])
        self.setToolTip(state.reason)
        self.restate()
        self.updateGeometry()
        self.update()

    def restate(self) -> None:
        state = self._state
        self.setAccessibleName(f"{self._number} {TITLES[state.step]}, {state.status}")
        here = "shown" if self._here else ""
        parts = (state.summary, state.reason, here)
        self.setAccessibleDescription(". ".join(part for part in parts if part))

    def sizeHint(self) -> QSize:
        name = QFontMetrics(self._name_font()).height()
        summary = self._summary_box(0).height() if self._state.summary else 0
        height = max(_TOP * 2 + name + (summary + _GAP if summary else 0), 36)
        return QSize(WIDTH - 24, height)

    def _name_font(self) -> QFont:
        result = QFont(self.font())
        result.setWeight(QFont.Weight.DemiBold)
        return result

    def _small_font(self) -> QFont:
        result = QFont(self.font())
        result.setPixelSize(max(self.font().pixelSize() - 2, 9))
        return result

    def _summary_box(self, top: int) -> QRect:
        metrics = QFontMetrics(self._small_font())
        room = QRect(_TEXT_LEFT, top, WIDTH - 24 - _TEXT_LEFT - 4, 1000)
        needed = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, self._state.summary)
        height = min(needed.height(), _LINES * metrics.lineSpacing())
        return QRect(room.left(), top, room.width(), height)

    def _summary_text(self) -> str:
        """The summary, cut where it would need a third line."""
        metrics = QFontMetrics(self._small_font())
        room = QRect(0, 0, WIDTH - 24 - _TEXT_LEFT - 4, 1000)
        text = self._state.summary
        fits = _LINES * metrics.lineSpacing()
        while text and metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() > fits:
            text = text[: -2 if text.endswith("…") else -1].rstrip() + "…"
        return text

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        locked = self._state.status is Status.LOCKED
        font = self._name_font()
        height = QFontMetrics(font).height()
        alone = not self._state.summary
        top = (self.height() - height) // 2 if alone else _TOP
        self._paint_sign(painter, QRectF(_CIRCLE_LEFT, top + (height - _CIRCLE) / 2, 20, 20))
        painter.setFont(font)
        painter.setPen(self._theme.colour("disabled" if locked and not self._here else "text"))
        painter.drawText(
            QRect(_TEXT_LEFT, top, self.width() - _TEXT_LEFT, height),
            Qt.AlignmentFlag.AlignVCenter,
            self.text(),
        )
        if not alone:
            # On the wash these two would not stand out enough to be read.
            tokens = {} if self._here else {Status.REVIEW: "caution", Status.PROBLEM: "bad"}
            painter.setFont(self._small_font())
            painter.setPen(self._theme.colour(tokens.get(self._state.status, "muted")))
            painter.drawText(
                self._summary_box(top + height + _GAP),
                Qt.TextFlag.TextWordWrap,
                self._summary_text(),
            )
        painter.end()

    def _paint_sign(self, painter: QPainter, box: QRectF) -> None:
        status, theme = self._state.status, self._theme.theme
        circle = box.adjusted(0.75, 0.75, -0.75, -0.75)
        if self._here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawEllipse(box)
            self._paint_number(painter, box, "on_accent")
        elif status is Status.DONE:
            painter.setPen(QPen(self._theme.colour("good"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            icons.paint(painter, "check", theme.good, box.adjusted(3.5, 3.5, -3.5, -3.5))
        elif status is Status.REVIEW:
            icons.paint(painter, "caution", theme.caution, box)
        elif status is Status.PROBLEM:
            icons.paint(painter, "bad", theme.bad, box.adjusted(-1.5, -1.5, 1.5, 1.5))
        else:
            quiet = status is Status.LOCKED
            token = "accent" if status is Status.ACTIVE else "border" if quiet else "muted"
            painter.setPen(QPen(self._theme.colour(token), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            self._paint_number(painter, box, "disabled" if quiet else "text")

    def _paint_number(self, painter: QPainter, box: QRectF, token: str) -> None:
        font = self._small_font()
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._theme.colour(token))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))
