"""`ScorePictures`: the best so far, and beside it the picture of the method at work and that of
overtuning, where there are such."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.cards import MethodCard
from engine.domain.trials import TrialState
from engine.domain.trust import Overtuning
from engine.domain.understanding import SurrogateSlice
from engine.plots import history
from gui import overtuning_picture
from gui.canvas import Canvas
from gui.feed import Feed
from gui.pointing import link
from gui.run import Run
from gui.theme import ThemeManager
from gui.tuning_feed import TuningFeed
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
    "overtuning": "Test score",
}
HISTORY, OVERTUNING = "history", "overtuning"
GROWTH = 1.25
"""A model is asked for anew when there are so many times more trials."""


class ScorePictures(QWidget):
    """Shows `Run` as best-so-far, as the method sees it, and as the test rows do.

    Args:
        run: whose trials are shown.
        theme: colours.
        feed: what a tuning by gradient has found.
        watching: the outer scores of the incumbents (`TrustReady`).
    """

    surrogate_wanted = Signal()
    """The picture of the model is looked at, and has become old."""

    def __init__(
        self,
        run: Run,
        theme: ThemeManager,
        feed: TuningFeed,
        watching: Feed,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._theme, self._feed, self._watching = run, theme, feed, watching
        self._kinds: tuple[str, ...] = ()
        self._slices: tuple[SurrogateSlice, ...] = ()
        self._asked_at = 0
        self._history = link(Canvas(history.PICTURE.draw, theme, name="Best so far"), run)
        self._history.setProperty("help", "history")
        self._history.show_picture(lambda: history.prepare(run.snapshot()))
        self._others: dict[str, Canvas | FrontPicture | HyperStepPictures] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self._history)
        self._switch: Segments | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._stack, 1)

    def show_method(self, card: MethodCard | None, *, watched: bool = False) -> None:
        """Offer the picture of ``card``, if it has one, and with ``watched`` that of overtuning."""
        own = (card.picture,) if card is not None and card.picture else ()
        kinds = (*own, *((OVERTUNING,) if watched else ()))
        if kinds == self._kinds:
            return
        self._kinds = kinds
        self.forget()
        if self._switch is not None:
            self._column.removeWidget(self._switch)
            self._switch.deleteLater()
            self._switch = None
        for old in self._others.values():
            self._stack.removeWidget(old)
            old.deleteLater()
        self._others = {kind: self._canvas_of(kind) for kind in kinds}
        for picture in self._others.values():
            self._stack.addWidget(picture)
        if kinds:
            names = [(HISTORY, "Best so far"), *((kind, NAMES[kind]) for kind in kinds)]
            self._switch = Segments(names, "Picture")
            self._switch.changed.connect(lambda kind: self._look(str(kind)))
            self._column.insertWidget(0, self._switch)
        # The loss is what hypergradients bring down; the score only follows.
        self._show("hyper_steps" if "hyper_steps" in kinds else HISTORY)

    def forget(self) -> None:
        """Another run is shown: its model is not known yet."""
        self._slices, self._asked_at = (), 0

    def show_surrogate(self, slices: tuple[SurrogateSlice, ...]) -> None:
        """Take what the engine says of the model."""
        self._slices = slices
        if "surrogate" in self._others:
            self._others["surrogate"].touch()

    def touch(self) -> None:
        """Trials have arrived, or gone."""
        for picture in (self._history, *self._others.values()):
            if len(self._run.store):
                picture.touch()
            else:
                picture.clear()
        self._ask()

    @property
    def shown(self) -> QWidget:
        """The picture that is looked at."""
        return self._stack.currentWidget() or self._history

    def look_at_method(self) -> None:
        """Show the method's own picture, if it has one."""
        own = next((kind for kind in self._kinds if kind != OVERTUNING), None)
        if own is not None:
            self._show(own)

    def _show(self, kind: str) -> None:
        if self._switch is not None:
            self._switch.set_value(kind)
        self._look(kind)

    def _look(self, kind: str) -> None:
        self._stack.setCurrentWidget(self._others.get(kind, self._history))
        self._ask()

    def _ask(self) -> None:
        if self._stack.currentWidget() is not self._others.get("surrogate", self):
            return
        complete = int(self._run.snapshot().is_state(TrialState.COMPLETE).sum())
        if complete and complete >= GROWTH * self._asked_at:
            self._asked_at = complete
            self.surrogate_wanted.emit()

    def _watched(self) -> Overtuning:
        reply = self._watching.reply
        return reply.overtuning if reply is not None else Overtuning(())

    def _canvas_of(self, kind: str) -> Canvas | FrontPicture | HyperStepPictures:
        from engine.plots import overtuning, population, race, rungs, surrogate

        if kind == "hyper_steps":
            return HyperStepPictures(self._run, self._feed, self._theme)
        if kind == "pareto":
            return FrontPicture(self._run, self._theme)
        modules = {"rungs": rungs, "race": race, "population": population, OVERTUNING: overtuning}
        canvas = Canvas(modules.get(kind, surrogate).PICTURE.draw, self._theme, name=NAMES[kind])
        canvas.setProperty("help", kind)
        if kind == OVERTUNING:
            canvas.show_picture(lambda: overtuning_picture.prepared(self._run, self._watched()))
            return canvas
        link(canvas, self._run)
        if kind in modules:
            module = modules[kind]
            canvas.show_picture(lambda: module.prepare(self._run.snapshot()))
        else:
            canvas.show_picture(lambda: surrogate.prepare(self._slices, self._run.snapshot()))
        return canvas
