"""Ask how much further a search should go."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from engine.plan import Budget
from gui.widgets.fields import NumberField
from gui.widgets.form import Form
from gui.widgets.text import label

LOOKS = (
    "When it ends, the outer test rows are looked at again. A score that was looked at more than "
    "once is labelled watched: it flatters a little."
)


class MoreBudget(QDialog):
    """Evaluations or seconds on top of what was done.

    Args:
        budget: the run's own.
        evaluations: full evaluations done so far.
        seconds: search time so far.
        looks: how often the outer test was looked at; 0 without outer test rows.
    """

    def __init__(
        self,
        budget: Budget,
        evaluations: float,
        seconds: float,
        looks: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Continue with more budget")
        self._budget, self._done, self._seconds = budget, evaluations, seconds
        by_time = budget.evaluations is None and budget.seconds is not None
        self._by_time = by_time
        unit = "seconds" if by_time else "evaluations"
        self._more = NumberField(whole=not by_time, low=1, unit=unit, name=f"More {unit}")
        self._more.set_value(max(10, round(seconds if by_time else evaluations)))
        form = Form()
        form.add(f"&More {unit}", self._more)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        so_far = f"{seconds:,.0f} seconds" if by_time else f"{evaluations:,.0f} evaluations"
        column.addWidget(label(f"The search has done {so_far} and goes on from there."))
        column.addWidget(form)
        if looks:
            column.addWidget(label(LOOKS, "caption"))
        buttons = QDialogButtonBox()
        go = buttons.addButton("Continue the search", QDialogButtonBox.ButtonRole.AcceptRole)
        go.setProperty("kind", "primary")
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.setMinimumWidth(420)

    @property
    def budget(self) -> Budget:
        """The run's whole budget from now on."""
        more = float(self._more.value() or 0)
        if self._by_time:
            return msgspec.structs.replace(self._budget, seconds=self._seconds + more)
        return msgspec.structs.replace(
            self._budget, evaluations=round(self._done) + more, seconds=None, stagnation=None
        )

    def _accept(self) -> None:
        if not self._more.value():
            self._more.set_error("Say how much more.")
            return
        self.accept()
