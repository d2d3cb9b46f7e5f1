"""`FrontPicture`: the front of the run, with a choice of what it is weighed against."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.canvas import Canvas
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.fields import Segments

NAME = "Front of trade-offs"


class FrontPicture(QWidget):
    """Shows the front of ``run`` by its tuned measure and one of the others, like a `Canvas`."""

    def __init__(self, run: Run, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from engine.plots import pareto

        self._run = run
        self._which = 0
        self._offered: tuple[str, ...] = ()
        self._switch: Segments | None = None
        self.setProperty("help", "pareto")
        self.canvas = Canvas(pareto.draw, theme, name=NAME)
        self.canvas.setProperty("help", "pareto")
        self.canvas.show_picture(lambda: pareto.prepare(run.snapshot(), self._which))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.canvas, 1)
        self._offer()

    def touch(self) -> None:
        """Trials have arrived."""
        self._offer()
        if self._run.store.further_measures:
            self.canvas.touch()
        else:
            self.canvas.clear()

    def clear(self) -> None:
        """There is nothing to show."""
        self.canvas.clear()

    def _offer(self) -> None:
        """A switch between the other measures, where there are several."""
        cards = self._run.store.further_measures
        offered = tuple(card.id for card in cards)
        if offered == self._offered:
            return
        self._offered, self._which = offered, 0
        if self._switch is not None:
            self._column.removeWidget(self._switch)
            self._switch.deleteLater()
            self._switch = None
        if len(cards) > 1:
            options = [(place, card.label) for place, card in enumerate(cards)]
            self._switch = Segments(options, "Weighed against")
            self._switch.set_value(0)
            self._switch.changed.connect(self._look)
            self._column.insertWidget(0, self._switch)

    def _look(self, which: object) -> None:
        self._which = which if isinstance(which, int) else 0
        self.canvas.touch()
