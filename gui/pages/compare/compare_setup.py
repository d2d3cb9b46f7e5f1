"""`CompareSetup`: which methods to compare, how often, and with how much budget each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.advice import Recommendation
from engine.domain.cards import Catalog, MethodCard
from engine.domain.comparison import Contender
from engine.plan import MethodPlan, Plan, method_of, with_method
from engine.space import SearchSpace
from gui import words
from gui.engine_client import EngineClient
from gui.pages.compare.more_cases import MoreCases
from gui.widgets.card import Card
from gui.widgets.fields import NumberField, Segments
from gui.widgets.form import Form
from gui.widgets.multi_select import MultiSelect
from gui.widgets.text import label, set_role

REPETITIONS, FOLDS = 5, 5
RANDOM, AUTO = "random", "auto"
FIRST = 3
"""Methods ticked at first: those that the guide ranks highest."""
Kind = Literal["compare", "nested"]
KINDS: tuple[tuple[Kind, str], ...] = (
    ("compare", "Compare methods"),
    ("nested", "Nested resampling"),
)
ABOUT: dict[Kind, str] = {
    "compare": "Which method should I trust on my data? Each searches with the same budget, "
    "several times: in a repetition all see the same folds and outer test rows, and both are drawn "
    "anew for the next one. Random search and the default configuration stand beside them.",
    "nested": "Is this result real? The whole search is done again for each outer fold, and its "
    "choice scored on the rows it never saw: an estimate that no search has flattered.",
}


def comparable(catalog: Catalog) -> list[MethodCard]:
    """Methods that can be compared with each other: those that optimise one measure."""
    return [c for c in catalog.methods if not (c.gradient or c.multi_objective) and c.id != AUTO]


class CompareSetup(QWidget):
    """The form; `changed` is the person's doing."""

    changed = Signal()
    failed = Signal(str)
    """Why a case could not be added, as a sentence."""

    def __init__(self, client: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog: Catalog | None = None
        self._plan: Plan | None = None
        self._space: SearchSpace | None = None
        self._touched = False
        self._kind = Segments(KINDS, "What to do")
        self._kind.set_value("compare")
        self._kind.changed.connect(lambda _: self._turn())
        self._about = label(ABOUT["compare"], "muted")
        self._methods = MultiSelect("Methods")
        self._methods.changed.connect(self._tick)
        self._repetitions = NumberField(
            "Repetitions", whole=True, low=1, high=1000, unit="repetitions"
        )
        self._repetitions.set_value(REPETITIONS)
        self._folds = NumberField("Outer folds", whole=True, low=2, high=100, unit="outer folds")
        self._folds.set_value(FOLDS)
        self._budget = NumberField("Evaluations of each search", whole=True, low=1, high=1_000_000)
        for field in (self._repetitions, self._folds, self._budget):
            field.changed.connect(lambda _: self.changed.emit())
        self._form = Form()
        self._cases = MoreCases(client)
        self._cases.changed.connect(self.changed)
        self._cases.failed.connect(self.failed)
        self._form.add("Methods", self._methods)
        self._form.add("&Repetitions", self._repetitions)
        self._form.add("Outer &folds", self._folds)
        self._form.add("&Evaluations each", self._budget)
        self._form.add("Also on", self._cases)
        self._costs = label("", "muted")
        card = Card(padding=24)
        card.body.setSpacing(16)
        card.body.addWidget(self._kind)
        card.body.addWidget(self._about)
        card.body.addWidget(self._form)
        card.body.addWidget(self._costs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        self._turn()

    # --- showing ----------------------------------------------------------------------------------

    def show_plan(
        self,
        plan: Plan,
        ranked: Sequence[Recommendation],
        catalog: Catalog,
        space: SearchSpace | None = None,
    ) -> None:
        """Offer the methods that suit a plan; what the person has ticked stays.

        Args:
            plan: table, model and budget to compare on.
            ranked: the guide's recommendations of a method.
            catalog: of components.
            space: recommended for the model, for a plan that tunes by gradient and has none.
        """
        self._catalog, self._space = catalog, space
        if self._plan is None or self._plan.budget != plan.budget:
            self._budget.set_value(plan.budget.evaluations)
        self._form.set_row_visible(self._budget, plan.budget.evaluations is not None)
        self._plan = plan
        self._cases.show_plan(plan)
        fitting = [r.choice for r in ranked if r.fits]
        cards = comparable(catalog)
        cards.sort(key=lambda c: fitting.index(c.id) if c.id in fitting else len(fitting))
        self._methods.set_options([(card.id, card.label) for card in cards])
        if not self._touched:
            offered = [card.id for card in cards]
            first = [id_ for id_ in fitting if id_ in offered and id_ != RANDOM][:FIRST]
            self._methods.set_value((*first, RANDOM))

    def show_costs(self, sentence: str, *, wrong: bool = False) -> None:
        """Say what it will cost, or why it can't be."""
        self._costs.setText(sentence)
        set_role(self._costs, "error" if wrong else "muted")

    # --- what is chosen ---------------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        """Whether methods are compared or one search is nested."""
        return "nested" if self._kind.value() == "nested" else "compare"

    @property
    def repetitions(self) -> int:
        """Of a nested resampling the outer folds."""
        field, usual = (
            (self._folds, FOLDS) if self.kind == "nested" else (self._repetitions, REPETITIONS)
        )
        return int(field.value() or usual)

    def plan(self) -> Plan | None:
        """The plan of each search on the table and model that are being planned."""
        plan = self._plan
        if plan is None or plan.budget.evaluations is None:
            return plan
        evaluations = float(self._budget.value() or plan.budget.evaluations)
        budget = msgspec.structs.replace(plan.budget, evaluations=evaluations)
        return msgspec.structs.replace(plan, budget=budget)

    def plans(self) -> tuple[Plan, ...]:
        """A plan for each table and model; none without a table."""
        plan = self.plan()
        if plan is None:
            return ()
        if self.kind == "nested":
            return (plan,)
        if plan.by_gradient and self._space is not None:
            plan = with_method(plan, MethodPlan(RANDOM), self._space)
        return self._cases.plans(plan)

    def contenders(self) -> tuple[Contender, ...]:
        """The methods ticked; of a nested resampling the plan's own."""
        plan, catalog = self._plan, self._catalog
        if plan is None or catalog is None:
            return ()
        if self.kind == "nested":
            method = plan.method
            return (Contender(method.id, words.method(catalog, plan), method),)
        cards: dict[str, MethodCard] = {card.id: card for card in catalog.methods}
        return tuple(
            Contender(
                id_,
                cards[id_].label,
                plan.method if plan.method.id == id_ else method_of(id_),
            )
            for id_ in self._methods.value()
        )

    def _tick(self, _: object) -> None:
        self._touched = True
        self.changed.emit()

    def _turn(self) -> None:
        nested = self.kind == "nested"
        self._about.setText(ABOUT[self.kind])
        self._form.set_row_visible(self._methods, not nested)
        self._form.set_row_visible(self._repetitions, not nested)
        self._form.set_row_visible(self._folds, nested)
        self._form.set_row_visible(self._cases, not nested)
        self.changed.emit()
