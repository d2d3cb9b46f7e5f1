"""The cards above the columns of a preview: name, type, shape of the values, what is missing, use.

One header paints them all, so that three hundred columns cost no more than the few in sight.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QToolTip, QWidget

from engine.domain.tables import Column
from engine.plots.colour_tokens import Theme
from gui import icons
from gui.pages.data import column_choices
from gui.pages.data.preview_model import PreviewModel
from gui.theme import ThemeManager

HEIGHT = 132
WIDTH = 148
LEAST_WIDTH = 120

_PAD = 12
_BOX = 16
_CHIP = 20
_SHAPE = 34
_RADIUS = 4.0


class Spot(Enum):
    """The parts of a card that can be pressed."""

    NAME = "name"
    KIND = "kind"
    USE = "use"


class ColumnHeader(QHeaderView):
    """A horizontal header of cards.

    Signals carry the column's name. `kind_pressed` and `menu_asked` also say where a menu belongs.
    """

    use_pressed = Signal(str)
    kind_pressed = Signal(str, QPoint)
    menu_asked = Signal(str, QPoint)

    def __init__(self, model: PreviewModel, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._cards = model
        self._theme = theme
        self._pressed: tuple[int, Spot] | None = None
        self._ring = -1
        self.setMinimumSectionSize(LEAST_WIDTH)
        self.setDefaultSectionSize(WIDTH)
        self.setSectionsClickable(False)
        self.setStretchLastSection(False)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        theme.changed.connect(self._repaint)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def set_ring(self, section: int) -> None:
        """Show the keyboard's focus on the card of ``section``; none for -1."""
        if section != self._ring:
            self._ring = section
            self._repaint()

    def spot(self, section: int, at: QPoint) -> Spot:
        """Part of the card of ``section`` under ``at``."""
        card = self._card(section)
        if self._box(card).adjusted(-6, -6, 6, 6).contains(at) and self._has_box(section):
            return Spot.USE
        column = self._cards.column(section)
        if column is not None and self._chip(card, column).adjusted(-2, -2, 2, 2).contains(at):
            return Spot.KIND
        return Spot.NAME

    def chip_corner(self, section: int) -> QPoint:
        """Where a menu about the card belongs, on the screen."""
        column = self._cards.column(section)
        card = self._card(section)
        chip = self._chip(card, column) if column is not None else card
        return self.viewport().mapToGlobal(chip.bottomLeft() + QPoint(0, 4))

    # --- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event)
        if hit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = hit
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
        elif pressed == self._hit(event):
            section, spot = pressed
            column = self._cards.column(section)
            assert column is not None
            if spot is Spot.USE:
                self.use_pressed.emit(column.name)
            else:
                self.kind_pressed.emit(column.name, self.chip_corner(section))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._hit(event) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
            super().mouseMoveEvent(event)

    def contextMenuEvent(self, event) -> None:
        section = self.logicalIndexAt(event.pos())
        column = self._cards.column(section)
        if column is not None:
            self.menu_asked.emit(column.name, event.globalPos())

    def viewportEvent(self, event) -> bool:
        if event.type() == event.Type.ToolTip:
            section = self.logicalIndexAt(event.pos())
            text = self._cards.headerData(
                section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
            )
            QToolTip.showText(event.globalPos(), text or "", self)
            return True
        return super().viewportEvent(event)

    def _hit(self, event: QMouseEvent) -> tuple[int, Spot] | None:
        """The card and the part of it that a press at ``event`` would work; None for neither."""
        at = event.position().toPoint()
        section = self.logicalIndexAt(at)
        if self._cards.column(section) is None:
            return None
        spot = self.spot(section, at)
        return None if spot is Spot.NAME else (section, spot)

    # --- painting --------------------------------------------------------------------------------

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        column, table = self._cards.column(logicalIndex), self._cards.table
        if column is None or table is None:
            return
        theme = self._theme.theme
        target = self._cards.is_target(logicalIndex)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        ground = theme.accent_wash if target else theme.window
        painter.fillRect(rect, QColor(ground))
        self._edges(painter, rect, theme, target)
        self._name(painter, rect, column, theme, target, logicalIndex)
        self._kind(painter, rect, column, theme, target)
        self._shape(painter, rect, column, theme, target)
        self._missing(painter, rect, column, table.rows, theme)
        if logicalIndex == self._ring:
            self._focus(painter, rect, theme)
        painter.restore()

    def _edges(self, painter: QPainter, rect: QRect, theme: Theme, target: bool) -> None:
        painter.fillRect(QRect(rect.right(), rect.top() + 8, 1, rect.height() - 16), theme.border)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.border)
        if target:
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 3), theme.accent)

    def _name(
        self, painter: QPainter, rect: QRect, column: Column, theme: Theme, target: bool, at: int
    ) -> None:
        bold = self._font(weight=QFont.Weight.DemiBold)
        box = self._has_box(at)
        room = rect.width() - 2 * _PAD - (_BOX + 8 if box else 0)
        text = QFontMetrics(bold).elidedText(column.name, Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text if column.used or target else theme.muted))
        where = QRect(rect.left() + _PAD, rect.top() + 10, room, 20)
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if box:
            self._use(painter, self._box(rect), column.used, theme)

    def _use(self, painter: QPainter, box: QRect, used: bool, theme: Theme) -> None:
        painter.setPen(QPen(QColor(theme.accent if used else theme.muted), 1))
        painter.setBrush(QColor(theme.accent if used else theme.window))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if used:
            icons.paint(painter, "check", theme.on_accent, QRectF(box))

    def _kind(
        self, painter: QPainter, rect: QRect, column: Column, theme: Theme, target: bool
    ) -> None:
        chip = self._chip(rect, column)
        small = self._font(11)
        painter.setFont(small)
        painter.setPen(QPen(QColor(theme.border_strong), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(chip).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QColor(theme.text))
        inside = chip.adjusted(8, 0, -20, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, column.kind)
        arrow = QRectF(chip.right() - 18, chip.top() + (_CHIP - 12) / 2, 12, 12)
        icons.paint(painter, "chevron-down", theme.muted, arrow)
        beside = "target" if target else "" if column.used else "left out"
        if beside:
            painter.setFont(self._font(11, QFont.Weight.DemiBold if target else None))
            painter.setPen(QColor(theme.accent if target else theme.muted))
            right = QRect(chip.right() + 8, chip.top(), rect.right() - chip.right() - 8, _CHIP)
            painter.drawText(right, Qt.AlignmentFlag.AlignVCenter, beside)

    def _shape(
        self, painter: QPainter, rect: QRect, column: Column, theme: Theme, target: bool
    ) -> None:
        where = self._shape_at(rect)
        tallest = max(column.histogram, default=0)
        if not tallest:
            return
        used = column.used or target
        colour = QColor(theme.accent if target else theme.muted if used else theme.border_strong)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        step = min(where.width() / len(column.histogram), 18.0)
        for k, count in enumerate(column.histogram):
            height = max(count / tallest * where.height(), 1.0 if count else 0.0)
            bar = QRectF(where.left() + k * step, where.bottom() - height, step - 2, height)
            painter.drawRect(bar)

    def _missing(
        self, painter: QPainter, rect: QRect, column: Column, rows: int, theme: Theme
    ) -> None:
        shape = self._shape_at(rect)
        share = column_choices.missing_share(column, rows)
        bar = QRectF(shape.left(), shape.bottom() + 5, shape.width(), 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        painter.drawRect(bar)
        if share:
            painter.setBrush(QColor(theme.caution))
            painter.drawRect(QRectF(bar.left(), bar.top(), max(share * bar.width(), 2), 3))
        painter.setFont(self._font(11))
        painter.setPen(QColor(theme.caution if share else theme.muted))
        text = f"{column.missing:,} missing" if share else f"{column.distinct:,} different"
        below = QRect(shape.left(), round(bar.bottom()) + 2, shape.width(), 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _focus(self, painter: QPainter, rect: QRect, theme: Theme) -> None:
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(3, 4, -4, -4), 6, 6)

    # --- where things are ------------------------------------------------------------------------

    def _card(self, section: int) -> QRect:
        return QRect(
            self.sectionViewportPosition(section), 0, self.sectionSize(section), self.height()
        )

    def _box(self, card: QRect) -> QRect:
        return QRect(card.right() - _PAD - _BOX, card.top() + 12, _BOX, _BOX)

    def _chip(self, card: QRect, column: Column) -> QRect:
        width = QFontMetrics(self._font(11)).horizontalAdvance(column.kind) + 30
        return QRect(card.left() + _PAD, card.top() + 34, width, _CHIP)

    def _shape_at(self, card: QRect) -> QRect:
        return QRect(card.left() + _PAD, card.top() + 64, card.width() - 2 * _PAD, _SHAPE)

    def _has_box(self, section: int) -> bool:
        return not self._cards.is_target(section)

    def _font(self, size: int | None = None, weight: QFont.Weight | None = None) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size or self._theme.theme.size)
        if weight is not None:
            font.setWeight(weight)
        return font

    def _repaint(self) -> None:
        self.viewport().update()
