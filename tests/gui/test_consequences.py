"""What follows from choices, without a window."""

from __future__ import annotations

import msgspec
import pytest

from engine.domain.advice import ProbeResult
from engine.errors import InputError
from engine.plan import Plan, Resampling
from engine.protocol import replies
from gui import consequences, flow
from gui.user_choices import LEARNER, Choices


def test_a_plan_takes_changes_but_another_learner_waits_for_advice(plan: Plan) -> None:
    changed = consequences.overlaid(plan, {LEARNER: "random_forest", "budget.evaluations": 7})
    assert changed.budget.evaluations == 7
    assert changed.learner == plan.learner


def test_what_can_not_be_is_an_error_or_left_alone(plan: Plan) -> None:
    wrong = {"budget.evaluations": "many"}
    with pytest.raises(InputError):
        consequences.overlaid(plan, wrong)
    assert consequences.overlaid_if_possible(plan, wrong) is plan


@pytest.mark.parametrize(
    ("field", "step"), [("evaluation.measure", flow.Step.EVALUATION), (None, flow.Step.MODEL)]
)
def test_trouble_is_mended_where_its_field_is_else_where_it_was_made(field, step) -> None:
    failure = replies.Failed(id=1, code="plan.field", sentence="No.", field=field)
    trouble = consequences.trouble(failure, flow.Step.MODEL)
    assert (trouble.step, trouble.sentence, trouble.code) == (step, "No.", "plan.field")


def test_advice_without_a_field_is_blamed_on_the_latest_choice() -> None:
    choices = Choices(changes={"evaluation.measure": "f1", "workers": 3, "method.id": "tpe"})
    assert consequences.blamed(choices) == flow.Step.METHOD
    assert consequences.blamed(Choices()) == flow.Step.DATA


def test_a_measured_cost_holds_for_the_table_and_the_learner(plan: Plan) -> None:
    basis = consequences.probe_basis
    replace = msgspec.structs.replace
    other = replace(plan, learner=replace(plan.learner, id="random_forest"))
    assert basis(replace(plan, seed=plan.seed + 1)) == basis(plan)
    assert basis(other) != basis(plan)


def test_an_evaluation_costs_as_many_fits_as_the_plan_has_folds(plan: Plan) -> None:
    probe = ProbeResult(seconds=0.2, evaluation_seconds=9.0, memory_mb=1.0, score=0.9)
    how = msgspec.structs.replace(plan.evaluation, resampling=Resampling("kfold", folds=4))
    plan = msgspec.structs.replace(plan, evaluation=how)
    rescaled = consequences.rescaled(probe, plan)
    assert rescaled is not None
    assert rescaled.evaluation_seconds == pytest.approx(0.8)
    assert consequences.rescaled(None, plan) is None
