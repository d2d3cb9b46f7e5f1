"""`ErrorsCard`: where the model of a result errs, by class or by value."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.plots.picture import Picture, SearchSource, pictures_on
from engine.protocol.replies import ResultsReady
from gui.canvas import Canvas
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.card import Card
from gui.widgets.text import label

HEIGHT = 320


class ErrorsCard(Card):
    """The pictures of the predictions that there are data for: the confusion matrix of a
    classification, the residuals of a regression."""

    def __init__(self, run: Run, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._run = run
        self._parts = {p.id: _Part(p, theme) for p in pictures_on("predictions")}
        for part in self._parts.values():
            self.body.addWidget(part)

    def shown(self) -> dict[str, Canvas]:
        """The pictures that are shown, by id."""
        return {id: part.canvas for id, part in self._parts.items() if not part.isHidden()}

    def show_results(self, results: ResultsReady) -> None:
        """Show what was predicted of the rows that ``results`` are about."""
        source = SearchSource(self._run.snapshot(), results)
        for part in self._parts.values():
            part.show_source(source)


class _Part(QWidget):
    """One picture under its heading; hidden where there is nothing to show."""

    def __init__(self, picture: Picture, theme: ThemeManager) -> None:
        super().__init__()
        self._picture = picture
        self._title = label("", "section")
        self.canvas = Canvas(picture, theme)
        self.canvas.setFixedHeight(HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._title)
        column.addWidget(self.canvas)

    def show_source(self, source: SearchSource) -> None:
        """Show the picture of ``source``; hidden where there is nothing to show."""
        prepared = self._picture.one(source)
        self.setVisible(prepared is not None)
        if prepared is not None:
            self._title.setText(self._picture.head(source))
            self.canvas.show_picture(lambda: prepared)
