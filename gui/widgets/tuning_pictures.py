"""`TuningPictures`: what a gradient tunes, one picture at a time."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.plots.picture import Picture, SearchSource, pictures_on
from gui.canvas import Canvas
from gui.run import Run
from gui.theme import ThemeManager
from gui.tuning_feed import TuningFeed
from gui.widgets.fields import Choice
from gui.widgets.suspects import Suspects
from gui.widgets.text import label

WEIGHTS = "example_weights"
"""The picture that has a table of rows below it."""


class TuningPictures(QWidget):
    """Shows the values of ``feed``, with a choice of what to look at.

    Args:
        run: whose trials are shown.
        feed: what the engine says of them.
        theme: colours.
        workers: whether pictures of the trials, such as the timeline of workers, are among them.
    """

    def __init__(
        self,
        run: Run,
        feed: TuningFeed,
        theme: ThemeManager,
        *,
        workers: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._feed, self._theme = run, feed, theme
        self._pictures = [p for p in pictures_on("tuning") if workers or p.asks]
        self._wanted: str | None = None
        """What the person has chosen to look at."""
        self._views: dict[tuple[str, str], QWidget] = {}
        self._canvases: dict[tuple[str, str], Canvas] = {}
        self._choice = Choice([], "What is tuned")
        self._choice.setMaximumWidth(260)
        self._choice.changed.connect(lambda key: self.look_at(str(key)))
        self._about = label("", "caption")
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._choice)
        column.addWidget(self._stack, 1)
        column.addWidget(self._about)
        feed.changed.connect(self._show)
        run.trials_changed.connect(self._touch_trials)
        self._offer()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._views:  # a picture is dear to make, and most searches need none of these
            self._show()

    @property
    def offered(self) -> tuple[str, ...]:
        """What can be looked at: names of tuned groups, and ids of pictures of the whole run."""
        return tuple(self._options())

    @property
    def shown(self) -> str:
        """The one of `offered` that is looked at."""
        return str(self._choice.value() or "")

    def look_at(self, key: str) -> None:
        """Show one of `offered`."""
        self._wanted = key
        self._show()

    # --- inside -----------------------------------------------------------------------------------

    def _source(self) -> SearchSource:
        return SearchSource(self._run.snapshot(), self._feed.reply)

    def _options(self) -> dict[str, tuple[Picture, str, str]]:
        """The picture, the choice in it, and words for each that can be looked at."""
        source, found = self._source(), {}
        for picture in self._pictures:
            choices = picture.choices(source) if picture.choices else (("", picture.name),)
            found |= {key or picture.id: (picture, key, words) for key, words in choices}
        return found

    def _show(self) -> None:
        picture, choice, words = self._offer()
        # By picture, too: in another run a group of this name may have another layout.
        place = (picture.id, choice)
        if place not in self._views:
            self._views[place] = self._make(picture, choice, words)
            self._stack.addWidget(self._views[place])
        view, tuning = self._views[place], self._feed.tuning
        self._stack.setCurrentWidget(view)
        self._canvases[place].touch()
        if isinstance(view, Suspects):
            view.show_rows(tuning)
        self._about.setVisible(bool(picture.says) and tuning is not None)
        if tuning is not None:
            self._about.setText(picture.says.format(number=tuning.number))

    def _offer(self) -> tuple[Picture, str, str]:
        """Offer what there is to look at; what is to be looked at now."""
        options = self._options()
        self._choice.set_options([(key, words) for key, (_, _, words) in options.items()])
        key = self._wanted if self._wanted in options else next(iter(options))
        self._choice.set_value(key)
        return options[key]

    def _make(self, picture: Picture, choice: str, words: str) -> QWidget:
        canvas = Canvas(picture, self._theme, name=words)
        canvas.show_picture(lambda: picture.one(replace(self._source(), choice=choice)))
        self._canvases[picture.id, choice] = canvas
        return Suspects(canvas) if picture.id == WEIGHTS else canvas

    def _touch_trials(self) -> None:
        """Trials have arrived, which pictures that ask the engine for nothing show."""
        for (id, _), canvas in self._canvases.items():
            picture = next(p for p in self._pictures if p.id == id)
            if not picture.asks and self.shown == id:
                canvas.touch()
