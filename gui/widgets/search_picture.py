"""`SearchPicture`: a picture of a run, with a switch where there is a choice of what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.plots.picture import PICTURES, Picture, SearchSource
from gui.canvas import Canvas
from gui.pointing import link
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.fields import Segments


class SearchPicture(QWidget):
    """Shows ``picture`` of ``run``, and the one that belongs below it; like a `Canvas` it has
    `touch` and `clear`.

    Args:
        picture: of the table.
        run: whose trials are shown; a click selects one.
        theme: colours.
        source: what the picture is made from; by default the trials alone.
    """

    def __init__(
        self,
        picture: Picture,
        run: Run,
        theme: ThemeManager,
        source: Callable[[], SearchSource] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.picture = picture
        self._run, self._theme = run, theme
        self._given = source or (lambda: SearchSource(run.snapshot()))
        self._choice = ""
        self._offered: tuple[tuple[str, str], ...] = ()
        self._switch: Segments | None = None
        self.setProperty("help", picture.help_page)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.canvas = self._canvas_of(picture)
        self.below = self._canvas_of(PICTURES[picture.below]) if picture.below else None
        self._column.addWidget(self.canvas, 3)
        if self.below is not None:
            self._column.addWidget(self.below, 2)
        self._offer()

    @property
    def summary(self) -> str:
        """The text alternative of what is shown."""
        return self.canvas.summary

    @property
    def redraws_pending(self) -> bool:
        """Whether something new waits to be drawn."""
        return any(canvas.redraws_pending for canvas in self._canvases)

    def touch(self) -> None:
        """Redraw: the data have changed."""
        self._offer()
        for canvas in self._canvases:
            canvas.touch()

    def clear(self) -> None:
        """There is nothing to show."""
        for canvas in self._canvases:
            canvas.clear()

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _canvases(self) -> tuple[Canvas, ...]:
        return (self.canvas,) if self.below is None else (self.canvas, self.below)

    def _canvas_of(self, picture: Picture) -> Canvas:
        # Above another, it is called by itself, not as both are in a switch.
        name = picture.title if picture.below else picture.name
        canvas = link(Canvas(picture, self._theme, name=name), self._run)
        canvas.show_picture(lambda: picture.one(self._source()))
        return canvas

    def _source(self) -> SearchSource:
        return replace(self._given(), choice=self._choice)

    def _offer(self) -> None:
        """A switch between what can be looked at, where there are several."""
        if self.picture.choices is None:
            return
        offered = tuple(self.picture.choices(self._source()))
        if offered == self._offered:
            return
        self._offered, self._choice = offered, offered[0][0] if offered else ""
        if self._switch is not None:
            self._column.removeWidget(self._switch)
            self._switch.deleteLater()
            self._switch = None
        if len(offered) > 1:
            self._switch = Segments(offered, "What is shown")
            self._switch.set_value(self._choice)
            self._switch.changed.connect(self._look)
            self._column.insertWidget(0, self._switch)

    def _look(self, choice: object) -> None:
        self._choice = str(choice)
        self.canvas.touch()
