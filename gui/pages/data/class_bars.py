"""How many rows each class has, as thin bars with their figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import words
from gui.theme import ThemeManager

SHOWN = 6
_ROW = 22
_BAR = 6
_GAP = 12


class ClassBars(QWidget):
    """One line a class: name, bar, count and share. The positive class wears the accent."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._classes: tuple[tuple[str, int], ...] = ()
        self._more = ""
        self._positive: str | None = None
        self._total = 0
        self.setAccessibleName("Rows of each class")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)

    def show_classes(self, classes: Sequence[tuple[str, int]], positive: str | None = None) -> None:
        """Show ``classes`` with counts, most frequent first; those beyond `SHOWN` in one line."""
        self._total = sum(count for _, count in classes)
        kept = len(classes) if len(classes) <= SHOWN else SHOWN - 1
        self._classes = tuple(classes[:kept])
        rest = classes[kept:]
        self._more = (
            f"and {words.plural(len(rest), 'class', 'classes')} "
            f"with {words.plural(sum(count for _, count in rest), 'row')}"
            if rest
            else ""
        )
        self._positive = positive
        said = [f"{name}: {words.plural(count, 'row')}" for name, count in self._classes]
        self.setAccessibleDescription("; ".join([*said, *([self._more] if rest else [])]))
        self.setToolTip("\n".join(name for name, _ in self._classes))
        self.setVisible(bool(classes))
        self.updateGeometry()
        self.update()

    def _dress(self, _: object = None) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        lines = len(self._classes) + bool(self._more)
        return QSize(240, lines * _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._total:
            return
        theme = self._theme.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(theme.size - 1)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        figures = [f"{count:,}  {count / self._total:.0%}" for _, count in self._classes]
        right = max(metrics.horizontalAdvance(text) for text in figures)
        names = [name for name, _ in self._classes]
        # A pixel more, since whole advances are rounded and what does not quite fit is cut.
        widest = max(metrics.horizontalAdvance(name) for name in names) + 1
        left = min(widest, self.width() * 2 // 5)
        room = max(self.width() - left - right - 2 * _GAP, 8)
        most = max(count for _, count in self._classes)
        for row, (name, count) in enumerate(self._classes):
            top = row * _ROW
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(theme.text))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, left)
            painter.drawText(QRectF(0, top, left, _ROW), middle, text)
            painter.setPen(QColor(theme.muted))
            where = QRectF(self.width() - right, top, right, _ROW)
            painter.drawText(where, middle | Qt.AlignmentFlag.AlignRight, figures[row])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent if name == self._positive else theme.muted))
            length = max(count / most * room, 2)
            bar = QRectF(left + _GAP, top + (_ROW - _BAR) / 2, length, _BAR)
            painter.drawRoundedRect(bar, 3, 3)
        if self._more:
            painter.setPen(QColor(theme.muted))
            where = QRectF(0, len(self._classes) * _ROW, self.width(), _ROW)
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, self._more)
        painter.end()
