"""`TakeHome`: what of a result can be written to a file, as cards."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.card_row import CardRow
from gui.widgets.text import label

EXPORTS = (
    ("script", "Script", "Runs on pandas and scikit-learn and prints the same score.", ".py"),
    ("model", "Model", "A skops file, refitted on all rows.", ".skops"),
    ("config", "Configuration", "The hyperparameters as JSON.", ".json"),
    ("trials", "Trials", "Every trial as a CSV table.", ".csv"),
    ("report", "Report", "One HTML file with pictures.", ".html"),
)
TUNED = ("hyperparameters", "Tuned values", "Every group as arrays, in an npz file.", ".npz")
"""Further exports after a tuning by gradient."""


class TakeHome(QWidget):
    """A card for each of `EXPORTS`, after a tuning by gradient for `TUNED`, too."""

    asked = Signal(str, str, str)
    """The person saves this: what of, its title and the suffix of its file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = CardRow(minimum=176)
        self._cards = {export[0]: self._card(*export) for export in (*EXPORTS, TUNED)}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(label("Take it with you", "section"))
        column.addWidget(self._row)

    def show_exports(self, tuned: bool) -> None:
        """Show what there is; ``tuned`` by gradient."""
        kept = [e[0] for e in (*EXPORTS, *((TUNED,) if tuned else ()))]
        for what, card in self._cards.items():
            card.setVisible(what in kept)
        cards = [self._cards[what] for what in kept]
        if list(self._row.cards) != cards:
            self._row.show_cards(cards, keep=True)

    def _card(self, what: str, title: str, summary: str, suffix: str) -> Card:
        card = Card()
        card.body.addWidget(label(title, "section"))
        card.body.addWidget(label(summary, "caption"))
        card.body.addStretch(1)
        save = button(Action("Save", lambda: self.asked.emit(what, title, suffix)), "small")
        save.setAccessibleName(f"Save {title.lower()}")
        row = QHBoxLayout()
        row.addWidget(save)
        row.addStretch(1)
        card.body.addLayout(row)
        return card
