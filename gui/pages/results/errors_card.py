"""`ErrorsCard`: where the model of a result errs, by class or by value."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.protocol.replies import ResultsReady
from gui.canvas import Canvas
from gui.theme import ThemeManager
from gui.widgets.card import Card
from gui.widgets.text import label

HEIGHT = 320
NAMES = {"confusion": "Confusion matrix", "residuals": "Residuals"}


class ErrorsCard(Card):
    """The confusion matrix of a classification, the residuals of a regression."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._title = label("", "section")
        self._pictures = QStackedWidget()
        self._pictures.setFixedHeight(HEIGHT)
        self._made: dict[str, Canvas] = {}
        self.body.addWidget(self._title)
        self.body.addWidget(self._pictures)

    @property
    def picture(self) -> Canvas | None:
        """The one that is shown."""
        shown = self._pictures.currentWidget()
        return shown if isinstance(shown, Canvas) else None

    def show_results(self, results: ResultsReady) -> None:
        """Show what was predicted of the rows that ``results`` are about."""
        rows = "test rows" if results.result.prediction_rows == "test" else "validation rows"
        given = results.confusion or results.residuals
        if given is None:
            return
        kind, what = ("confusion", "classes") if results.confusion else ("residuals", "values")
        module = import_module(f"engine.plots.{kind}")
        canvas = self._made.get(kind)
        if canvas is None:
            canvas = self._made[kind] = Canvas(module.PICTURE.draw, self._theme, name=NAMES[kind])
            canvas.setProperty("help", kind)
            self._pictures.addWidget(canvas)
        self._title.setText(f"True and predicted {what} of the {rows}")
        canvas.show_picture(lambda: module.prepare(given))
        self._pictures.setCurrentWidget(canvas)
