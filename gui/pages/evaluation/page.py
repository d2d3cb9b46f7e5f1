"""Evaluation: how a configuration is scored, and for how long to search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.advice import PlanProblem, Recommendation
from engine.domain.cards import Catalog, MeasureCard
from engine.plan import Plan
from gui import flow, words
from gui.pages.base import Action, Message, Page, Width
from gui.pages.evaluation.budget_slider import BudgetSlider
from gui.pages.evaluation.cost_line import CostLine
from gui.pages.evaluation.evaluation_forms import (
    FURTHER,
    EndingForm,
    LimitsForm,
    PreparationForm,
    ScoringForm,
    WorkersForm,
    has_test_rows,
)
from gui.pages.evaluation.plan_form import PlanForm
from gui.states import SessionState
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.disclosure import Disclosure
from gui.widgets.side_by_side import SideBySide
from gui.widgets.text import label

PICTURE_HEIGHT, FOLD_HEIGHT, FOLDS_DRAWN = 110, 20, 12
"""Pixels round and of the folds in the picture."""
_OWN = ("evaluation.measure", FURTHER, "evaluation.resampling", "evaluation.test_share")
_BUDGET = "budget"


class EvaluationPage(Page):
    """Scoring beside its picture, the budget with its cost, and the rest folded."""

    id = "evaluation"
    title = "How to score, and for how long"
    purpose = "Choose the measure to make best, the rows it is taken on, and the budget."
    help = "evaluation"
    step = flow.Step.EVALUATION
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "refused": Message("bad", "{sentence}"),
        "elsewhere": Message("caution", "{sentence}"),
    }

    def build(self) -> None:
        self._checked: Plan | None = None
        self._problems: tuple[PlanProblem, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._declined = False
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._make_scoring())
        column.addWidget(self._make_budget())
        self._preparation, self._limits = PreparationForm(), LimitsForm()
        self._workers = WorkersForm()
        for title, form in (
            ("Preparation inside the folds", self._preparation),
            ("Limits of a fit", self._limits),
            ("Workers and repeatability", self._workers),
        ):
            column.addWidget(Disclosure(title, form))
        self._forms: tuple[PlanForm, ...] = (
            self._scoring,
            self._ending,
            self._preparation,
            self._limits,
            self._workers,
        )
        for form in self._forms:
            form.changed.connect(self._take)
        self.body.addWidget(self._content)

    def on_enter(self) -> None:
        self._checked = None
        self._check(self.session.state)
        self._measure()

    def on_session_changed(self, state: SessionState) -> None:
        plan = state.plan
        self._content.setVisible(plan is not None)
        if plan is None:
            return
        if state.fresh and state.trouble is None and not self._declined:
            self.session.ensure_probe()
        self._show_scoring(state, plan)
        self._show_picture(state, plan)
        self._show_budget(state, plan)
        self._ending.show_plan(plan)
        self._preparation.show_plan(plan)
        self._limits.show_plan(plan)
        advised = state.advice.workers[0] if state.advice and state.advice.workers else None
        about = f"{advised.reason}\n{_rests_on(advised)}" if advised else ""
        self._workers.show_workers(plan, about)
        self._show_trouble(state)
        self._check(state)

    def primary(self) -> Action | None:
        why = self._problems[0].sentence if self._problems else ""
        if self.session.state.plan is None:
            why = "The guide is still working out its advice."
        return Action("Choose a method", self.confirm, why_not=why)

    def cost(self) -> str:
        state = self.session.state
        if self.session.probing:
            return "Measuring what a fit costs"
        return words.cost(state.plan, state.probe)

    def initial_focus(self) -> QWidget | None:
        return self._scoring.field("evaluation.measure")

    # --- making ---------------------------------------------------------------------------------

    def _make_scoring(self) -> QWidget:
        from engine.plots.picture import PICTURES
        from gui.canvas import Canvas

        card = Card()
        card.body.addWidget(label("How a configuration is scored", "section"))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        self._scoring = ScoringForm()
        column.addWidget(self._scoring)
        self._own_scoring = button(
            Action("Back to the recommended scoring", self._take_recommended_scoring), "link"
        )
        column.addWidget(self._own_scoring)
        column.addStretch(1)
        folds = PICTURES["resampling"]
        self._prepare_folds = folds.prepare
        self._picture = Canvas(folds, self.theme, name="How the rows are used")
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self._picture)
        beside.addStretch(1)
        card.body.addWidget(SideBySide(left, right, wide=840))
        return card

    def _make_budget(self) -> QWidget:
        card = Card()
        card.body.addWidget(label("How long to search", "section"))
        self._slider = BudgetSlider()
        self._slider.changed.connect(
            lambda value: self._take("budget.evaluations", value, "evaluations")
        )
        card.body.addWidget(self._slider)
        self._slider_error = label("", "error")
        self._slider_error.hide()
        card.body.addWidget(self._slider_error)
        self._cost = CostLine()
        self._cost.measure_asked.connect(self._measure)
        self._cost.cancel_asked.connect(self._cancel_measuring)
        card.body.addWidget(self._cost)
        self._about_budget = label("", "caption")
        card.body.addWidget(self._about_budget)
        self._own_budget = button(
            Action("Back to the recommended budget", self._take_recommended_budget), "link"
        )
        card.body.addWidget(self._own_budget)
        card.body.addSpacing(4)
        card.body.addWidget(label("The search also ends with the first of these", "caption"))
        self._ending = EndingForm()
        card.body.addWidget(self._ending)
        return card

    # --- showing --------------------------------------------------------------------------------

    def _show_scoring(self, state: SessionState, plan: Plan) -> None:
        measures = measures_of(self.client.catalog.measures, plan)
        advice = state.advice
        best = advice.measure[0] if advice and advice.measure else None
        card = next((m for m in measures if m.id == plan.evaluation.measure), None)
        said = [card.summary] if card else []
        if best is not None and plan.evaluation.measure == best.choice:
            said.append(f"{best.reason}\n{_rests_on(best)}")
        rows = advice.resampling if advice else ()
        notes = {
            "measure": " ".join(said),
            "further_measures": further_note(plan),
            "resampling": _advised(rows, own=self.session.is_set("evaluation.resampling")),
            "test": estimate_note(plan, state.test_rows, advice.estimate if advice else ()),
            "watch": watch_note(plan),
        }
        further = further_of(self.client.catalog, plan)
        self._scoring.show_scoring(plan, measures, further, best.choice if best else "", notes)
        self._own_scoring.setVisible(any(self.session.is_set(path) for path in _OWN))

    def _show_picture(self, state: SessionState, plan: Plan) -> None:
        how, share, rows = plan.evaluation.resampling, plan.evaluation.held_out, state.train_rows
        if plan.data.test_source is None:
            rows += state.test_rows
        else:
            share = 0.0
        if (how, share, rows) != self._drawn:
            self._drawn = (how, share, rows)
            folds = 1 if how.kind == "holdout" else min(how.folds, FOLDS_DRAWN)
            self._picture.setFixedHeight(PICTURE_HEIGHT + FOLD_HEIGHT * folds)
            self._picture.show_picture(lambda: self._prepare_folds(how, rows, share))

    def _show_budget(self, state: SessionState, plan: Plan) -> None:
        self._slider.set_value(plan.budget.evaluations)
        ranked = state.advice.budget if state.advice else ()
        own = self.session.is_set(_BUDGET)
        self._about_budget.setText(_advised(ranked, own=own))
        self._own_budget.setVisible(own)
        self._show_cost()

    def _show_cost(self) -> None:
        state = self.session.state
        if state.plan is not None:
            self._cost.show_cost(state.plan, state.probe, measuring=self.session.probing)

    # --- problems -------------------------------------------------------------------------------

    def _check(self, state: SessionState) -> None:
        if state.fresh and state.plan is not None and state.plan != self._checked:
            self._checked = state.plan
            self.session.check(self._show_problems)

    def _show_problems(self, problems: tuple[PlanProblem, ...]) -> None:
        self._clear_problems()
        self._problems = tuple(
            p for p in problems if p.field is None or flow.owner(p.field) is self.step
        )
        for problem in self._problems:
            self._show_problem(problem.field or "", problem.sentence)
        self.refresh_chrome()

    def _show_trouble(self, state: SessionState) -> None:
        if state.trouble is not None and state.trouble.step == self.step:
            self._show_problem(state.trouble.field or "", state.trouble.sentence)
        else:
            self.unsay("refused")

    def _show_problem(self, field: str, sentence: str) -> None:
        if field in (_BUDGET, "budget.evaluations"):
            self._slider_error.setText(sentence)
            self._slider_error.show()
        elif not any(form.set_error(field, sentence) for form in self._forms):
            self.say("refused", sentence=sentence)

    def _clear_problems(self) -> None:
        self.unsay("refused")
        self._slider_error.hide()
        for form in self._forms:
            form.clear_errors()

    # --- what the person asks for ---------------------------------------------------------------

    def _take(self, path: str, value: object, name: str) -> None:
        if path == FURTHER and not value:
            self.session.reset_to_recommended("Optimise one measure", path)
            return
        self.session.change(f"Change the {name}", {path: value}, gesture=path)

    def _take_recommended_scoring(self) -> None:
        self.session.reset_to_recommended("Back to the recommended scoring", *_OWN)

    def _take_recommended_budget(self) -> None:
        self.session.reset_to_recommended("Back to the recommended budget", _BUDGET)

    def _cancel_measuring(self) -> None:
        self._declined = True
        self.session.cancel_probe()
        self._show_cost()
        self.refresh_chrome()

    def _measure(self) -> None:
        self._declined = False
        self.session.ensure_probe()
        self._show_cost()
        self.refresh_chrome()


def measures_of(measures: tuple[MeasureCard, ...], plan: Plan) -> tuple[MeasureCard, ...]:
    """The measures that go with the plan's task."""
    return tuple(m for m in measures if plan.data.task is None or plan.data.task in m.tasks)


def further_of(catalog: Catalog, plan: Plan) -> tuple[MeasureCard, ...]:
    """Measures that can be optimised at once with the plan's measure: costs, and the task's other
    measures.

    Those that the plan has are offered in any case, so that they can be taken back.
    """
    fitting = (*catalog.costs, *measures_of(catalog.measures, plan))
    others = [card for card in fitting if card.id != plan.evaluation.measure]
    strange = [c for c in words.cards(catalog, plan.evaluation.further_measures) if c not in others]
    return (*others, *strange)


def further_note(plan: Plan) -> str:
    """Meaning of optimising more than one measure, in words."""
    if not plan.evaluation.further_measures:
        return "Optional. The search then looks for a front of trade-offs, not for one best."
    return (
        "The search looks for the front of trade-offs: trials that no other beats on every "
        "measure. The one that is best by the measure above is taken, and you can take another."
    )


def test_note(plan: Plan, rows: int) -> str:
    """Use of the outer test rows, in words."""
    if plan.data.test_source is not None:
        return f"The test rows come from {words.name_of(plan.data.test_source)} instead."
    outer = plan.evaluation.outer
    if outer is not None:
        return f"The test rows are fold {outer.fold + 1} of {outer.folds} of a nested resampling."
    if plan.evaluation.test_share == 0:
        return "No rows are kept out, so nothing tells how the result does on rows it never saw."
    when = "each new best, for you to watch" if plan.evaluation.watch_outer else "its result once"
    return f"{words.plural(rows, 'row')} that the search never sees; they judge {when}."


def watch_note(plan: Plan) -> str:
    """Purpose and cost of watching the test score, in words."""
    if not has_test_rows(plan):
        return "There are no test rows to watch."
    return (
        "Shows overtuning: each new best is fitted once more, in at most a tenth of the search's "
        "time, and scored on the test rows. Nothing that decides hears of it, but each is a look: "
        "the test score is then watched, optimistic."
    )


def _advised(ranked: tuple[Recommendation, ...], *, own: bool) -> str:
    """Why the first of ``ranked`` is advised; which it is, where the person chose otherwise."""
    if not ranked:
        return ""
    best = ranked[0]
    reason = f"Recommended: {best.label}. {best.reason}" if own else best.reason
    return f"{reason}\n{_rests_on(best)}"


def _rests_on(one: Recommendation) -> str:
    """Where a recommendation comes from and what would change it."""
    return "  ·  ".join(text for text in (one.source, one.would_change) if text)


def estimate_note(plan: Plan, rows: int, advice: Sequence[Recommendation]) -> str:
    """Use of the outer test rows, how far to believe their score, and whether nested resampling is
    needed.

    Args:
        plan: with its share of test rows.
        rows: how many of them.
        advice: the guide's, by share.
    """
    said = next((r for r in advice if r.choice == f"{plan.evaluation.test_share:g}"), None)
    if said is None or plan.evaluation.outer is not None:
        return test_note(plan, rows)
    from_file = plan.data.test_source is not None
    return "\n".join([*([test_note(plan, rows)] * from_file), said.reason, _rests_on(said)])
