"""The session before a real engine process: advice follows choices, undo goes all the way back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.advice import PlanProblem
from engine.domain.tables import Table
from engine.plan import DataPlan
from gui.engine_client import EngineClient
from gui.flow import Step
from gui.session import Session
from gui.user_choices import Choices
from gui.view_states import SessionState


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(client: EngineClient, clock: Clock) -> Iterator[Session]:
    session = Session(client, clock=clock)
    yield session
    session.deleteLater()


@pytest.fixture
def ready(session: Session, qtbot) -> Session:
    """A session with a table, a target and a plan."""
    session.open("builtin:wine")
    qtbot.waitUntil(lambda: session.state.table is not None)
    session.change_data("Predict target", target="target")
    qtbot.waitUntil(lambda: session.state.fresh)
    return session


def fresh(session: Session, qtbot) -> SessionState:
    qtbot.waitUntil(lambda: session.state.fresh)
    return session.state


def test_opening_reads_the_table_and_waits_for_a_target(session: Session, qtbot) -> None:
    session.open("builtin:wine")
    assert session.state.busy == "Reading wine"
    qtbot.waitUntil(lambda: session.state.table is not None)
    assert session.state.busy == ""
    assert session.state.plan is None


def test_a_target_brings_a_plan(ready: Session) -> None:
    assert ready.state.plan is not None
    assert ready.state.plan.data.target == "target"
    assert ready.state.test_rows == 36


def test_a_table_that_cant_be_read_changes_nothing(ready: Session, qtbot) -> None:
    before, steps = ready.state, ready.undo_stack.count()
    ready.open("builtin:missing")
    qtbot.waitUntil(lambda: ready.state.trouble is not None)
    after = ready.state
    assert after.trouble is not None
    assert (after.trouble.step, after.trouble.sentence) == (Step.DATA, "There is no file.")
    assert (after.choices, after.table, after.plan) == (before.choices, before.table, before.plan)
    assert ready.undo_stack.count() == steps


def test_a_change_shows_at_once_and_is_kept_by_the_advice(ready: Session, qtbot) -> None:
    assert ready.change("Set the seed", {"seed": 7})
    assert ready.state.plan is not None
    assert ready.state.plan.seed == 7
    assert not ready.state.fresh
    plan = fresh(ready, qtbot).plan
    assert plan is not None
    assert plan.seed == 7
    assert ready.is_set("seed")


def test_an_impossible_value_is_refused_with_its_field(ready: Session) -> None:
    before = ready.state
    assert not ready.change("Workers", {"workers": "many"})
    assert ready.state.trouble is not None
    assert ready.state.trouble.step == Step.EVALUATION
    assert ready.state.choices == before.choices


def test_advice_that_fails_names_the_field(ready: Session, qtbot) -> None:
    ready.change("Set the seed", {"seed": 13})
    qtbot.waitUntil(lambda: ready.state.trouble is not None)
    assert ready.state.trouble is not None
    assert ready.state.trouble.field == "seed"
    ready.undo_stack.undo()
    assert fresh(ready, qtbot).trouble is None


def test_forgetting_follows_the_guide_again(ready: Session, qtbot) -> None:
    ready.change("Set the seed", {"seed": 7})
    fresh(ready, qtbot)
    ready.reset_to_recommended("Recommended seed", "seed")
    plan = fresh(ready, qtbot).plan
    assert plan is not None
    assert plan.seed == 0
    assert not ready.is_set("seed")


def test_undo_names_the_deed_and_takes_it_back(ready: Session, qtbot) -> None:
    ready.choose_learner("random_forest")
    fresh(ready, qtbot)
    assert ready.undo_stack.undoText() == "Choose Random forest"
    ready.undo_stack.undo()
    plan = fresh(ready, qtbot).plan
    assert plan is not None
    assert plan.learner.id == "svm"


def test_undo_of_a_target_needs_no_engine(ready: Session) -> None:
    ready.undo_stack.undo()
    state = ready.state
    assert state.table is not None
    assert state.table.data.target is None
    assert state.plan is None


def test_one_gesture_is_one_step(ready: Session, clock: Clock) -> None:
    before = ready.undo_stack.count()
    for seed in range(1, 6):
        clock.now += 0.1
        ready.change("Set the seed", {"seed": seed}, gesture="seed")
    assert ready.undo_stack.count() == before + 1
    clock.now += 5
    ready.change("Set the seed", {"seed": 9}, gesture="seed")
    assert ready.undo_stack.count() == before + 2
    ready.undo_stack.undo()
    assert ready.state.choices.changes == {"seed": 5}
    ready.undo_stack.undo()
    assert ready.state.choices.changes == {}


def test_a_late_table_does_not_replace_a_newer_one(session: Session, qtbot) -> None:
    session.open("builtin:late")
    session.open("builtin:wine")
    qtbot.waitUntil(lambda: session.state.table is not None)
    session.check(lambda _: None)
    assert session.state.choices.data == DataPlan(source="builtin:wine")
    assert session.undo_stack.count() == 1


def test_two_changes_of_the_table_in_a_row_both_count(ready: Session, qtbot) -> None:
    ready.change_data("Leave out alcohol", leave_out=("alcohol",))
    ready.change_data("As classes", task="multiclass")
    qtbot.waitUntil(lambda: not ready.state.busy)
    data = ready.state.choices.data
    assert data is not None
    assert (data.leave_out, data.task, data.target) == (("alcohol",), "multiclass", "target")


def test_the_cost_is_measured_once_and_forgotten_with_its_table(ready: Session, qtbot) -> None:
    ready.ensure_probe()
    assert ready.state.probing
    ready.ensure_probe()
    qtbot.waitUntil(lambda: ready.state.probe is not None)
    assert not ready.probing
    ready.choose_learner("random_forest")
    assert fresh(ready, qtbot).probe is None


def test_who_asks_at_every_change_has_the_cost_measured_once(ready: Session, qtbot) -> None:
    asked: list[bool] = []
    ready.changed.connect(lambda state: asked.append(state.probing))
    ready.changed.connect(lambda _: ready.ensure_probe())
    ready.ensure_probe()
    qtbot.waitUntil(lambda: ready.state.probe is not None)
    measured = asked.index(False)
    assert all(asked[:measured])
    assert not any(asked[measured:])


def test_checking_waits_for_advice(ready: Session, qtbot) -> None:
    ready.change("Set the seed", {"seed": 3})
    found: list[tuple[PlanProblem, ...]] = []
    ready.check(found.append)
    assert found == []
    qtbot.waitUntil(lambda: found == [()])
    assert ready.state.fresh


def test_preferred_workers_hold_until_chosen_otherwise(ready: Session, qtbot) -> None:
    ready.prefer({"workers": 5})
    plan = fresh(ready, qtbot).plan
    assert plan is not None
    assert plan.workers == 5
    assert not ready.is_set("workers")
    ready.change("One worker", {"workers": 1})
    plan = fresh(ready, qtbot).plan
    assert plan is not None
    assert plan.workers == 1


def test_a_crash_of_the_engine_costs_no_choice(ready: Session, client: EngineClient, qtbot) -> None:
    choices = ready.state.choices
    with qtbot.waitSignals([client.crashed, client.ready]):
        ready.open("builtin:crash")
    assert ready.state.choices == choices
    ready.change("Set the seed", {"seed": 4})
    plan = fresh(ready, qtbot).plan
    assert plan is not None
    assert plan.seed == 4


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("seed"), st.integers(20, 99)),
        st.tuples(st.just("workers"), st.integers(1, 9)),
        st.tuples(st.just("learner"), st.sampled_from(["svm", "random_forest"])),
        st.tuples(st.just("forget"), st.sampled_from(["seed", "workers", "learner"])),
        st.tuples(st.just("undo"), st.none()),
        st.tuples(st.just("redo"), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_undoing_everything_leads_back_and_redoing_forth(
    session: Session, clock: Clock, table: Table, edits: list[tuple[str, object]]
) -> None:
    session.undo_stack.clear()
    start = session.state.choices
    for what, value in edits:
        clock.now += 1
        if what == "learner":
            session.choose_learner(str(value))
        elif what == "forget":
            session.reset_to_recommended("Forget", str(value))
        elif what in ("undo", "redo"):
            getattr(session.undo_stack, what)()
        else:
            session.change(what, {what: value}, gesture=what)
    end = session.state.choices
    steps = session.undo_stack.index()
    for _ in range(steps):
        session.undo_stack.undo()
    assert session.state.choices == start
    for _ in range(steps):
        session.undo_stack.redo()
    assert session.state.choices == end


def test_the_state_is_a_value() -> None:
    assert SessionState() == SessionState()
    with pytest.raises(AttributeError):
        SessionState().busy = "no"  # type: ignore[misc]
    assert msgspec.structs.replace(Choices(), learner="svm") != Choices()
