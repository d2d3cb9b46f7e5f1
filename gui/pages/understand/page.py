"""Understand: what mattered in a search, how the score depends on it, and where it has looked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.trials import TrialState
from engine.domain.understanding import ModelQuality
from engine.protocol import replies, requests
from gui import words
from gui.canvas import Canvas
from gui.pages.base import Action, Message, Page, Width
from gui.pages.understand.asked_picture import AskedPicture
from gui.pages.understand.views import VIEWS, View
from gui.pointing import link
from gui.states import RunState
from gui.trial_actions import TRIAL_MESSAGES, TrialActions
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.fields import Choice
from gui.widgets.text import label
from gui.widgets.trial_browser import TrialBrowser

EFFECTS = 6
"""Effects shown at once: those along which the score changes most."""
NEAR = 0.25
"""How far from an axis of the parallel coordinates a brush may begin; axes stand 1 apart."""
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
    MESSAGES: ClassVar[Mapping[str, Message]] = {**TRIAL_MESSAGES}

    def build(self) -> None:
        from engine.plots import (
            ablation,
            contour,
            distribution,
            effect,
            fanova,
            footprint,
            importance,
            learning_curves,
            parallel,
        )

        asked = {"fanova": fanova, "permutation": importance, "effects": effect}
        asked |= {"contour": contour, "ablation": ablation}
        own = {"parallel": parallel, "footprint": footprint, "distribution": distribution}
        own |= {"learning_curves": learning_curves}
        self._modules: dict[str, Any] = asked | own
        self._path = ""
        self._asked: dict[str, tuple[object, int]] = {}
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
        self._view = Choice([(v.id, v.title) for v in VIEWS], "What to look at")
        self._view.set_value("fanova")
        self._view.changed.connect(lambda _: self._look())
        self._says = label("", "muted")
        above = QHBoxLayout()
        above.setSpacing(16)
        above.addWidget(self._view)
        above.addWidget(self._says, 1)
        self._pair = self._choices()
        above.addWidget(self._pair)
        column.addLayout(above)
        self._pictures = QStackedWidget()
        self._shows = {view.id: self._make(view) for view in VIEWS}
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

    def _make(self, view: View) -> AskedPicture | Canvas:
        module = self._modules[view.id]
        if view.doing:
            columns = 3 if view.id == "effects" else 1
            return AskedPicture(
                self.client,
                self.theme,
                module.PICTURE.draw,
                name=view.title,
                help=view.help,
                columns=columns,
            )
        canvas = link(Canvas(module.PICTURE.draw, self.theme, name=view.title), self.run)
        canvas.setProperty("help", view.help)
        if view.id == "parallel":
            canvas.show_picture(lambda: module.prepare(self.run.snapshot(), self._brushes))
            canvas.dragged.connect(self._brush)
            canvas.clicked.connect(self._unbrush)
        elif view.id == "distribution":
            canvas.show_picture(lambda: module.of_search(self.run.snapshot()))
        else:
            canvas.show_picture(lambda: module.prepare(self.run.snapshot()))
        return canvas

    def _choices(self) -> QWidget:
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._one = Choice([], "Along")
        self._other = Choice([], "Up")
        for field, between in ((self._one, "and"), (self._other, "")):
            field.changed.connect(lambda _: self._look())
            row.addWidget(field)
            if between:
                row.addWidget(label(between, "muted", wrap=False))
        return pair

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
        """Look at one of `VIEWS`."""
        self._view.set_value(view)
        self._look()

    def picture(self, view: str) -> AskedPicture:
        """The picture of a view that is asked of the engine."""
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
        for place, field in enumerate((self._one, self._other)):
            field.set_options(options)
            if field.value() is None and place < len(names):
                field.set_value(names[place])

    def _look(self) -> None:
        view = next(v for v in VIEWS if v.id == self.view)
        shown = self._shows[view.id]
        self._pictures.setCurrentWidget(shown)
        self._says.setText(view.says)
        self._pair.setVisible(view.id == "contour")
        self._show_quality()
        if not self.shown or not self._there:
            return
        if isinstance(shown, Canvas):
            shown.touch()
            return
        if view.id == "contour" and len(self.run.snapshot().space.names) < 2:
            shown.say("This search tuned a single hyperparameter.")
            return
        key = (self._one.value(), self._other.value()) if view.id == "contour" else None
        before, trials = self._asked.get(view.id, (None, 0))
        complete = self._complete
        if before == key and trials and complete < GROWTH * trials:
            return
        if not complete:
            shown.say("No trial is complete yet.")
            return
        self._asked[view.id] = (key, complete)
        getattr(self, f"_ask_{view.id}")(view)

    def _ask_fanova(self, view: View) -> None:
        def pictures(reply: replies.FanovaReady) -> list[Any]:
            return [self._modules["fanova"].prepare(reply.importances, reply.pairs, reply.rest)]

        self._ask(view, requests.Fanova(id=0, path=self._path), pictures)

    def _ask_permutation(self, view: View) -> None:
        def pictures(reply: replies.PermutationReady) -> list[Any]:
            module = self._modules["permutation"]
            return [module.prepare(reply.importances, of="what shuffling costs in prediction")]

        self._ask(view, requests.Permutation(id=0, path=self._path), pictures)

    def _ask_effects(self, view: View) -> None:
        def pictures(reply: replies.EffectsReady) -> list[Any]:
            moves = sorted(reply.effects, key=lambda e: -(max(e.mean) - min(e.mean)))
            snapshot, module = self.run.snapshot(), self._modules["effects"]
            made = [module.prepare(effect, snapshot) for effect in moves[:EFFECTS]]
            # On one scale: an effect is large or small beside the others.
            low, high = min(p.ylim[0] for p in made), max(p.ylim[1] for p in made)
            return [replace(prepared, ylim=(low, high)) for prepared in made]

        self._ask(view, requests.Effects(id=0, path=self._path), pictures)

    def _ask_contour(self, view: View) -> None:
        def pictures(reply: replies.ContourReady) -> list[Any]:
            return [self._modules["contour"].prepare(reply.plane, self.run.snapshot())]

        one, other = str(self._one.value()), str(self._other.value())
        self._ask(view, requests.Contour(id=0, path=self._path, one=one, other=other), pictures)

    def _ask_ablation(self, view: View) -> None:
        def pictures(reply: replies.AblationReady) -> list[Any]:
            snapshot = self.run.snapshot()
            start = (reply.start, reply.start_low, reply.start_high)
            return [
                self._modules["ablation"].prepare(
                    start,
                    reply.steps,
                    measure=snapshot.measure_label,
                    maximise=snapshot.maximise,
                )
            ]

        self._ask(view, requests.Ablation(id=0, path=self._path), pictures)

    def _ask(
        self, view: View, request: requests.Request, pictures: Callable[[Any], list[Any]]
    ) -> None:
        def ready(reply: Any) -> list[Any]:
            self._qualities[view.id] = reply.quality
            self._show_quality()
            return pictures(reply)

        self.picture(view.id).ask(request, ready, view.doing)

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

    def _axis(self, x: float) -> str | None:
        """The axis of the parallel coordinates at ``x``, by name; that of the scores is empty."""
        names = self._modules["parallel"].prepare(self.run.snapshot()).names
        at = round(x)
        return names[at] if 0 <= at < len(names) and abs(x - at) < NEAR else None

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
        module = self._modules["parallel"]
        found = module.prepare(self.run.snapshot(), self._brushes) if self._brushes else None
        self._browser.show_only(None if found is None else found.selected)
        shown = self._shows["parallel"]
        assert isinstance(shown, Canvas)
        shown.touch()
