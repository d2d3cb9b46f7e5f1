"""Method: how configurations are proposed. The recommended one first, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.advice import PlanProblem, Recommendation
from engine.domain.cards import MethodCard
from engine.domain.hypergradients import TuningOutlook
from engine.options import Option
from gui import flow, words
from gui.pages.base import Action, Message, Page, Width
from gui.pages.method.option_form import OptionForm
from gui.pages.method.tuning_cards import TuningCards
from gui.view_states import SessionState
from gui.widgets.card import Card, ChoiceCard
from gui.widgets.card_row import CardRow
from gui.widgets.disclosure import Disclosure
from gui.widgets.figures import Figures
from gui.widgets.text import label, link, rule

NEAR = 3
"""Methods beside the chosen one that are shown at once; the rest is folded."""
LARGE_SKETCH = (170, 96)
SMALL_SKETCH = (150, 48)
OPTIONS = "method.options"


class MethodPage(Page):
    """The chosen method large, the others beside it, its options folded."""

    id = "method"
    title = "How to search"
    purpose = "Choose the method that proposes configurations. The first one suits your plan best."
    help = "method"
    step = flow.Step.METHOD
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "problem": Message("bad", "{sentence}"),
        "refused": Message("bad", "{sentence}"),
    }

    def build(self) -> None:
        self._shown_for: object = None
        self._place = QVBoxLayout()
        self._place.setSpacing(16)
        self.body.addLayout(self._place)
        self._content: QWidget | None = None
        self._form: OptionForm | None = None
        self._tuning = TuningCards()
        self._tuning.group_changed.connect(self._set_option)
        self._tuning.engine_changed.connect(lambda engine: self._set_option("engine", engine))
        self._tuning.reset.connect(self._reset_options)
        self._tuning.hide()
        self.run.failed.connect(self._refused)

    def on_enter(self) -> None:
        self.unsay("refused")
        self.session.ensure_probe()

    def on_session_changed(self, state: SessionState) -> None:
        plan, advice = state.plan, state.advice
        if plan is None or advice is None or not advice.method:
            return
        cost = words.cost(plan, state.probe)
        tuned = _tuned_figures(state)
        shown_for = (plan.method.id, advice.method, cost, tuned)
        if shown_for != self._shown_for:
            self._shown_for = shown_for
            self._rebuild(state)
        elif self._form is not None:
            self._form.show_values(plan.method.options)
        self._show_tuning(state)
        self.unsay("problem")

    def primary(self) -> Action | None:
        state = self.session.state
        why_not = ""
        if state.plan is None:
            why_not = "Open a table and choose what to predict first."
        elif self.run.state.active:
            why_not = "A search is running. Stop it before starting another."
        elif self.context.comparing.state.active:
            why_not = "A comparison is running. Stop it before starting a search."
        return Action("Start search", self._start, why_not=why_not)

    def cost(self) -> str:
        state = self.session.state
        if self.session.probing:
            return "Measuring what a fit costs"
        return words.cost(state.plan, state.probe)

    # --- content ----------------------------------------------------------------------------------

    def _rebuild(self, state: SessionState) -> None:
        assert state.plan is not None and state.advice is not None
        if self._content is not None:
            self._tuning.setParent(self)  # these stay
            self._place.removeWidget(self._content)
            self._content.deleteLater()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        ranked, chosen = state.advice.method, state.plan.method.id
        cards = {card.id: card for card in self.client.catalog.methods}
        column.addWidget(self._large(state, ranked, cards[chosen]))
        column.addWidget(self._tuning)
        card = cards[chosen]
        self._form = None
        if card.options:
            self._form = OptionForm(_others(card, state.tuning), state.plan.method.options)
            self._form.changed.connect(self._set_option)
            self._form.setProperty("help", card.help)
            column.addWidget(Disclosure(f"Options of {card.label}", self._form))
        others = [r for r in ranked if r.choice != chosen and r.choice in cards]
        near = [r for r in others if r.fits][:NEAR]
        if near:
            column.addWidget(label("Other methods that fit", "section"))
            column.addWidget(CardRow([self._small(r, cards[r.choice]) for r in near]))
        far = [r for r in others if r not in near]
        if far:
            rest = CardRow([self._small(r, cards[r.choice]) for r in far])
            column.addWidget(Disclosure(f"{words.plural(len(far), 'more method')}", rest))
        self._place.addWidget(content)
        self._content = content

    def _large(
        self, state: SessionState, ranked: tuple[Recommendation, ...], card: MethodCard
    ) -> Card:
        assert state.plan is not None
        first = ranked[0]
        recommended = first.choice == card.id
        own = next((r for r in ranked if r.choice == card.id), first)
        box = Card(accent=recommended, padding=24)
        box.setProperty("help", card.help)
        row, words_column = QHBoxLayout(), QVBoxLayout()
        words_column.setSpacing(8)
        eyebrow = "RECOMMENDED FOR THIS SEARCH" if recommended else "YOUR CHOICE"
        words_column.addWidget(label(eyebrow, "eyebrow"))
        words_column.addWidget(label(card.label, "heading"))
        role = "body" if own.fits else "caution"
        words_column.addWidget(label(own.reason or card.summary, role))
        sources = [own.source, own.would_change]
        words_column.addWidget(label("  ·  ".join(s for s in sources if s), "caption"))
        if not recommended:
            back = link(f"Recommended instead: {first.label}", self._take_recommended)
            words_column.addWidget(back)
        row.addLayout(words_column, 1)
        picture = self._sketch(card, LARGE_SKETCH)
        if picture is not None:
            row.addSpacing(24)
            row.addWidget(picture)
        box.body.addLayout(row)
        box.body.addSpacing(8)
        box.body.addWidget(rule())
        figures = Figures(self._figures(state, own), columns=5)
        box.body.addWidget(figures)
        return box

    def _figures(self, state: SessionState, own: Recommendation) -> list[tuple[str, str]]:
        assert state.plan is not None
        figures = [*(_tuned_figures(state) or own.figures)]
        seconds = words.search_seconds(state.plan, state.probe)
        if seconds is not None and not any(name == "cost" for name, _ in figures):
            figures.append(("cost", words.about(seconds)))
        return figures[:5]

    def _small(self, recommendation: Recommendation, card: MethodCard) -> ChoiceCard:
        small = ChoiceCard(
            card.label, recommendation.reason, picture=self._sketch(card, SMALL_SKETCH)
        )
        small.setProperty("help", card.help)
        small.chosen.connect(lambda: self._choose(card.id))
        return small

    def _sketch(self, card: MethodCard, size: tuple[int, int]) -> QWidget | None:
        """How the method spends its budget, where its card shows that."""
        if card.sketch is None:
            return None
        from engine.plots import sketch
        from gui.pages.method.static_picture import StaticPicture

        return StaticPicture(
            sketch.PICTURE,
            sketch.prepare(card.sketch),
            self.theme,
            size=size,
            name=f"How {card.label} spends its budget",
        )

    def _show_tuning(self, state: SessionState) -> None:
        """The groups that a gradient tunes, and the engines."""
        self._tuning.setVisible(state.tuning is not None)
        if state.tuning is None or state.plan is None:
            return
        set_ = any(self.session.is_set(f"{OPTIONS}.{name}") for name in _placed(state.tuning))
        engine = str(state.plan.method.options.get("engine", ""))
        self._tuning.show_tuning(state.tuning, engine, chosen=set_)

    # --- actions ----------------------------------------------------------------------------------

    def _choose(self, method: str) -> None:
        advice = self.session.state.advice
        if advice is not None and advice.method[0].choice == method:
            self._take_recommended()
            return
        label_ = words.label(self.client.catalog.methods, method)
        if self.session.is_set("method"):
            self.session.reset_to_recommended(f"Choose {label_}", "method")
        self.session.change(f"Choose {label_}", {"method.id": method})

    def _take_recommended(self) -> None:
        self.session.reset_to_recommended("Take the recommended method", "method")

    def _set_option(self, name: str, value: object) -> None:
        self.session.change(
            f"Set {name}", {f"method.options.{name}": value}, gesture=f"method.{name}"
        )

    def _reset_options(self) -> None:
        tuning = self.session.state.tuning
        if tuning is not None:
            paths = [f"{OPTIONS}.{name}" for name in _placed(tuning)]
            self.session.reset_to_recommended("Leave what is tuned to the engine", *paths)

    def _start(self) -> None:
        self.unsay("refused")
        self.session.check(self._start_if_possible)

    def _start_if_possible(self, problems: tuple[PlanProblem, ...]) -> None:
        plan = self.session.state.plan
        if problems or plan is None:
            self._show_problem(problems)
            return
        for step in (flow.Step.DATA, flow.Step.MODEL, flow.Step.EVALUATION, flow.Step.METHOD):
            self.session.confirm(step)
        self.run.start(plan)
        self.go("run")

    def _show_problem(self, problems: tuple[PlanProblem, ...]) -> None:
        if not problems:
            return
        problem = problems[0]
        field = problem.field or ""
        name = field.removeprefix("method.options.")
        if field.startswith(f"{OPTIONS}.") and self._form is not None:
            if not self._tuning.set_error(name, problem.sentence):
                self._form.set_error(name, problem.sentence)
                self.say("problem", sentence=problem.sentence)
            return
        step = flow.owner(field) if field else flow.Step.METHOD
        action = None
        if step is not flow.Step.METHOD:
            action = Action(f"Go to {step.value}", lambda: self.go(str(step)))
        self.say("problem", action=action, sentence=problem.sentence)

    def _refused(self, failure: object) -> None:
        if self.run.state.phase == "none":
            self.go("method")
            self.say("refused", sentence=getattr(failure, "sentence", ""))


def _tuned_figures(state: SessionState) -> tuple[tuple[str, str], ...]:
    """What is tuned by gradient and what it takes with the plan's engine, in figures."""
    if state.tuning is None or state.plan is None:
        return ()
    engine = state.plan.method.options.get("engine")
    return next((r.figures for r in state.tuning.advice if r.choice == engine), ())


def _placed(tuning: TuningOutlook) -> tuple[str, ...]:
    """Options that have a place of their own on the page."""
    return ("engine", *(group.option for group in tuning.groups))


def _others(card: MethodCard, tuning: TuningOutlook | None) -> tuple[Option, ...]:
    """Options of ``card`` for the form."""
    placed = _placed(tuning) if tuning is not None and card.gradient else ()
    return tuple(option for option in card.options if option.name not in placed)
