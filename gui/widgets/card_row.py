"""Cards side by side in equal columns, wrapping where the width is short."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

GAP = 16


class CardRow(QWidget):
    """Lays out ``cards`` in as many equal columns as have ``minimum`` pixels each.

    Cards that are buttons form one exclusive choice.
    """

    def __init__(
        self, cards: Sequence[QWidget] = (), *, minimum: int = 220, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._minimum = minimum
        self._columns = 0
        self._cards: list[QWidget] = []
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.show_cards(cards)

    @property
    def cards(self) -> tuple[QWidget, ...]:
        """The cards shown, in their order."""
        return tuple(self._cards)

    def show_cards(self, cards: Sequence[QWidget], *, keep: bool = False) -> None:
        """Show these instead of the present ones, which are deleted unless they are among them or
        the caller keeps them."""
        for card in self._cards:
            self._grid.removeWidget(card)
            if isinstance(card, QAbstractButton):
                self._group.removeButton(card)
            if card not in cards:
                card.hide()
                if not keep:
                    card.deleteLater()
        self._cards = list(cards)
        for card in self._cards:
            if isinstance(card, QAbstractButton) and card.isCheckable():
                self._group.addButton(card)
        self._columns = 0
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._minimum, 200), self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if not self._cards:
            return
        fitting = max(1, (self.width() + GAP) // (self._minimum + GAP))
        # Rows of equal length: four cards where three would fit stand two by two.
        rows = -(-len(self._cards) // fitting)
        columns = -(-len(self._cards) // rows)
        if columns == self._columns:
            return
        for column in range(max(self._columns, columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
            self._grid.setColumnMinimumWidth(column, 0)
        self._columns = columns
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, *divmod(place, columns))
        self.updateGeometry()
