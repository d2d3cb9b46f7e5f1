"""`FinalChoices`: the ways to choose the final configuration, and what each gives up."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from engine.domain.results import RunResult
from engine.domain.trust import FinalChoice
from engine.protocol import replies, requests
from gui import words
from gui.engine_client import EngineClient
from gui.pages.results.front_card import LOOK
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.text import label, rule

ABOUT = (
    "The best mean is the luckiest of many, too. What another way gives up is of the validation "
    "score. How far from the default is a mean over hyperparameters, in shares of their ranges."
)
WORKING = "Working it out ..."
HEADS = ("", "trial", "validation", "gives up", "from the default", "a fit")


class FinalChoices(Card):
    """Asks for the ways to choose among a run's trials, and offers what they lead to."""

    selected = Signal(int, str)
    """The person takes the trial of this number, and why."""

    def __init__(self, client: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._client = client
        self._asked: tuple[str, int] = ("", 0)
        self._pending = 0
        self._choices: tuple[FinalChoice, ...] = ()
        self._result: RunResult | None = None
        self._busy = False
        self._buttons: list[QPushButton] = []
        self._about = label("", "caption")
        self._table = QWidget()
        self.body.addWidget(label("Which configuration to take", "section"))
        self.body.addWidget(self._about)
        self.body.addWidget(self._table)
        self.setProperty("help", "results")

    def show_result(self, path: str, result: RunResult) -> None:
        """Show the ways to choose for the run at ``path``, which has ended with ``result``."""
        self._result = result
        if self._asked == (path, result.trials):
            self._show()
            return
        self.forget()
        self._asked = (path, result.trials)
        self._about.setText(WORKING)

        def ready(reply: replies.FinalChoicesReady) -> None:
            self._pending = 0
            self._choices = reply.choices
            self._show()

        def failed(failure: replies.Failed) -> None:
            self.forget()  # it is asked again when the page is next shown
            self._about.setText(failure.sentence)

        request = requests.FinalChoices(id=0, path=path)
        self._pending = self._client.request(request, ready, failed, owner=self)

    def forget(self) -> None:
        """Give up what is being worked out; what is here is about another run."""
        if self._pending:
            self._client.cancel(self._pending)
            self._pending = 0
        self._asked, self._choices = ("", 0), ()
        self._show()

    def set_busy(self, busy: bool) -> None:
        """Whether something is being fitted, so that nothing can be taken."""
        self._busy = busy
        for take in self._buttons:
            take.setEnabled(not busy)

    # --- inside -----------------------------------------------------------------------------------

    def _show(self) -> None:
        result, choices = self._result, self._choices
        table = QWidget()
        self._buttons = []
        if choices and result is not None:
            self._about.setText(ABOUT + (LOOK if result.looks else ""))
            self._fill(table, result)
        self.body.replaceWidget(self._table, table)
        self._table.hide()
        self._table.deleteLater()
        self._table = table

    def _fill(self, table: QWidget, result: RunResult) -> None:
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(20)
        grid.setColumnStretch(0, 1)
        for column, head in enumerate(HEADS):
            grid.addWidget(label(head, "caption", wrap=False), 0, column, _side(column))
        for place, choice in enumerate(self._choices):
            at = 1 + 3 * place
            grid.addWidget(rule(), at, 0, 1, len(HEADS) + 1)
            present = choice.trial is not None and choice.trial == result.trial
            grid.addWidget(label(choice.label, "strong" if present else "body"), at + 1, 0)
            for column, text in enumerate(_texts(choice), start=1):
                cell = label(text, "strong" if present else "body", wrap=False)
                grid.addWidget(cell, at + 1, column, _side(column))
            if present:
                mark = label("this result", "caption", wrap=False)
                grid.addWidget(mark, at + 1, len(HEADS), _side(1))
            elif choice.trial is not None:
                grid.addWidget(self._button(choice.trial, choice), at + 1, len(HEADS), _side(1))
            grid.addWidget(label(choice.sentence, "caption"), at + 2, 0, 1, len(HEADS))

    def _button(self, trial: int, choice: FinalChoice) -> QPushButton:
        take = button(Action("Take", lambda: self.selected.emit(trial, choice.label)), "small")
        take.setAccessibleName(f"Take trial {trial}: {choice.label}")
        take.setEnabled(not self._busy)
        self._buttons.append(take)
        return take


def _texts(choice: FinalChoice) -> tuple[str, ...]:
    """What stands in the columns of figures."""
    if choice.trial is None:
        return (words.NOTHING,) * (len(HEADS) - 1)
    return (
        f"{choice.trial:,}",
        words.score(choice.value),
        words.score(choice.gives_up) if choice.gives_up else "nothing",
        f"{choice.distance:.0%}".replace("%", " %") if choice.distance else "is it",
        words.duration(choice.fit_seconds) if choice.fit_seconds >= 1 else _short(choice),
    )


def _short(choice: FinalChoice) -> str:
    return f"{words.number(choice.fit_seconds, 2)} s"


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
