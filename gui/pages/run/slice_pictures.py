"""`SlicePictures`: the score against single hyperparameters, the most important first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.trials import TrialState
from engine.plots.picture import PICTURES, Prepared, SearchSource
from engine.protocol import replies, requests
from gui.canvas import Canvas
from gui.engine_client import EngineClient
from gui.pointing import link
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.card import Card

MOST = 3
HEIGHT = 100
"""A slice lower than this shows nothing; then there are fewer."""
FIRST_IMPORTANCE = 16
"""Complete trials from which on the most important hyperparameters are shown first."""


class SlicePictures(QWidget):
    """Slices of ``run``, as many as there is room for."""

    def __init__(
        self, client: EngineClient, run: Run, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._run = client, run
        self._picture = PICTURES["slices"]
        self._canvases = [link(Canvas(self._picture, theme), run) for _ in range(MOST)]
        self._cards: list[Card] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for canvas in self._canvases:
            card = Card(padding=4)
            card.body.addWidget(canvas, 1)
            column.addWidget(card, 1)
            self._cards.append(card)
        self._names: tuple[str, ...] = ()
        self._ranked: tuple[str, ...] = ()
        self._asked_at = 0

    def forget(self) -> None:
        """Another run is shown: nothing is known of what matters."""
        self._ranked, self._asked_at = (), 0

    def touch(self) -> None:
        """Trials have arrived, or gone."""
        self._choose()
        for canvas in self._canvases:
            if len(self._run.store):
                canvas.touch()
            else:
                canvas.clear()
        self._ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._choose()

    def _choose(self) -> None:
        space = self._run.snapshot().space.names
        ranked = [name for name in self._ranked if name in space]
        room = max(1, min(MOST, self.height() // HEIGHT))
        names = tuple([*ranked, *(n for n in space if n not in ranked)][:room])
        if names == self._names:
            return
        self._names = names
        for place, canvas in enumerate(self._canvases):
            self._cards[place].setVisible(place < len(names))
            if place < len(names):
                canvas.show_picture(self._slice_of(names[place]))

    def _slice_of(self, name: str) -> Callable[[], Prepared | None]:
        return lambda: self._picture.one(
            SearchSource(self._run.snapshot(), hyperparameters=(name,))
        )

    def _ask(self) -> None:
        """Ask what matters again whenever the number of complete trials has doubled."""
        snapshot, path = self._run.snapshot(), self._run.state.path
        complete = int(snapshot.is_state(TrialState.COMPLETE).sum())
        wanted = max(FIRST_IMPORTANCE, 2 * self._asked_at)
        if len(snapshot.space.names) <= MOST or complete < wanted or not path:
            return
        self._asked_at = complete

        def take(reply: replies.ImportancesReady) -> None:
            if self._run.state.path == path:
                self._ranked = tuple(i.name for i in reply.importances)
                self._choose()

        request = requests.Importances(id=0, path=path)
        self._client.request(request, take, lambda _: None, owner=self)
