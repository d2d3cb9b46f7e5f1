"""How many full evaluations a search gets: a slider in round numbers, and a field for any other."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from gui import words
from gui.widgets.fields import NumberField

_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
STEPS: tuple[int, ...] = tuple(
    sorted({round(factor * power) for power in (10, 100, 1000) for factor in _ROUND})
)
"""Evaluations at each step of the slider: 10 to 8,000 in about equal ratios."""


class BudgetSlider(QWidget):
    """The two controls show one value; `changed` follows the slider while it moves."""

    changed = Signal(object)
    """Evaluations (int), or None when the field was emptied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Evaluations, in round numbers")
        self._slider.setRange(0, len(STEPS) - 1)
        self._slider.setPageStep(3)
        self._slider.valueChanged.connect(self._slide)
        self.number = NumberField(
            "Evaluations", whole=True, low=1, high=1_000_000, optional=True, unit="evaluations"
        )
        self.number.changed.connect(self._type)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self.number)
        self.setFocusProxy(self._slider)

    def value(self) -> int | None:
        """The evaluations chosen; None for no limit."""
        number = self.number.value()
        return None if number is None else int(number)

    def set_value(self, evaluations: float | None) -> None:
        """Show a number of evaluations."""
        self.number.set_value(None if evaluations is None else round(evaluations))
        if evaluations is None:
            self._slider.setAccessibleDescription("no limit")
            return
        nearest = min(range(len(STEPS)), key=lambda k: abs(STEPS[k] - evaluations))
        if STEPS[self._slider.value()] != evaluations:
            with QSignalBlocker(self._slider):
                self._slider.setValue(nearest)
        self._slider.setAccessibleDescription(words.plural(round(evaluations), "evaluation"))

    def set_error(self, sentence: str) -> None:
        """Show ``sentence`` at the number; an empty one takes it back."""
        self.number.set_error(sentence)

    def _slide(self, step: int) -> None:
        self.set_value(STEPS[step])
        self.changed.emit(STEPS[step])

    def _type(self, evaluations: object) -> None:
        number = int(evaluations) if isinstance(evaluations, int | float) else None
        self.set_value(number)
        self.changed.emit(number)


class _Slider(QSlider):
    def wheelEvent(self, e: QWheelEvent) -> None:
        """Let the page scroll."""
        e.ignore()
