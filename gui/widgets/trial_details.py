"""Details of one trial, at the side of the table of trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from engine.domain.cards import MeasureCard
from engine.domain.trials import TrialRow, TrialState
from gui import words
from gui.tables.trial_model import status
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.disclosure import Disclosure
from gui.widgets.text import label

COLUMNS = 2
"""Of buttons."""
NOTHING_SELECTED = {
    "trial": "Select a trial to see its configuration.",
    "hyper-step": "Select a hyper-step to see its values in the pictures.",
}
"""By what a trial is called."""
PAUSED = "The method has not decided on it. With more budget the search goes on from here."


class TrialDetails(QScrollArea):
    """Configuration, score, reason of failure; the traceback on demand.

    Args:
        kill: ends a running trial.
        offered: what else can be done with a trial.
    """

    def __init__(
        self,
        kill: Callable[[int], None],
        offered: Callable[[TrialRow], Sequence[Action]] = lambda row: (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kill = kill
        self._offered = offered
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setAccessibleName("Details of the selected trial")
        self.setMinimumWidth(220)
        self._row: TrialRow | None = None
        self._measure = ""
        self._further_measures: tuple[MeasureCard, ...] = ()
        self._live = False
        self._noun = "trial"

    def show_trial(
        self,
        row: TrialRow | None,
        measure: str,
        *,
        live: bool = False,
        further_measures: tuple[MeasureCard, ...] = (),
        noun: str = "trial",
    ) -> None:
        """Show a trial.

        Args:
            row: the trial; None clears.
            measure: id of the tuned measure.
            live: whether a search is running on it.
            further_measures: those optimised at once.
        """
        if row is not None and row == self._row and live == self._live:
            return
        self._row, self._measure, self._live, self._further_measures = (
            row,
            measure,
            live,
            further_measures,
        )
        self._noun = noun
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 4, 8, 4)
        column.setSpacing(4)
        if row is None:
            column.addWidget(label(NOTHING_SELECTED[noun], "caption"))
        else:
            self._fill(column, row, measure)
        column.addStretch(1)
        self.setWidget(content)

    def text(self) -> str:
        """The same as text, for copying."""
        row = self._row
        if row is None:
            return ""
        lines = [
            f"{self._noun.capitalize()} {row.number}: {status(row, live=self._live)}",
            f"{self._measure} {words.score(row.value)}",
            *self._further(row),
        ]
        lines += [f"{name} = {value}" for name, value in row.configuration.items()]
        return "\n".join([*lines, row.message, row.details]).strip()

    def _fill(self, column: QVBoxLayout, row: TrialRow, measure: str) -> None:
        column.addWidget(
            label(
                f"{self._noun.capitalize()} {row.number:,}, {status(row, live=self._live)}",
                "strong",
            )
        )
        spread = "" if row.spread is None else f" ± {words.number(row.spread, 2)}"
        column.addWidget(label(f"{measure} {words.score(row.value)}{spread}"))
        for text in self._further(row):
            column.addWidget(label(text))
        if row.state is TrialState.RUNNING and not self._live:
            column.addWidget(label(PAUSED, "caption"))
        if row.message:
            column.addWidget(label(row.message, "bad", selectable=True))
        for name, value in row.configuration.items():
            column.addWidget(label(f"{name}  {words.value(value)}", "caption", selectable=True))
        if proposed := words.proposed(row.note):
            column.addWidget(label(proposed, "caption"))
        folds = words.plural(row.folds_done, "fold")
        column.addWidget(label(f"{folds} in {words.duration(row.seconds)}", "caption"))
        actions = [Action("Copy", self._copy)]
        if row.state is TrialState.RUNNING and self._live:
            actions.append(Action(f"End this {self._noun}", lambda: self._kill(row.number)))
        actions += self._offered(row)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        for place, action in enumerate(actions):
            buttons.addWidget(button(action, "small"), *divmod(place, COLUMNS))
        buttons.setColumnStretch(COLUMNS, 1)
        column.addLayout(buttons)
        if row.details:
            trace = QPlainTextEdit(row.details)
            trace.setReadOnly(True)
            trace.setMinimumHeight(120)
            trace.setAccessibleName("Traceback")
            column.addWidget(Disclosure("Traceback", trace))

    def _further(self, row: TrialRow) -> list[str]:
        scored = zip(self._further_measures, row.further_values, strict=bool(row.further_values))
        return [f"{card.label} {words.measured(card, x)}" for card, x in scored]

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
