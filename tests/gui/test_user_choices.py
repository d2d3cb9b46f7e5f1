"""Choices as values: nothing is wiped silently, and nothing of one learner reaches another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.plan import DataPlan
from gui import user_choices as choosing
from gui.user_choices import Choices

CURRENT = {"learner.id": "svm", "method.id": "tpe"}


def test_a_whole_replaces_its_parts() -> None:
    choices = choosing.with_changes(Choices(), {"evaluation.resampling.folds": 3})
    choices = choosing.with_changes(choices, {"evaluation.resampling": {"kind": "holdout"}})
    assert choices.changes == {"evaluation.resampling": {"kind": "holdout"}}


def test_another_learner_parks_the_space_and_gives_it_back() -> None:
    edited = choosing.with_changes(Choices(), {"space": "edited", "seed": 1}, current=CURRENT)
    forest = choosing.with_changes(edited, {"learner.id": "random_forest"}, current=CURRENT)
    assert forest.learner == "random_forest"
    assert forest.changes == {"seed": 1}
    back = choosing.with_changes(
        forest, {"learner.id": "svm"}, current={"learner.id": "random_forest"}
    )
    assert back.changes == {"space": "edited", "seed": 1}


def test_another_method_parks_its_options() -> None:
    edited = choosing.with_changes(Choices(), {"method.options.gamma": 0.2}, current=CURRENT)
    other = choosing.with_changes(edited, {"method.id": "random"}, current=CURRENT)
    assert other.changes == {"method.id": "random"}
    back = choosing.with_changes(other, {"method.id": "tpe"}, current={"method.id": "random"})
    assert back.changes == {"method.id": "tpe", "method.options.gamma": 0.2}


def test_what_is_set_is_known_from_inside_and_outside() -> None:
    choices = choosing.with_changes(Choices(), {"budget.evaluations": 10, "space": "edited"})
    assert choosing.is_set(choices, "budget")
    assert choosing.is_set(choices, "space.C.low")
    assert not choosing.is_set(choices, "budget.seconds")
    assert not choosing.is_set(choices, "bud")


def test_forgetting_takes_what_lies_inside_along() -> None:
    choices = choosing.with_changes(
        Choices(learner="svm"), {"method.id": "random", "method.options.a": 1, "seed": 2}
    )
    assert choosing.without(choices, "method").changes == {"seed": 2}
    assert choosing.without(choices, "learner").learner is None


def test_a_new_target_opens_task_and_positive_class_again() -> None:
    data = DataPlan("t.csv", target="a", task="binary", positive="yes", leave_out=("b", "c"))
    found = choosing.with_data(Choices(data=data), {"target": "b"}).data
    assert found == DataPlan("t.csv", target="b", leave_out=("c",))


PATHS = st.sampled_from(["seed", "workers", "budget", "budget.seconds", "budget.evaluations"])


@given(st.lists(st.tuples(PATHS, st.integers())))
def test_no_path_is_ever_set_twice_by_itself_and_its_whole(edits: list[tuple[str, int]]) -> None:
    choices = Choices()
    for path, value in edits:
        choices = choosing.with_changes(choices, {path: value})
        assert choices.changes[path] == value
    for path in edits:
        assert choosing.is_set(choosing.without(choices, "seed"), path[0]) or path[0] == "seed"
