"""A form whose fields stand for fields of the plan."""

from __future__ import annotations

import pytest

from engine import plan as plans
from engine.plan import Plan
from gui.pages.evaluation.plan_form import PlanForm, at_path
from gui.widgets.fields import Choice, NumberField

SHARE, IMPUTE = "evaluation.test_share", "preparation.impute"


@pytest.fixture
def form(qtbot, plan: Plan) -> PlanForm:
    form = PlanForm()
    qtbot.addWidget(form)
    share = NumberField("Test share", low=0, high=90, unit="%")
    form.bind(SHARE, "&Test share", share, scale=0.01)
    form.bind(IMPUTE, "&Gaps", Choice([("median", "Median"), ("mean", "Mean")], "Gaps"))
    form.show_plan(plans.replace(plan, {SHARE: 0.07, IMPUTE: "mean"}))
    return form


def test_the_plan_is_shown_in_the_fields_own_units(form):
    assert form.field(SHARE).value() == 7
    assert form.field(IMPUTE).value() == "mean"


def test_a_change_is_told_in_the_plans_units_with_its_name(form):
    told = []
    form.changed.connect(lambda *what: told.append(what))
    form.field(SHARE).changed.emit(29)
    form.field(IMPUTE).changed.emit("median")
    assert told == [(SHARE, 0.29, "test share"), (IMPUTE, "median", "gaps")]


def test_a_row_that_is_hidden_takes_its_error_with_it(form):
    form.set_error(SHARE, "Too much.")
    form.show_row(SHARE, shown=False)
    form.show_row(SHARE, shown=True)
    assert form.field(SHARE).error == ""


def test_a_field_of_the_plan_by_its_path(plan: Plan):
    assert at_path(plan, "evaluation.measure") == plan.evaluation.measure
