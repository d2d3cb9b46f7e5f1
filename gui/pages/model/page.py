"""Model: which learner, and over which ranges its hyperparameters are tuned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.domain.advice import PlanProblem, Recommendation
from engine.domain.cards import LearnerCard
from engine.plan import Plan
from engine.space import SearchSpace
from gui import flow, words
from gui.pages.base import Action, Message, Page, Width
from gui.pages.model.chip import Chip
from gui.pages.model.reason_card import ReasonCard
from gui.view_states import SessionState
from gui.widgets.buttons import button
from gui.widgets.card import Card, ChoiceCard
from gui.widgets.card_row import CardRow
from gui.widgets.space_editor import SpaceEditor
from gui.widgets.text import label, link

SOURCE = (
    "The recommended ranges are those of Bischl et al. (2023), in scikit-learn's names. "
    "A hyperparameter that is switched off is held at the value shown."
)


BY_GRADIENT = (
    "Hypergradients differentiates through the training of one network, so these stay as they are: "
    "a gradient can't tune a number of units."
)


class ModelPage(Page):
    """Learners as cards, the reason for the advised one, and the search space."""

    id = "model"
    title = "Which model"
    purpose = "Choose what learns from your table, and which of its settings the search may try."
    help = "model"
    step = flow.Step.MODEL
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "refused": Message("bad", "{sentence}"),
        "elsewhere": Message("caution", "{sentence}"),
    }

    def build(self) -> None:
        self._shown_learners: tuple[object, ...] = ()
        self._shown_space: tuple[object, ...] = ()
        self._checked: Plan | None = None
        self._problems: tuple[PlanProblem, ...] = ()
        self._cards: dict[str, ChoiceCard] = {}
        self._row = CardRow(minimum=220)
        self._row.setAccessibleName("Models")
        self.body.addWidget(self._row)
        self._reason = ReasonCard("this table")
        self._reason.instead_asked.connect(self.session.choose_learner)
        self.body.addWidget(self._reason)
        self.body.addWidget(self._make_space())

    def on_enter(self) -> None:
        self._checked = None
        self._check(self.session.state)

    def on_session_changed(self, state: SessionState) -> None:
        plan, advice = state.plan, state.advice
        ready = plan is not None and advice is not None
        for part in (self._row, self._reason, self._space_card):
            part.setVisible(ready)
        self._by_gradient.setVisible(state.tuning is not None)
        self._source.setVisible(state.tuning is None)
        self.unsay("refused")
        if plan is None or advice is None:
            return
        chosen = state.choices.learner or plan.learner.id
        self._show_learners(advice.learner, chosen)
        if plan.learner.id == chosen:
            self._show_space(state, plan)
        if state.trouble is not None and state.trouble.step == self.step:
            self._show_problem(
                PlanProblem(state.trouble.code, state.trouble.sentence, state.trouble.field)
            )
        self._check(state)

    def primary(self) -> Action | None:
        state = self.session.state
        why = self._problems[0].sentence if self._problems else ""
        if state.plan is None:
            why = "The guide is still working out its advice."
        return Action("Set up the evaluation", self.confirm, why_not=why)

    def cost(self) -> str:
        plan = self.session.state.plan
        if plan is None:
            return ""
        tuning = self.session.state.tuning
        if tuning is not None:
            return f"{words.plural(tuning.size, 'hyperparameter')} to tune by gradient"
        return f"{words.plural(len(plan.space), 'hyperparameter')} to tune"

    def initial_focus(self) -> QWidget | None:
        return next((card for card in self._cards.values() if card.isChecked()), None)

    # --- making ---------------------------------------------------------------------------------

    def _make_space(self) -> Card:
        card = Card()
        self._space_card = card
        head = QHBoxLayout()
        head.addWidget(label("Search space", "section", wrap=False))
        head.addStretch(1)
        self._back = button(
            Action("Back to the recommended space", self._take_recommended_space), "link"
        )
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        head.addWidget(self._back)
        card.body.addLayout(head)
        self._by_gradient = QWidget()
        note = QHBoxLayout(self._by_gradient)
        note.setContentsMargins(0, 0, 0, 0)
        note.addWidget(label(BY_GRADIENT, "body"), 1)
        note.addWidget(link("What the gradient tunes", lambda: self.go("method")))
        card.body.addWidget(self._by_gradient)
        self._editor = SpaceEditor(self.theme)
        self._editor.changed.connect(self._take_space)
        card.body.addWidget(self._editor)
        self._source = label(SOURCE, "caption")
        card.body.addWidget(self._source)
        return card

    # --- showing --------------------------------------------------------------------------------

    def _show_learners(self, ranked: tuple[Recommendation, ...], chosen: str) -> None:
        catalog = {card.id: card for card in self.client.catalog.learners}
        ids = tuple(r.choice for r in ranked if r.choice in catalog)
        # In the catalog's order, so that cards stay where they are when the advice changes.
        order = tuple(id_ for id_ in catalog if id_ in ids)
        if (order, ids[:1]) != self._shown_learners:
            self._shown_learners = (order, ids[:1])
            self._cards = {id_: self._card(catalog[id_], advised=id_ == ids[0]) for id_ in order}
            self._row.show_cards(list(self._cards.values()))
        for id_, card in self._cards.items():
            card.set_chosen(id_ == chosen)
        own = next((r for r in ranked if r.choice == chosen), None)
        self._reason.setVisible(own is not None)
        if own is not None:
            self._reason.show_reason(own, ranked[0])

    def _card(self, card: LearnerCard, *, advised: bool) -> ChoiceCard:
        result = ChoiceCard(card.label, card.good_for)
        result.setProperty("help", card.help)
        result.body.addSpacing(4)
        result.body.addWidget(label(card.cost, "caption"))
        result.body.addSpacing(8)
        foot = QHBoxLayout()
        count = words.plural(len(card.hyperparameters), "hyperparameter")
        foot.addWidget(label(count, "caption", wrap=False))
        foot.addStretch(1)
        if advised:
            foot.addWidget(Chip("recommended", "accent"))
        result.body.addLayout(foot)
        said = "Recommended. " if advised else ""
        result.setAccessibleDescription(f"{said}{card.good_for} {card.cost} {count}.")
        result.chosen.connect(lambda: self.session.choose_learner(card.id))
        return result

    def _show_space(self, state: SessionState, plan: Plan) -> None:
        if state.space is None:
            return
        shown = (plan.learner, plan.space, state.space, state.default)
        if shown != self._shown_space:
            # Only then: a wrong entry and its reason stay until the person has mended it.
            self._shown_space = shown
            self._editor.show_space(plan.space, state.space, state.default, plan.learner.fixed)
            self._editor.setProperty("help", self._help_of(plan.learner.id))
        edited = self.session.is_set("space") or self.session.is_set("learner.fixed")
        self._back.setVisible(edited)

    def _help_of(self, learner: str) -> str:
        cards = self.client.catalog.learners
        return next((card.help for card in cards if card.id == learner), self.help)

    # --- problems -------------------------------------------------------------------------------

    def _check(self, state: SessionState) -> None:
        if state.fresh and state.plan is not None and state.plan != self._checked:
            self._checked = state.plan
            self.session.check(self._show_problems)

    def _show_problems(self, problems: tuple[PlanProblem, ...]) -> None:
        mine = [p for p in problems if p.field is not None and flow.owner(p.field) is self.step]
        self._problems = tuple(mine)
        for problem in mine:
            self._show_problem(problem)
        self.refresh_chrome()

    def _show_problem(self, problem: PlanProblem) -> None:
        if not self._editor.set_error(problem.field or "", problem.sentence):
            self.say("refused", sentence=problem.sentence)

    # --- what the person asks for ---------------------------------------------------------------

    def _take_space(self, space: SearchSpace, fixed: dict, name: str) -> None:
        self.session.change(
            f"Change the range of {name}",
            {"space": space, "learner.fixed": fixed},
            gesture=f"space.{name}",
        )

    def _take_recommended_space(self) -> None:
        self.session.reset_to_recommended("Back to the recommended space", "space", "learner.fixed")
