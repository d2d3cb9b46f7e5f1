"""`AskedPicture`: a picture of something that the engine has to work out first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.plots.picture import Picture, Prepared
from engine.protocol import events, replies, requests
from gui.canvas import Canvas
from gui.engine_client import EngineClient
from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.progress import Progress
from gui.widgets.text import label

STOPPED = "Stopped."


class AskedPicture(QWidget):
    """One or several pictures that come with the reply to one request.

    While the engine works, it shows how far it is and can be stopped; where the request is refused,
    it says why. An older answer stays until the new one is there.

    Args:
        client: the engine.
        theme: colours.
        picture: of the table.
    """

    def __init__(
        self,
        client: EngineClient,
        theme: ThemeManager,
        picture: Picture,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._client, self._theme, self._picture = client, theme, picture
        self.setProperty("help", picture.help_page)
        self._pending = 0
        self._again: Callable[[], None] | None = None
        self._canvases: list[Canvas] = []
        self._stack = QStackedWidget()
        self._stack.addWidget(self._waiting())
        pictures = QWidget()
        self._grid = QGridLayout(pictures)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self._stack.addWidget(pictures)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack, 1)
        client.activity.connect(self._progressed)

    @property
    def said(self) -> str:
        """What stands in place of the picture."""
        return self._sentence.text()

    @property
    def canvases(self) -> tuple[Canvas, ...]:
        """Those that show something."""
        return tuple(c for c in self._canvases if not c.isHidden())

    @property
    def busy(self) -> bool:
        """Whether the engine works on it."""
        return bool(self._pending)

    def ask(self, request: requests.Request, pictures: Callable[[Any], Sequence[Prepared]]) -> None:
        """Send ``request`` and show the ``pictures`` of its reply.

        Args:
            request: built with ``id=0``.
            pictures: from the reply; none where it holds nothing to show.
        """
        self.cancel()
        self._again = lambda: self.ask(request, pictures)

        def ready(reply: Any) -> None:
            self._pending = 0
            self._show(pictures(reply))

        self._pending = self._client.request(request, ready, self._refused, owner=self)
        self._sentence.setText("")
        self._progress.reset()
        self._progress.show_progress(None, self._picture.doing)
        self._progress.setVisible(True)
        self._stop.setVisible(True)
        self._retry.setVisible(False)
        if not self.canvases:
            self._stack.setCurrentIndex(0)

    def say(self, sentence: str) -> None:
        """Show a sentence in place of the picture."""
        self.cancel()
        self._say(sentence, retry=False)

    def cancel(self) -> None:
        """Give up what is being worked out."""
        if self._pending:
            self._client.cancel(self._pending)
            self._pending = 0

    def forget(self) -> None:
        """Another run is shown: what is here is about the one before."""
        self.cancel()
        self._show(())
        self._again = None
        self._say("", retry=False)

    # --- inside -----------------------------------------------------------------------------------

    def _waiting(self) -> QWidget:
        place = QWidget()
        column = QVBoxLayout(place)
        column.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence = label("", "muted", selectable=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setMinimumWidth(420)
        self._progress = Progress(f"Working out: {self._picture.name}")
        self._progress.setFixedWidth(280)
        self._stop = button(Action("Stop", self._give_up), "small")
        self._retry = button(Action("Work it out", self._repeat), "small")
        column.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._progress, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        row.addWidget(self._stop)
        row.addWidget(self._retry)
        column.addLayout(row)
        for widget in (self._progress, self._stop, self._retry):
            widget.hide()
        return place

    def _show(self, pictures: Sequence[Prepared]) -> None:
        while len(self._canvases) < len(pictures):
            canvas = Canvas(self._picture, self._theme)
            row, column = divmod(len(self._canvases), self._picture.columns)
            self._grid.addWidget(canvas, row, column)
            self._canvases.append(canvas)
        for place, canvas in enumerate(self._canvases):
            shown = place < len(pictures)
            canvas.setVisible(shown)
            if shown:
                canvas.show_picture(lambda picture=pictures[place]: picture)
        self._stack.setCurrentIndex(1 if pictures else 0)
        if not pictures:
            self._say("There is nothing to show yet.", retry=False)

    def _refused(self, failure: replies.Failed) -> None:
        self._pending = 0
        self._say(failure.sentence, retry=False)

    def _say(self, sentence: str, *, retry: bool) -> None:
        self._sentence.setText(sentence)
        self._progress.hide()
        self._stop.hide()
        self._retry.setVisible(retry)
        self._stack.setCurrentIndex(0)

    def _give_up(self) -> None:
        self.cancel()
        self._say(STOPPED, retry=True)

    def _repeat(self) -> None:
        if self._again is not None:
            self._again()

    def _progressed(self, activity: events.Activity) -> None:
        if activity.request == self._pending:
            self._progress.show_progress(activity.fraction, activity.label)
