"""Two things beside each other where there is room, else one above the other."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget


class SideBySide(QWidget):
    """Shows ``left`` and ``right`` in a row from ``wide`` pixels on.

    Args:
        shares: how the width is divided.
    """

    def __init__(
        self,
        left: QWidget,
        right: QWidget,
        *,
        wide: int = 860,
        shares: tuple[int, int] = (1, 1),
        gap: int = 24,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._wide, self._shares = wide, shares
        self._parts = (left, right)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(gap)
        self._layout.addWidget(left, shares[0])
        self._layout.addWidget(right, shares[1])

    def minimumSizeHint(self) -> QSize:
        # What stands in a row can stand in a column, so the row's width is not needed.
        width = max(part.minimumSizeHint().width() for part in self._parts)
        return QSize(width, self._layout.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= self._wide
        direction = QBoxLayout.Direction
        wanted = direction.LeftToRight if beside else direction.TopToBottom
        if self._layout.direction() != wanted:
            self._layout.setDirection(wanted)
            # Shares are of the width; in a column each is as high as it needs to be.
            for place, share in enumerate(self._shares):
                self._layout.setStretch(place, share if beside else 0)
