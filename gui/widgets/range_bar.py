"""A range on its own axis, whose ends are dragged by mouse or moved by keyboard."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import words

MARGIN, RADIUS, BAR = 9, 6, 6
STEPS = 60
"""Steps that arrow keys divide the axis into."""


class RangeBar(QWidget):
    """The range ``low`` to ``high`` on an axis from ``floor`` to ``ceiling``, linear or log.

    Left and Right move the end that is held; Space, Up and Down change which one that is. Values
    are rounded to three significant digits, whole ones to integers.
    """

    dragged = Signal(object, object)
    """Low and high while the person moves an end."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._floor, self._ceiling = 0.0, 1.0
        self._low, self._high = 0.0, 1.0
        self._log = self._whole = False
        self._held: Literal["low", "high"] = "low"
        self._pulling = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_range(
        self,
        low: float,
        high: float,
        *,
        floor: float,
        ceiling: float,
        log: bool,
        whole: bool,
    ) -> None:
        """Show a range; the axis is widened where the range goes beyond it.

        Args:
            low, high: ends of the range.
            floor, ceiling: ends of the axis.
            log: whether the axis is logarithmic, where that is possible.
            whole: whether values are whole numbers.
        """
        self._log = log and min(low, floor) > 0
        self._whole = whole
        self._low, self._high = float(low), float(high)
        if not self._pulling:
            self._floor, self._ceiling = min(float(floor), low), max(float(ceiling), high)
        self.setAccessibleName(f"Range of {self._name}")
        self.setAccessibleDescription(
            f"{words.number(low)} to {words.number(high)} on "
            f"{'a log' if self._log else 'a linear'} axis from {words.number(self._floor)} to "
            f"{words.number(self._ceiling)}; {self._held} end held"
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 28)

    # --- values and places ------------------------------------------------------------------------

    def _share(self, value: float) -> float:
        floor, ceiling = self._floor, self._ceiling
        if floor == ceiling:
            return 0.5
        if self._log:
            return math.log(value / floor) / math.log(ceiling / floor)
        return (value - floor) / (ceiling - floor)

    def _value(self, share: float) -> float:
        share = min(max(share, 0.0), 1.0)
        if share in (0.0, 1.0):
            return self._ceiling if share else self._floor
        if self._log:
            value = self._floor * (self._ceiling / self._floor) ** share
        else:
            value = self._floor + share * (self._ceiling - self._floor)
        return float(round(value)) if self._whole else float(f"{value:.3g}")

    def _x(self, value: float) -> float:
        return MARGIN + self._share(value) * (self.width() - 2 * MARGIN)

    # --- by hand ----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        to_low, to_high = abs(x - self._x(self._low)), abs(x - self._x(self._high))
        # Where both ends coincide, the side of the click tells which one is meant.
        near_low = to_low < to_high or (to_low == to_high and x < self._x(self._low))
        self._held = "low" if near_low else "high"
        self._pulling = True
        self._move_to(self._value(self._share_at(x)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pulling:
            self._move_to(self._value(self._share_at(event.position().x())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pulling = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            held = self._low if self._held == "low" else self._high
            moved = self._value(self._share(held) + step / STEPS)
            if self._whole and moved == held:
                moved = held + step
            self._move_to(min(max(moved, self._floor), self._ceiling))
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space):
            self._held = "high" if self._held == "low" else "low"
            self._restate()
        else:
            super().keyPressEvent(event)

    def _share_at(self, x: float) -> float:
        return (x - MARGIN) / max(self.width() - 2 * MARGIN, 1)

    def _move_to(self, value: float) -> None:
        low, high = self._low, self._high
        if self._held == "low":
            low = min(value, high)
        else:
            high = max(value, low)
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self._restate()
            self.dragged.emit(*(int(v) if self._whole else v for v in (low, high)))
        self.update()

    def _restate(self) -> None:
        self.show_range(
            self._low,
            self._high,
            floor=self._floor,
            ceiling=self._ceiling,
            log=self._log,
            whole=self._whole,
        )

    # --- drawing ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        accent = colours.color(
            QPalette.ColorRole.Accent if self.isEnabled() else QPalette.ColorRole.Mid
        )
        ground = colours.color(group, QPalette.ColorRole.Base)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(QPalette.ColorRole.Midlight))
        whole = QRectF(MARGIN, middle - BAR / 2, self.width() - 2 * MARGIN, BAR)
        painter.drawRoundedRect(whole, BAR / 2, BAR / 2)
        painter.setBrush(accent)
        left, right = self._x(self._low), self._x(self._high)
        painter.drawRoundedRect(QRectF(left, middle - BAR / 2, right - left, BAR), BAR / 2, BAR / 2)
        for end, x in (("low", left), ("high", right)):
            held = self.hasFocus() and self._held == end
            painter.setPen(QPen(accent, 3 if held else 2))
            painter.setBrush(accent if held else ground)
            painter.drawEllipse(QPointF(x, middle), RADIUS, RADIUS)
        painter.end()
