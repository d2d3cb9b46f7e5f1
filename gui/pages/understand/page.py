"""Understand: what mattered in a search, how the score depends on it, and where it has looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.trials import TrialState
from engine.domain.understanding import ModelQuality
from engine.plots.picture import PICTURES, Picture, Prepared, SearchSource, pictures_on
from engine.protocol import requests
from gui import words
from gui.pages.base import Action, Message, Page, Width
from gui.pages.understand.asked_picture import AskedPicture
from gui.trial_actions import TRIAL_MESSAGES, TrialActions
from gui.view_states import RunState
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.fields import Choice
from gui.widgets.search_picture import SearchPicture
from gui.widgets.text import label
from gui.widgets.trial_browser import TrialBrowser

ALONG = ("Along", "Up")
"""Names of the fields for hyperparameters."""
GROWTH = 1.25
"""An answer is old when there are so many times more complete trials."""


class UnderstandPage(Page):
    """Pictures of the run being shown that the engine works out on request."""

    id = "understand"
    title = "Understand the search"
    purpose = "What mattered, how the score depends on it, and where the search has looked."
    help = "understand"
    page_width = Width.FULL
    scrolls = False
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        **TRIAL_MESSAGES,
        "left out": Message("caution", "{sentence}"),
    }

    def build(self) -> None:
        self._table = {picture.id: picture for picture in pictures_on("understand")}
        if PICTURES.rejected:
            self.say("left out", sentence=" ".join(one.sentence for one in PICTURES.rejected))
        self._path = ""
        self._asked: dict[str, tuple[Mapping[str, str], int]] = {}
        self._brushes: dict[str, tuple[float, float]] = {}
        self._qualities: dict[str, ModelQuality] = {}
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack, 1)
        self._stack.addWidget(
            EmptyState(
                self.theme,
                "search",
                "No search to understand yet",
                "Start a search, or open one from the library.",
                action=Action("Open the library", lambda: self.go("library")),
                links=[Action("Start with a table", lambda: self.go("data"))],
            )
        )
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        names = [(picture.id, picture.name) for picture in self._table.values()]
        self._view = Choice(names, "What to look at")
        self._view.set_value(names[0][0])
        self._view.changed.connect(lambda _: self._look())
        self._says = label("", "muted")
        above = QHBoxLayout()
        above.setSpacing(16)
        above.addWidget(self._view)
        above.addWidget(self._says, 1)
        self._fields = self._choices()
        for field in self._fields:
            above.addWidget(field)
        column.addLayout(above)
        self._pictures = QStackedWidget()
        self._shows = {picture.id: self._make(picture) for picture in self._table.values()}
        for picture in self._shows.values():
            self._pictures.addWidget(picture)
        card = Card(padding=8)
        card.body.addWidget(self._pictures, 1)
        self._quality = label("", "caption")
        card.body.addWidget(self._quality)
        self.trial_actions = TrialActions(self)
        self._browser = TrialBrowser(self.run.store, self.run.kill, self.trial_actions.actions)
        self._browser.selected.connect(self.run.select)
        self.run.selection_changed.connect(self._browser.select)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(card)
        split.addWidget(self._browser)
        split.setSizes([400, 180])
        split.setStretchFactor(0, 1)
        column.addWidget(split, 1)
        self._stack.addWidget(full)
        self.run.trials_changed.connect(self._on_trials)

    def _make(self, picture: Picture) -> AskedPicture | SearchPicture:
        if picture.asks:
            return AskedPicture(self.client, self.theme, picture)
        shown = SearchPicture(picture, self.run, self.theme, lambda: self._source(picture))
        shown.canvas.dragged.connect(self._brush)
        shown.canvas.clicked.connect(self._unbrush)
        return shown

    def _choices(self) -> list[Choice]:
        """Fields for the hyperparameters that pictures are about."""
        most = max(len(picture.hyperparameters) for picture in self._table.values())
        fields = [Choice([], name) for name in (*ALONG, *("Further",) * most)[:most]]
        for field in fields:
            field.changed.connect(lambda _: self._look())
        return fields

    def _source(self, picture: Picture, reply: Any = None) -> SearchSource:
        """What ``picture`` is made from."""
        names = tuple(self._chosen(picture).values())
        return SearchSource(self.run.snapshot(), reply, hyperparameters=names, ranges=self._brushes)

    def _chosen(self, picture: Picture) -> dict[str, str]:
        """The hyperparameters that are chosen for ``picture``, by its names for them."""
        fields = zip(picture.hyperparameters, self._fields, strict=False)
        return {name: str(field.value()) for name, field in fields}

    # --- the page ---------------------------------------------------------------------------------

    def heading(self) -> tuple[str, str]:
        plan = self.run.state.plan
        if plan is None or not self.run.state.present:
            return self.title, self.purpose
        catalog = self.client.catalog
        learner = words.label(catalog.learners, plan.learner.id)
        name = words.name_of(plan.data.source)
        return self.title, f"{learner} on {name}, {words.method(catalog, plan)}."

    def secondary(self) -> Sequence[Action]:
        return (Action("See the run", lambda: self.go("run")),) if self._there else ()

    def primary(self) -> Action | None:
        if self.run.state.results is None:
            return None
        return Action("See results", lambda: self.go("results"))

    def initial_focus(self) -> QWidget | None:
        return self._view

    def on_enter(self) -> None:
        self._browser.refresh()
        self._look()

    def on_leave(self) -> None:
        for picture in self._shows.values():
            if isinstance(picture, AskedPicture) and picture.busy:
                picture.cancel()
                self._asked.clear()

    def on_run_changed(self, state: RunState) -> None:
        self._stack.setCurrentIndex(1 if self._there else 0)
        if state.path != self._path:
            self._path = state.path
            self._asked.clear()
            for picture in self._shows.values():
                if isinstance(picture, AskedPicture):
                    picture.forget()
                else:
                    picture.clear()
            self._clear_brushes()
            self._qualities.clear()
            self._offer()
        if self.shown:
            self._look()

    @property
    def view(self) -> str:
        """The id of what is being looked at."""
        return str(self._view.value())

    def look_at(self, view: str) -> None:
        """Look at the picture of this id."""
        self._view.set_value(view)
        self._look()

    def picture(self, view: str) -> AskedPicture:
        """The picture of this id, which is asked of the engine."""
        found = self._shows[view]
        assert isinstance(found, AskedPicture)
        return found

    # --- asking -----------------------------------------------------------------------------------

    @property
    def _there(self) -> bool:
        return self.run.state.present and bool(self.run.state.path)

    @property
    def _complete(self) -> int:
        return int(self.run.snapshot().is_state(TrialState.COMPLETE).sum())

    def _on_trials(self) -> None:
        if self.shown:
            self._browser.refresh()
            self._offer()
            self._look()

    def _offer(self) -> None:
        """Names to choose from: those of the run's space."""
        names = self.run.snapshot().space.names
        options = [(name, name) for name in names]
        for place, field in enumerate(self._fields):
            field.set_options(options)
            if field.value() is None and place < len(names):
                field.set_value(names[place])

    def _look(self) -> None:
        picture, shown = self._table[self.view], self._shows[self.view]
        self._pictures.setCurrentWidget(shown)
        self._says.setText(picture.says)
        for place, field in enumerate(self._fields):
            field.setVisible(place < len(picture.hyperparameters))
        self._show_quality()
        if not self.shown or not self._there:
            return
        if isinstance(shown, SearchPicture):
            shown.touch()
            return
        if len(self.run.snapshot().space.names) < len(picture.hyperparameters):
            shown.say("This search tuned a single hyperparameter.")
            return
        chosen, complete = self._chosen(picture), self._complete
        before, trials = self._asked.get(picture.id, ({}, 0))
        if before == chosen and trials and complete < GROWTH * trials:
            return
        if not complete:
            shown.say("No trial is complete yet.")
            return
        self._asked[picture.id] = (chosen, complete)
        self._ask(picture, shown, chosen)

    def _ask(self, picture: Picture, shown: AskedPicture, chosen: Mapping[str, str]) -> None:
        def prepared(reply: Any) -> Sequence[Prepared]:
            self._qualities[picture.id] = reply.quality
            self._show_quality()
            return picture.prepared(self._source(picture, reply))

        request = getattr(requests, picture.asks)(id=0, path=self._path, **chosen)
        shown.ask(request, prepared)

    def _show_quality(self) -> None:
        """How far the forest can be trusted that the picture was read off."""
        quality = self._qualities.get(self.view)
        self._quality.setVisible(quality is not None)
        if quality is None:
            return
        trials = words.plural(quality.trials, "complete trial")
        self._quality.setText(
            f"Read off a random forest made of {trials}; of trials it has not seen it predicts "
            f"{max(quality.r2, 0):.0%} of the variation (cross-validated R²)."
        )

    # --- brushing ---------------------------------------------------------------------------------

    @property
    def _prepared(self) -> Any:
        """What is looked at, of a picture that is made from the trials."""
        shown = self._shows[self.view]
        return shown.canvas.prepared if isinstance(shown, SearchPicture) else None

    def _axis(self, x: float) -> str | None:
        """The axis at ``x`` on which a range can be marked, by name."""
        axis_at = getattr(self._prepared, "axis_at", None)
        return axis_at(x) if axis_at is not None else None

    def _brush(self, x0: float, y0: float, x1: float, y1: float) -> None:
        name = self._axis(x0)
        if name is not None:
            self._brushes[name] = (min(y0, y1), max(y0, y1))
            self._show_brushed()

    def _unbrush(self, x: float, _: float) -> None:
        name = self._axis(x)
        if name in self._brushes:
            del self._brushes[name]
            self._show_brushed()

    def _clear_brushes(self) -> None:
        self._brushes.clear()
        self._browser.show_only(None)

    def _show_brushed(self) -> None:
        """Show the trials within the marked ranges alone, in the table and in the picture."""
        picture, shown = self._table[self.view], self._shows[self.view]
        found = picture.one(self._source(picture)) if self._brushes else None
        self._browser.show_only(None if found is None else found.selected)
        assert isinstance(shown, SearchPicture)
        shown.touch()
