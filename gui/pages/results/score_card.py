"""`ScoreCard`: the number that a search ends with, its interval, and how far to trust it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.results import RunResult
from gui import words
from gui.widgets.card import Card
from gui.widgets.text import label, rule


class ScoreCard(Card):
    """The score of a result, with those of validation and of the default configuration."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._about = label("", "caption")
        self.number = label("", "figure", wrap=False)
        self.number.setAccessibleName("Score")
        self.number.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._interval = label("", "caption")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self._trust = label("", "caption")
        for widget in (self._about, self.number, self._interval, rule()):
            self.body.addWidget(widget)
        self.body.addLayout(self._rows)
        self.body.addWidget(self._trust)
        self.body.addStretch(1)

    def show_result(self, result: RunResult, measure: str, first: str = "default") -> None:
        """Show the scores of ``result``.

        Args:
            result: of the run shown.
            measure: label of the tuned one.
            first: what trial 0 is.
        """
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        test = result.test
        if test is not None:
            times = "once" if result.looks == 1 else f"{result.looks} times: watched, optimistic"
            rows = words.plural(result.test_rows, "test row")
            self._about.setText(f"{measure.lower()} on {rows}, looked at {times}")
            self.number.setText(words.score(test.score))
            low, high = words.score(test.low), words.score(test.high)
            self._interval.setText(f"95 % interval {low} to {high}")
            self._trust.setText(
                f"{_chosen_by(result)} Trust the test score; {rows} can't say more than the "
                "interval."
            )
        else:
            self._about.setText(f"{measure.lower()}, validation")
            self.number.setText(words.score(result.validation_best))
            self._interval.setText("There are no outer test rows.")
            self._trust.setText(
                f"{_chosen_by(result)} Keep some rows as outer test to know by how much."
            )
        chosen = "taken" if result.selected_by_user else "best"
        pairs = [(f"validation, {chosen}", result.validation_best, "strong")]
        if result.validation_default is not None:
            pairs.append((f"validation, {first}", result.validation_default, "body"))
        if result.test_default is not None:
            pairs.append((f"test, {first}", result.test_default, "body"))
        for name, value, role in pairs:
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(label(name, "muted", wrap=False), 1)
            row.addWidget(label(words.score(value), role, wrap=False))  # type: ignore[arg-type]
            self._rows.addWidget(line)


def _chosen_by(result: RunResult) -> str:
    """Why the configuration is the result, and the effect of that on its validation score."""
    if not result.selected_by_user:
        return "The validation score chose the winner, so it flatters."
    if result.selection_reason:
        because = result.selection_reason[:1].lower() + result.selection_reason[1:]
        return f"You took this one as {because}. Validation scores led to it, so they flatter."
    made = "made the front" if result.front else "led to it"
    return f"Validation scores {made}, so they flatter."
