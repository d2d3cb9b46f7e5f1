"""`Swatch`: the colour and the shape by which pictures show something, beside its name."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

SIZE, RADIUS = 16, 5.0
_SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    "s": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "D": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "d": ((0, -1.2), (0.7, 0), (0, 1.2), (-0.7, 0)),
    "p": ((0, -1.2), (1.14, -0.37), (0.71, 0.97), (-0.71, 0.97), (-1.14, -0.37)),
    "^": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    "v": ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
    "<": ((-1.2, 0), (0.9, -1.15), (0.9, 1.15)),
    ">": ((1.2, 0), (-0.9, -1.15), (-0.9, 1.15)),
    "h": ((0, -1.2), (1.04, -0.6), (1.04, 0.6), (0, 1.2), (-1.04, 0.6), (-1.04, -0.6)),
    "P": (
        *((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4)),
        *((0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
    ),
    "X": (
        *((0, -0.45), (0.75, -1.2), (1.2, -0.75), (0.45, 0), (1.2, 0.75), (0.75, 1.2)),
        *((0, 0.45), (-0.75, 1.2), (-1.2, 0.75), (-0.45, 0), (-1.2, -0.75), (-0.75, -1.2)),
    ),
}
"""Corners by matplotlib's marker, y downwards; any other marker is a disc."""


class Swatch(QWidget):
    """A marker of matplotlib's in a colour."""

    def __init__(self, colour: str, marker: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour, self._marker = QColor(colour), marker
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("mark in pictures")

    def sizeHint(self) -> QSize:
        return QSize(SIZE, SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._colour)
        painter.setBrush(self._colour)
        centre = QPointF(self.width() / 2, self.height() / 2)
        corners = _SHAPES.get(self._marker)
        if corners is None:
            painter.drawEllipse(centre, RADIUS, RADIUS)
        else:
            at = [centre + QPointF(x * RADIUS, y * RADIUS) for x, y in corners]
            painter.drawPolygon(QPolygonF(at))
        painter.end()
