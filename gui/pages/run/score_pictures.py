"""`ScorePictures`: the best so far, and beside it the picture of the method at work and that of
overtuning, where there are such."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.cards import MethodCard
from engine.domain.trials import TrialState
from engine.plots.picture import Picture, SearchSource, pictures_on
from gui.feed import Feed
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.fields import Segments
from gui.widgets.search_picture import SearchPicture

LOSS, MODEL = "outer_loss", "Surrogate"
GROWTH = 1.25
"""A model is asked for anew when there are so many times more trials."""


class ScorePictures(QWidget):
    """Shows `Run` as best-so-far, as the method sees it, and as the test rows do.

    Args:
        run: whose trials are shown.
        theme: colours.
        feeds: by request, what the engine says of the run. That of the method's model is asked from
            here, while it is looked at; the others whenever trials arrive.
    """

    def __init__(
        self,
        run: Run,
        theme: ThemeManager,
        feeds: Mapping[str, Feed],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._theme, self._feeds = run, theme, feeds
        self._asked_at = 0
        self._always = pictures_on("run")
        self._shown = {picture.id: self._make(picture) for picture in self._always}
        self._stack = QStackedWidget()
        for picture in self._shown.values():
            self._stack.addWidget(picture)
        self._switch: Segments | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._stack, 1)
        for asks, feed in feeds.items():
            feed.changed.connect(lambda asks=asks: self._answered(asks))
        self._offer()

    def show_method(self, card: MethodCard | None, *, watched: bool = False) -> None:
        """Offer the pictures of ``card``'s method at work, and with ``watched`` those of the test
        scores."""
        own = card.picture if card is not None else ""
        pictures = [
            *self._always,
            *(picture for picture in pictures_on("method at work") if picture.id == own),
            *(pictures_on("watched") if watched else ()),
        ]
        if [picture.id for picture in pictures] == list(self._shown):
            return
        self.forget()
        for old in [name for name in self._shown if name not in {p.id for p in self._always}]:
            widget = self._shown.pop(old)
            self._stack.removeWidget(widget)
            widget.deleteLater()
        for picture in pictures[len(self._always) :]:
            self._shown[picture.id] = self._make(picture)
            self._stack.addWidget(self._shown[picture.id])
        self._offer()

    def forget(self) -> None:
        """Another run is shown: its model is not known yet."""
        self._asked_at = 0

    def touch(self) -> None:
        """Trials have arrived, or gone."""
        for picture in self._shown.values():
            if len(self._run.store):
                picture.touch()
            else:
                picture.clear()
        self._ask()

    @property
    def offered(self) -> tuple[Picture, ...]:
        """The pictures that can be looked at."""
        return tuple(shown.picture for shown in self._shown.values())

    @property
    def shown(self) -> SearchPicture:
        """The picture that is looked at."""
        shown = self._stack.currentWidget()
        assert isinstance(shown, SearchPicture)
        return shown

    def look_at(self, id: str) -> None:
        """Show one of `offered`."""
        if self._switch is not None:
            self._switch.set_value(id)
        self._look(id)

    def look_at_method(self) -> None:
        """Show the method's own picture, if it has one."""
        for picture in self.offered:
            if "method at work" in picture.pages:
                self.look_at(picture.id)

    # --- inside -----------------------------------------------------------------------------------

    def _make(self, picture: Picture) -> SearchPicture:
        feed = self._feeds.get(picture.asks)

        def source() -> SearchSource:
            return SearchSource(self._run.snapshot(), feed.reply if feed is not None else None)

        return SearchPicture(picture, self._run, self._theme, source)

    def _offer(self) -> None:
        """A switch between the pictures, where there are several."""
        if self._switch is not None:
            self._column.removeWidget(self._switch)
            self._switch.deleteLater()
            self._switch = None
        if len(self._shown) > 1:
            names = [(picture.id, picture.name) for picture in self.offered]
            self._switch = Segments(names, "Picture")
            self._switch.changed.connect(lambda id: self._look(str(id)))
            self._column.insertWidget(0, self._switch)
        # The loss is what hypergradients bring down; the score only follows.
        self.look_at(LOSS if LOSS in self._shown else self._always[0].id)

    def _look(self, id: str) -> None:
        self._stack.setCurrentWidget(self._shown[id])
        self._ask()

    def _answered(self, asks: str) -> None:
        for shown in self._shown.values():
            if shown.picture.asks == asks:
                shown.touch()

    def _ask(self) -> None:
        if self.shown.picture.asks != MODEL or MODEL not in self._feeds:
            return
        complete = int(self._run.snapshot().is_state(TrialState.COMPLETE).sum())
        if complete and complete >= GROWTH * self._asked_at:
            self._asked_at = complete
            self._feeds[MODEL].want()
