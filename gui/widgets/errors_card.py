"""`ErrorsCard`: where the model of a result errs, by class or by value."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.protocol import ResultsReady
from gui.canvas import Canvas
from gui.theme import ThemeManager
from gui.widgets.card import Card
from gui.widgets.text import label

HEIGHT = 320


class ErrorsCard(Card):
    """The confusion matrix of a classification, the residuals of a regression."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        from engine.plots import confusion, residuals

        self._confusion, self._residuals = confusion, residuals
        self._title = label("", "section")
        self.matrix = Canvas(confusion.draw, theme, name="Confusion matrix")
        self.matrix.setProperty("help", "confusion")
        self.spread = Canvas(residuals.draw, theme, name="Residuals")
        self.spread.setProperty("help", "residuals")
        self.pictures = QStackedWidget()
        self.pictures.addWidget(self.matrix)
        self.pictures.addWidget(self.spread)
        self.pictures.setFixedHeight(HEIGHT)
        self.body.addWidget(self._title)
        self.body.addWidget(self.pictures)

    def show_results(self, results: ResultsReady) -> None:
        """Show what was predicted of the rows that ``results`` are about."""
        rows = "test rows" if results.result.prediction_rows == "test" else "validation rows"
        if results.confusion is not None:
            confusion = results.confusion
            self._title.setText(f"True and predicted classes of the {rows}")
            self.matrix.show_picture(lambda: self._confusion.prepare(confusion))
            self.pictures.setCurrentIndex(0)
        elif results.residuals is not None:
            residuals = results.residuals
            self._title.setText(f"True and predicted values of the {rows}")
            self.spread.show_picture(lambda: self._residuals.prepare(residuals))
            self.pictures.setCurrentIndex(1)
