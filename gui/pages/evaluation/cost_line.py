"""Cost of a search, from a fit that was measured, or how far the measuring is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.domain.advice import ProbeResult
from engine.plan import Plan
from gui import words
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.text import label


class CostLine(QWidget):
    """The estimate in words, with what it rests on."""

    measure_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cost = label("", "value", wrap=False)
        self._basis = label("", "caption")
        self._cancel = button(Action("Cancel", self.cancel_asked.emit), "small")
        self._measure = button(Action("Measure", self.measure_asked.emit), "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._cost)
        row.addWidget(self._basis, 1)
        row.addWidget(self._cancel)
        row.addWidget(self._measure)
        self.setAccessibleName("Cost of the search")
        self.setMinimumHeight(32)

    def show_cost(self, plan: Plan, probe: ProbeResult | None, *, measuring: bool) -> None:
        """Show the cost of a search.

        Args:
            plan: of the search.
            probe: measured fit, once there is one.
            measuring: whether it is being measured.
        """
        seconds = words.search_seconds(plan, probe)
        if seconds is None:
            self._cost.setText("")
        else:
            text = words.about(seconds)
            # Without a measured fit only the time limit is known.
            self._cost.setText(
                text.capitalize() if probe is not None else f"At most {text.removeprefix('about ')}"
            )
        self._cost.setVisible(seconds is not None)
        self._basis.setText(basis(plan, probe, measuring=measuring))
        self._cancel.setVisible(measuring)
        self._measure.setVisible(probe is None and not measuring)
        self.setAccessibleDescription(f"{self._cost.text()} {self._basis.text()}")


def basis(plan: Plan, probe: ProbeResult | None, *, measuring: bool) -> str:
    """Measurements that an estimate rests on, in words.

    Args:
        plan: of the search.
        probe: measured fit, once there is one.
        measuring: whether it is being measured.
    """
    if measuring:
        return "Measuring what a fit costs, with the default configuration."
    if probe is None:
        return "The cost of a fit has not been measured yet."
    n_folds = plan.evaluation.resampling.n_folds
    workers = words.plural(plan.workers, "worker")
    typical = probe.typical_seconds(plan.space, plan.learner.fixed)
    scaled = ""
    if typical != probe.seconds:
        size = probe.fidelity_parameter
        scaled = f", one with as many {size} as your range has on average takes about "
        scaled += words.duration(typical)
    return (
        f"{words.plural(n_folds, 'fit')} an evaluation on {workers}; "
        f"one fit of the default configuration took {words.duration(probe.seconds)}{scaled}."
    )
