"""`TuningCards`: on the method page, what a gradient is to tune and which engine computes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.hypergradients import TuningOutlook
from gui import words
from gui.pages.method.tuning_form import EngineTable, GroupTable
from gui.widgets.card import Card
from gui.widgets.text import label, link


class TuningCards(QWidget):
    """Two cards: the groups, and the engines with the guide's advice."""

    group_changed = Signal(str, object)
    """An option of the method, and its new value."""
    engine_changed = Signal(str)
    reset = Signal()
    """The person leaves all of it to the engine again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("help", "hypergradient")
        self._tuning: TuningOutlook | None = None
        self._total = label("", "caption")
        self.groups = GroupTable()
        self.groups.changed.connect(self.group_changed)
        self._back = link("Leave it to the engine", self.reset.emit)
        what = Card()
        what.body.addWidget(label("What is tuned", "section"))
        what.body.addWidget(self._total)
        what.body.addWidget(self.groups)
        what.body.addWidget(self._back)
        self._advice = label("", "body")
        self._source = label("", "caption")
        self._take = link("", self._take_advice)
        self.engines = EngineTable()
        self.engines.changed.connect(self.engine_changed)
        how = Card()
        how.body.addWidget(label("Engine", "section"))
        how.body.addWidget(self._advice)
        how.body.addWidget(self._source)
        how.body.addWidget(self._take)
        how.body.addWidget(self.engines)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(what)
        column.addWidget(how)

    def show_tuning(self, tuning: TuningOutlook, engine: str, *, chosen: bool) -> None:
        """Show what ``engine`` would tune.

        Args:
            chosen: whether the person has set any of it.
        """
        self._tuning = tuning
        self._back.setVisible(chosen)
        epochs = words.number(tuning.epochs, 2)
        self._total.setText(
            f"{words.plural(tuning.size, 'hyperparameter')} of a network of "
            f"{words.plural(tuning.weights, 'weight')}, trained for {tuning.steps:,} steps "
            f"({epochs} epochs)."
        )
        self.groups.show_groups(tuning.groups)
        self.engines.show_engines(tuning, engine)
        best = tuning.advice[0] if tuning.advice else None
        self._advice.setText(f"{best.label} is recommended. {best.reason}" if best else "")
        sources = (best.source, best.would_change) if best else ()
        self._source.setText("  ·  ".join(filter(None, sources)))
        differs = best is not None and best.choice != engine
        self._take.setVisible(differs)
        if best is not None:
            self._take.setText(f"Take {best.label.lower()}")

    def set_error(self, option: str, sentence: str) -> bool:
        """Say why an option can't be like that; False for one that is not here."""
        return self.groups.set_error(option, sentence)

    def _take_advice(self) -> None:
        if self._tuning is not None and self._tuning.advice:
            self.engine_changed.emit(self._tuning.advice[0].choice)
