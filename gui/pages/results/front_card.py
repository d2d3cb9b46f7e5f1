"""`FrontCard`: the front of a run as picture and table, from which another trial can be taken."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.domain.cards import MeasureCard
from engine.domain.results import RunResult
from engine.plots.picture import PICTURES
from gui import words
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.search_picture import SearchPicture
from gui.widgets.side_by_side import SideBySide
from gui.widgets.text import label

HEIGHT = 300
ABOUT = (
    "No other trial beats these on every measure. The marked one is what the figures above and the "
    "exports below are about."
)
LOOK = (
    " Taking another one fits it and looks at the outer test rows again: its score is then "
    "labelled watched, since you may choose by it."
)


class FrontCard(Card):
    """Shows the front of ``run`` and offers its trials."""

    selected = Signal(int)
    """The person takes the trial of this number."""

    def __init__(self, run: Run, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._picture = SearchPicture(PICTURES["pareto"], run, theme)
        self._about = label("", "caption")
        self._rows = QScrollArea()
        self._rows.setWidgetResizable(True)
        self._rows.setFrameShape(QScrollArea.Shape.NoFrame)
        self._rows.setAccessibleName("Trials of the front")
        self._rows.setMinimumWidth(340)
        self._buttons: list[QPushButton] = []
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._about)
        column.addWidget(self._rows, 1)
        self._picture.setFixedHeight(HEIGHT)
        right.setFixedHeight(HEIGHT)
        self.body.addWidget(label("The front of trade-offs", "section"))
        self.body.addWidget(SideBySide(self._picture, right, wide=840))

    def show_front(self, result: RunResult, cards: tuple[MeasureCard, ...]) -> None:
        """Show the front of ``result``; ``cards`` are of its measures."""
        self._about.setText(ABOUT + (LOOK if result.looks else ""))
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(16)
        self._buttons = []
        for column, head in enumerate(["trial", *(card.label.lower() for card in cards)]):
            grid.addWidget(label(head, "caption", wrap=False), 0, column, _side(column))
        for row, member in enumerate(result.front, start=1):
            chosen = member.trial == result.trial
            scores = zip(cards, member.values, strict=True)
            texts = [f"{member.trial:,}", *(words.measured(card, x) for card, x in scores)]
            for column, text in enumerate(texts):
                cell = label(text, "strong" if chosen else "body", wrap=False)
                grid.addWidget(cell, row, column, _side(column))
            if chosen:
                mark = label("this result", "caption", wrap=False)
                grid.addWidget(mark, row, len(texts), _side(0))
                QTimer.singleShot(0, mark, lambda mark=mark: self._rows.ensureWidgetVisible(mark))
            else:
                grid.addWidget(self._button(member.trial), row, len(texts), _side(0))
        grid.setColumnStretch(len(cards) + 2, 1)
        grid.setRowStretch(len(result.front) + 1, 1)
        self._rows.setWidget(table)
        self._picture.touch()

    def touch(self) -> None:
        """Trials have arrived."""
        self._picture.touch()

    def set_busy(self, busy: bool) -> None:
        """Whether something is being fitted, so that nothing can be taken."""
        for take in self._buttons:
            take.setEnabled(not busy)

    def _button(self, trial: int) -> QPushButton:
        take = button(Action("Take", lambda: self.selected.emit(trial)), "small")
        take.setAccessibleName(f"Take trial {trial}")
        self._buttons.append(take)
        return take


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
