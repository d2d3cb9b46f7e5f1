"""`ScorePictures`: the best so far, and beside it the picture of the method at work, if it has
one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.plots import history
from engine.protocol import MethodCard
from engine.records import SurrogateSlice, TrialState
from gui.canvas import Canvas
from gui.pointing import link
from gui.run import Run
from gui.theme import ThemeManager
from gui.tuning import TuningFeed
from gui.widgets.fields import Segments
from gui.widgets.front_picture import FrontPicture
from gui.widgets.tuning_pictures import HyperStepPictures

NAMES = {
    "surrogate": "Model of the scores",
    "rungs": "Rungs",
    "race": "Race",
    "population": "Generations",
    "pareto": "Front",
    "hyper_steps": "Hyper-steps",
}
GROWTH = 1.25
"""A model is asked for anew when there are so many times more trials."""


class ScorePictures(QWidget):
    """Shows `Run` as best-so-far, and as the method sees it.

    Args:
        run: whose trials are shown.
        theme: colours.
        feed: what a tuning by gradient has found.
    """

    surrogate_wanted = Signal()
    """The picture of the model is looked at, and has become old."""

    def __init__(
        self, run: Run, theme: ThemeManager, feed: TuningFeed, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._run, self._theme, self._feed = run, theme, feed
        self._kind = ""
        self._slices: tuple[SurrogateSlice, ...] = ()
        self._asked_at = 0
        self._history = link(Canvas(history.draw, theme, name="Best so far"), run)
        self._history.setProperty("help", "history")
        self._history.show_picture(lambda: history.prepare(run.snapshot()))
        self._method: Canvas | FrontPicture | HyperStepPictures | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self._history)
        self._switch: Segments | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._stack, 1)

    def show_method(self, card: MethodCard | None) -> None:
        """Offer the picture of ``card``, or none."""
        kind = card.picture if card is not None else ""
        if kind == self._kind:
            return
        self._kind = kind
        self.forget()
        for old in (self._switch, self._method):
            if old is not None:
                self._column.removeWidget(old)
                self._stack.removeWidget(old)
                old.deleteLater()
        self._switch = self._method = None
        if kind:
            self._method = self._canvas_of(kind)
            self._stack.addWidget(self._method)
            self._switch = Segments([("history", "Best so far"), (kind, NAMES[kind])], "Picture")
            # The loss is what hypergradients bring down; the score only follows.
            first = kind if kind == "hyper_steps" else "history"
            self._switch.set_value(first)
            self._switch.changed.connect(self._look)
            self._column.insertWidget(0, self._switch)
            self._look(first)
        else:
            self._stack.setCurrentWidget(self._history)

    def forget(self) -> None:
        """Another run is shown: its model is not known yet."""
        self._slices, self._asked_at = (), 0

    def show_surrogate(self, slices: tuple[SurrogateSlice, ...]) -> None:
        """Take what the engine says of the model."""
        self._slices = slices
        if self._method is not None:
            self._method.touch()

    def touch(self) -> None:
        """Trials have arrived, or gone."""
        for canvas in (self._history, self._method):
            if canvas is None:
                continue
            if len(self._run.store):
                canvas.touch()
            else:
                canvas.clear()
        self._ask()

    def look_at_method(self) -> None:
        """Show the method's own picture, if it has one."""
        if self._switch is not None:
            self._switch.set_value(self._kind)
            self._look(self._kind)

    def _look(self, which: object) -> None:
        at_method = which != "history" and self._method is not None
        self._stack.setCurrentIndex(1 if at_method else 0)
        self._ask()

    def _ask(self) -> None:
        if self._kind != "surrogate" or self._stack.currentWidget() is not self._method:
            return
        complete = int(self._run.snapshot().is_state(TrialState.COMPLETE).sum())
        if complete and complete >= GROWTH * self._asked_at:
            self._asked_at = complete
            self.surrogate_wanted.emit()

    def _canvas_of(self, kind: str) -> Canvas | FrontPicture | HyperStepPictures:
        from engine.plots import population, race, rungs, surrogate

        if kind == "hyper_steps":
            return HyperStepPictures(self._run, self._feed, self._theme)
        if kind == "pareto":
            return FrontPicture(self._run, self._theme)
        module = {"rungs": rungs, "race": race, "population": population}.get(kind)
        canvas = Canvas(module.draw if module else surrogate.draw, self._theme, name=NAMES[kind])
        link(canvas, self._run)
        canvas.setProperty("help", kind)
        if module:
            canvas.show_picture(lambda: module.prepare(self._run.snapshot()))
        else:
            canvas.show_picture(lambda: surrogate.prepare(self._slices, self._run.snapshot()))
        return canvas
