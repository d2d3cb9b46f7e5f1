"""Gallery: ready plans that reproduce what papers have shown, at desk size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtWidgets import QWidget

import resources
from engine import plan as plans
from engine.errors import InputError
from engine.plan import Plan
from gui import flow
from gui import user_choices as choosing
from gui.pages.base import Message, Page, Width
from gui.user_choices import Choices
from gui.view_states import SessionState
from gui.widgets.card import ChoiceCard
from gui.widgets.card_row import CardRow
from gui.widgets.text import label

ABOUT = (
    "Each card opens a whole plan: table, model, evaluation and method. Look at it, change what "
    "you like, and start. Undo brings back what you had."
)


class GalleryPage(Page):
    """A card a plan; one click opens it."""

    id = "gallery"
    title = "Gallery"
    purpose = "Experiments from the papers that a desk computer repeats in a minute or a few."
    help = "gallery"
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "failed": Message("bad", "{sentence}"),
        "opening": Message("note", "Opening {title} ..."),
    }

    def build(self) -> None:
        self._wanted: Choices | None = None
        """Id of the plan being opened."""
        self.body.addWidget(label(ABOUT, "muted"))
        self.cards = CardRow([self._card(recipe) for recipe in resources.gallery()], minimum=280)
        self.body.addWidget(self.cards)

    def initial_focus(self) -> QWidget | None:
        return next(iter(self.cards.cards), None)

    def on_leave(self) -> None:
        self._wanted = None
        self.unsay("opening")
        self.unsay("failed")

    def on_session_changed(self, state: SessionState) -> None:
        """Once the plan is open, its method says what it will do."""
        if self._wanted is None or state.busy:
            return
        if state.trouble is not None:
            self._wanted = None
            self.unsay("opening")
            self.say("failed", sentence=state.trouble.sentence)
        elif state.fresh and state.choices == self._wanted:
            self._wanted = None
            for step in (flow.Step.DATA, flow.Step.MODEL, flow.Step.EVALUATION):
                self.session.confirm(step)
            self.go("method")

    def _card(self, recipe: resources.Recipe) -> ChoiceCard:
        card = ChoiceCard(recipe.title, recipe.text.replace("*", ""))
        card.setCheckable(False)
        card.body.addWidget(label(recipe.source, "caption"))
        card.chosen.connect(lambda: self._open(recipe))
        return card

    def _open(self, recipe: resources.Recipe) -> None:
        try:
            plan: Plan = plans.load(recipe.plan)
        except InputError as error:
            self.say("failed", sentence=str(error))
            return
        self.unsay("failed")
        self._wanted = choosing.from_plan(plan)
        self.say("opening", title=recipe.title)
        self.session.open_plan(plan, recipe.title)
