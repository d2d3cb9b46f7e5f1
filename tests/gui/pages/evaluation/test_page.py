"""The evaluation page."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from engine.domain.advice import ProbeResult
from gui.pages.evaluation import cost_line
from gui.pages.evaluation.budget_slider import STEPS, BudgetSlider
from gui.pages.evaluation.cost_line import CostLine
from gui.pages.evaluation.evaluation_forms import (
    EndingForm,
    PreparationForm,
    ScoringForm,
    WorkersForm,
)
from gui.pages.evaluation.page import EvaluationPage, measures_of, test_note
from gui.widgets.buttons import ActionButton
from gui.widgets.fields import Choice

test_note.__test__ = False  # a function of the page, not a test


@pytest.fixture
def page(show, choose, context, monkeypatch) -> EvaluationPage:
    """Without measuring, whose end would ask the guide once more."""
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)
    choose("builtin:wine")
    return show(EvaluationPage)


@pytest.fixture
def measuring(show, choose) -> EvaluationPage:
    choose("builtin:wine")
    return show(EvaluationPage)


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def action(page: QWidget, text: str) -> ActionButton:
    return next(b for b in page.findChildren(ActionButton) if b.text() == text)


# --- scoring --------------------------------------------------------------------------------------


def test_only_measures_of_the_task_are_offered_the_recommended_one_named(page, context):
    plan = context.session.state.plan
    measures = measures_of(context.client.catalog.measures, plan)
    assert {"rmse", "mae", "r2"}.isdisjoint(m.id for m in measures)
    choice = page.findChild(ScoringForm).field("evaluation.measure")
    assert isinstance(choice, Choice)
    assert choice.count() == len(measures)
    assert choice.currentText().endswith("(recommended)")
    summary = next(m.summary for m in measures if m.id == plan.evaluation.measure)
    assert any(summary in text for text in said(page))


def test_resampling_shows_its_own_settings_and_the_picture_follows(page, context, until, qtbot):
    form, session = page.findChild(ScoringForm), context.session
    folds = form.field("evaluation.resampling.folds")
    share = form.field("evaluation.resampling.share")
    kind = form.field("evaluation.resampling.kind")
    kind.changed.emit("holdout")
    assert share.isVisible()
    assert not folds.isVisible()
    until(lambda: "holdout" in page._picture.summary)
    kind.changed.emit("kfold")
    folds.changed.emit(4)
    assert folds.isVisible()
    assert not share.isVisible()
    until(lambda: "4 folds" in page._picture.summary)
    assert session.state.plan.evaluation.resampling.folds == 4
    assert session.undo_stack.undoText() == "Change the folds"
    until(lambda: session.state.fresh)
    action(page, "Back to the recommended scoring").click()
    until(lambda: session.state.fresh)
    assert not session.is_set("evaluation.resampling")


def test_each_recommendation_has_its_source_and_what_would_change_it(page, context):
    texts, advice = said(page), context.session.state.advice
    for one in (advice.measure[0], advice.resampling[0], advice.budget[0]):
        (text,) = [text for text in texts if one.reason in text]
        assert text.endswith(f"{one.source}  ·  {one.would_change}")
    assert advice.workers[0].would_change in page._workers._about_workers.text()


def test_the_outer_test_says_what_may_be_believed_of_it(page, context, until):
    note = page.findChild(ScoringForm)._about_test
    assert "Nested resampling would test on every row" in note.text()
    assert "Bischl et al. 2023, nested resampling" in note.text()
    page.findChild(ScoringForm).field("evaluation.test_share").changed.emit(0.0)
    until(lambda: context.session.state.fresh)
    until(lambda: "treat the validation score as optimistic" in note.text())


def test_shares_are_in_per_cent(page, context):
    field = page.findChild(ScoringForm).field("evaluation.test_share")
    field.edit.setText("30")
    field.edit.editingFinished.emit()
    assert context.session.state.plan.evaluation.test_share == 0.3
    assert field.value() == 30


def test_too_many_folds_are_refused_at_the_field_and_hold_the_next_step_up(page, context, until):
    form = page.findChild(ScoringForm)
    form.field("evaluation.resampling.kind").changed.emit("kfold")
    form.field("evaluation.resampling.folds").changed.emit(170)
    until(lambda: page.primary().why_not != "")
    assert page.primary().why_not in said(form)
    form.field("evaluation.resampling.folds").changed.emit(5)
    until(lambda: page.primary().why_not == "")


def test_a_test_file_takes_the_place_of_the_test_share(show, choose, context, until, tmp_path):
    rows = "\n".join(f"{k % 13},{(k * 7) % 11},{'ab'[k % 2]}" for k in range(60))
    for name in ("table.csv", "later.csv"):
        (tmp_path / name).write_text(f"x,y,label\n{rows}\n")
    choose(tmp_path / "table.csv", "label")
    context.session.change_data("Test on later.csv", test_source=str(tmp_path / "later.csv"))
    until(lambda: context.session.state.table.data.test_source is not None)
    until(lambda: context.session.state.fresh)
    page = show(EvaluationPage)
    assert not page.findChild(ScoringForm).field("evaluation.test_share").isEnabled()
    assert any("later.csv" in text for text in said(page))


# --- budget and cost ------------------------------------------------------------------------------


def test_the_cost_is_measured_and_moves_with_the_budget(measuring, context, until):
    page = measuring
    line = page.findChild(CostLine)
    until(lambda: context.session.state.probe is not None and context.session.state.fresh)
    assert "took" in " ".join(said(line))
    slider = page.findChild(QSlider)
    slider.setValue(slider.minimum())
    few = page.cost()
    assert context.session.state.plan.budget.evaluations == STEPS[0]
    slider.setValue(slider.maximum())
    assert context.session.state.plan.budget.evaluations == STEPS[-1]
    assert page.cost() != few
    # One drag is one step of undo.
    context.session.undo_stack.undo()
    assert not context.session.is_set("budget")


def test_measuring_can_be_cancelled_and_is_not_begun_again(measuring, context, until):
    page = measuring
    assert context.session.probing
    action(page, "Cancel").click()
    assert not context.session.probing
    page.findChild(BudgetSlider).changed.emit(20)
    until(lambda: context.session.state.fresh)
    assert not context.session.probing
    assert action(page, "Measure").isVisible()
    action(page, "Measure").click()
    assert context.session.probing


def test_a_budget_without_an_end_is_refused(page, context, until):
    ending = page.findChild(EndingForm)
    ending.field("budget.seconds").changed.emit(None)
    page.findChild(BudgetSlider).number.changed.emit(None)
    until(lambda: page.primary().why_not != "")
    assert page.primary().why_not in said(page)
    action(page, "Back to the recommended budget").click()
    until(lambda: page.primary().why_not == "")


def test_a_time_is_in_minutes(page, context):
    page.findChild(EndingForm).field("budget.seconds").changed.emit(2.5)
    assert context.session.state.plan.budget.seconds == 150


def test_the_rest_of_the_plan_can_be_set(page, context):
    session = context.session
    page.findChild(PreparationForm).field("preparation.impute").changed.emit("mean")
    workers = page.findChild(WorkersForm)
    workers.field("reproducible").changed.emit(True)
    workers.field("seed").changed.emit(11)
    plan = session.state.plan
    assert (plan.preparation.impute, plan.reproducible, plan.seed) == ("mean", True, 11)


# --- widgets and plain values ---------------------------------------------------------------------


@given(st.integers(1, 20_000))
def test_the_slider_stands_at_the_nearest_round_number(qapp, evaluations):
    slider = BudgetSlider()
    slider.set_value(evaluations)
    assert slider.value() == evaluations
    step = slider.findChild(QSlider).value()
    assert abs(STEPS[step] - evaluations) == min(abs(s - evaluations) for s in STEPS)


def test_the_slider_moves_by_keys_and_is_spoken(qtbot):
    slider = BudgetSlider()
    qtbot.addWidget(slider)
    slider.set_value(100)
    got = []
    slider.changed.connect(got.append)
    bar = slider.findChild(QSlider)
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert got == [120]
    assert slider.number.value() == 120
    assert bar.accessibleDescription() == "120 evaluations"


def test_steps_of_the_slider_are_in_about_equal_ratios():
    ratios = [math.log(b / a) for a, b in pairwise(STEPS)]
    assert max(ratios) < 2.2 * min(ratios)


def test_what_an_estimate_rests_on(page, context):
    plan = context.session.state.plan
    probe = ProbeResult(seconds=0.2, evaluation_seconds=2.0, memory_mb=1.0, score=0.9)
    assert "Measuring" in cost_line.basis(plan, None, measuring=True)
    assert "not been measured" in cost_line.basis(plan, None, measuring=False)
    assert "fits an evaluation" in cost_line.basis(plan, probe, measuring=False)


def test_what_becomes_of_test_rows_is_said(page, context):
    assert "36 rows" in test_note(context.session.state.plan, 36)
