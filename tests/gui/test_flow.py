"""The six steps, from plain values."""

from __future__ import annotations

import msgspec
import pytest

from engine.domain.cards import Catalog
from engine.domain.results import Interval, RunResult
from engine.domain.tables import Table
from engine.plan import Plan
from engine.protocol import events, replies
from gui import flow
from gui.flow import Status, Step
from gui.view_states import RunState, SessionState, Trouble

NO_RUN = RunState()


@pytest.fixture
def chosen(plan: Plan, table: Table) -> SessionState:
    """A table with a target, and a plan."""
    data = msgspec.structs.replace(plan.data, sha256="0" * 64)
    table = msgspec.structs.replace(table, data=data)
    return SessionState(table=table, plan=msgspec.structs.replace(plan, data=data), fresh=True)


def statuses(state: SessionState, run: RunState = NO_RUN) -> dict[str, Status]:
    return {step.step: step.status for step in flow.steps(state, run)}


def summary(step: Step, state: SessionState, run: RunState, catalog: Catalog) -> str:
    return next(s.summary for s in flow.steps(state, run, catalog) if s.step == step)


def test_at_first_only_data_is_open() -> None:
    found = statuses(SessionState())
    assert found.pop(Step.DATA) is Status.NOT_STARTED
    assert set(found.values()) == {Status.LOCKED}


def test_a_locked_step_says_why() -> None:
    assert all(s.reason for s in flow.steps(SessionState(), NO_RUN) if s.status is Status.LOCKED)


def test_without_a_target_the_next_steps_ask_for_it(table: Table) -> None:
    steps = flow.steps(SessionState(table=table), NO_RUN)
    assert steps[0].status is Status.NOT_STARTED
    assert "choose what to predict" in steps[0].summary
    assert "column to predict" in steps[1].reason


def test_a_target_opens_every_choice(chosen: SessionState) -> None:
    found = statuses(chosen)
    assert found[Step.DATA] is Status.DONE
    assert {found[s] for s in (Step.MODEL, Step.EVALUATION, Step.METHOD, Step.RUN)} == {
        Status.NOT_STARTED
    }
    assert found[Step.RESULTS] is Status.LOCKED


def test_summaries_say_what_was_chosen(chosen: SessionState, catalog: Catalog) -> None:
    said = {step.step: step.summary for step in flow.steps(chosen, NO_RUN, catalog)}
    assert said[Step.DATA] == "wine · 178 rows · predict target"
    assert said[Step.MODEL] == "Support vector machine · 4 hyperparameters"
    assert said[Step.EVALUATION] == "5-fold, accuracy · 40 evaluations"
    assert said[Step.METHOD] == "TPE"


def confirmed(state: SessionState, *steps: Step) -> SessionState:
    agreed = {str(step): flow.basis(step, state) for step in steps}
    return msgspec.structs.replace(state, confirmed=agreed)


def test_a_confirmed_step_is_done(chosen: SessionState) -> None:
    assert statuses(confirmed(chosen, Step.MODEL))[Step.MODEL] is Status.DONE


def test_another_learner_asks_for_review_of_what_came_after(chosen: SessionState) -> None:
    state = confirmed(chosen, Step.MODEL, Step.EVALUATION, Step.METHOD)
    assert state.plan is not None
    other = msgspec.structs.replace(
        state.plan, learner=msgspec.structs.replace(state.plan.learner, id="random_forest")
    )
    found = flow.steps(msgspec.structs.replace(state, plan=other), NO_RUN)
    assert [s.status for s in found[1:4]] == [Status.DONE, Status.REVIEW, Status.REVIEW]
    assert found[2].summary.startswith("needs review")


def test_going_back_takes_the_review_back(chosen: SessionState) -> None:
    state = confirmed(chosen, Step.METHOD)
    assert state.plan is not None
    budget = msgspec.structs.replace(state.plan.budget, evaluations=10)
    changed = msgspec.structs.replace(
        state, plan=msgspec.structs.replace(state.plan, budget=budget)
    )
    assert statuses(changed)[Step.METHOD] is Status.REVIEW
    assert statuses(msgspec.structs.replace(changed, plan=state.plan))[Step.METHOD] is Status.DONE


@pytest.mark.parametrize(
    ("field", "step"),
    [
        ("data.target", Step.DATA),
        ("space.C.low", Step.MODEL),
        ("learner.fixed.C", Step.MODEL),
        ("evaluation.measure", Step.EVALUATION),
        ("budget.seconds", Step.EVALUATION),
        ("method.options.gamma", Step.METHOD),
    ],
)
def test_a_field_has_a_page(field: str, step: Step) -> None:
    assert flow.owner(field) is step


def test_trouble_stands_at_its_step_and_locks_the_run(chosen: SessionState) -> None:
    trouble = Trouble(step=Step.EVALUATION, sentence="Too few rows.", field="evaluation")
    found = flow.steps(msgspec.structs.replace(chosen, trouble=trouble), NO_RUN)
    assert found[2].status is Status.PROBLEM
    assert found[2].reason == "Too few rows."
    assert found[4].status is Status.LOCKED


def progress(evaluations: float) -> events.Progress:
    return events.Progress(
        path="/r",
        evaluations=evaluations,
        planned=200,
        fraction=0.5,
        elapsed=1,
        left=None,
        trials=1,
        complete=1,
        failed=0,
        pruned=0,
        busy=1,
        workers=1,
    )


def test_a_running_search_counts(chosen: SessionState, catalog: Catalog) -> None:
    run = RunState(path="/r", phase="running", progress=progress(137))
    assert statuses(chosen, run)[Step.RUN] is Status.ACTIVE
    assert summary(Step.RUN, chosen, run, catalog) == "137 of 200"
    paused = msgspec.structs.replace(run, phase="paused")
    assert summary(Step.RUN, chosen, paused, catalog) == "paused · 137 of 200"


def test_an_interrupted_run_is_a_problem(chosen: SessionState) -> None:
    run = RunState(path="/r", phase="interrupted", sentence="The engine ended.")
    assert statuses(chosen, run)[Step.RUN] is Status.PROBLEM


def results(test: Interval | None) -> replies.ResultsReady:
    result = RunResult(
        learner="svm",
        measure="accuracy",
        maximise=True,
        trial=1,
        configuration={},
        validation_best=0.9633,
        validation_default=0.9,
        default_configuration={},
        trials=200,
        evaluations=200,
        seconds=298,
        seed=0,
        model_seed=0,
        folds=10,
        test=test,
    )
    return replies.ResultsReady(id=1, result=result, pairs=())


def test_results_say_the_score_that_counts(chosen: SessionState, catalog: Catalog) -> None:
    tested = RunState(
        path="/r", phase="finished", results=results(Interval(0.9722, 0.86, 0.99, "wilson"))
    )
    assert summary(Step.RESULTS, chosen, tested, catalog) == "0.9722 on test rows"
    assert summary(Step.RUN, chosen, tested, catalog) == "200 evaluations, 4 min 58 s"
    untested = msgspec.structs.replace(tested, results=results(None))
    assert summary(Step.RESULTS, chosen, untested, catalog) == "0.9633 in validation"


def test_the_order_of_steps() -> None:
    assert flow.following(Step.DATA) is Step.MODEL
    assert flow.following(Step.RESULTS) is Step.RESULTS
    assert flow.preceding(Step.DATA) is None
    assert flow.preceding(Step.RUN) is Step.METHOD
