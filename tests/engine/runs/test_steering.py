"""A person's own configurations, and a run that goes on in another version of the space."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from engine import catalog
from engine import plan as plans
from engine.archive import read
from engine.domain.trials import TrialState
from engine.errors import InputError, RunError, SpaceError
from engine.plan import Budget, DataPlan
from engine.runs import folder as files
from engine.runs import planning, run_library, steering
from engine.runs.run_executor import open_archive
from engine.search import SearchSpec
from engine.search.pending import PendingProposals
from engine.space import Categorical, Float, Integer, SearchSpace
from engine.testing.recorded import record_run


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Makes plans of a support vector machine over the wine table."""
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    data = DataPlan("builtin:wine", target="target", task="multiclass")
    changes = {
        "learner.id": "svm",
        "method.id": "random",
        "evaluation.resampling.kind": "kfold",
        "evaluation.resampling.folds": 3,
        "workers": 1,
    }
    drafted = planning.draft(data, workers_available=2, changes=changes).plan

    def make(trials: float = 20):
        return msgspec.structs.replace(drafted, budget=Budget(evaluations=trials))

    return make


@pytest.fixture
def run(plan, tmp_path: Path) -> Path:
    return record_run(tmp_path / "run", plan(), lambda unit, fold: 0.5 + 0.1 * unit[0], 12)


def test_what_is_left_out_is_as_in_the_best(run: Path) -> None:
    trials, _ = read(run)
    best = max(trials, key=lambda t: t.value)
    number, whole = steering.enqueue(run, {"gamma": 0.5})
    assert number == 12
    assert whole == {"C": best.configuration["C"], "gamma": 0.5}
    trials, _ = read(run)
    assert trials[12].state is TrialState.RUNNING
    assert trials[12].origin == "person"
    assert trials[12].configuration == whole
    assert run_library.summary(run).state == "interrupted"


def test_a_finished_run_can_be_resumed_for_it(run: Path) -> None:
    with open_archive(run, files.load_plan(run)) as archive:
        archive.note(run_library.STATE, "finished")
    with pytest.raises(InputError, match="finished"):
        planning.to_resume(run, None)
    steering.enqueue(run, {"gamma": 0.5})
    assert planning.to_resume(run, None) == files.load_plan(run)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"gamma": 1e9}, "space.value"),
        ({"gamma": "much"}, "space.value"),
        ({"oracle": 1}, "plan.unknown"),
        ({}, "run.tried"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_begun(run: Path, given, code) -> None:
    with pytest.raises(InputError) as refused:
        steering.enqueue(run, given)
    assert refused.value.code == code
    assert len(read(run)[0]) == 12


def test_a_run_in_use_is_left_alone(run: Path) -> None:
    with open_archive(run, files.load_plan(run)), pytest.raises(RunError) as refused:
        steering.enqueue(run, {"gamma": 0.5})
    assert refused.value.code == "run.locked"


def test_a_run_that_has_not_begun_begins_with_the_default(plan, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    files.create(folder, plan(), planning.load_data(plan().data))
    number, _ = steering.enqueue(folder, {"gamma": 0.5})
    assert number == 1
    assert [t.origin for t in read(folder)[0]] == ["default", "person"]


def narrowed(space: SearchSpace, name: str, **ends: object) -> SearchSpace:
    parts = (msgspec.structs.replace(p, **ends) if p.name == name else p for p in space.parameters)
    return msgspec.structs.replace(space, parameters=tuple(parts))


def test_a_narrower_range_keeps_what_lies_in_it(run: Path, tmp_path: Path) -> None:
    before, _ = read(run)
    plan = files.load_plan(run)
    space = narrowed(plan.space, "C", low=0.1, high=100.0)
    place, new, kept, left_out = steering.narrow(run, space, tmp_path / "narrow")
    inside = [t for t in before if 0.1 <= t.configuration["C"] <= 100.0]
    assert 0 < len(inside) < 12
    assert (kept, left_out) == (len(inside), 12 - len(inside))
    assert new.parent_run == str(run.resolve())
    assert files.load_plan(place) == new
    after, _ = read(place)
    assert [t.configuration for t in after] == [t.configuration for t in inside]
    assert [t.value for t in after] == [t.value for t in inside]
    assert [t.note["from"] for t in after] == [t.number for t in inside]
    assert after[0].origin == "default"
    # The old one is as it was.
    assert [t.configuration for t in read(run)[0]] == [t.configuration for t in before]


def test_a_default_outside_the_new_space_is_evaluated_anew(run: Path, tmp_path: Path) -> None:
    space = narrowed(files.load_plan(run).space, "C", low=10.0, high=1e4)
    place, _, kept, _ = steering.narrow(run, space, tmp_path / "narrow")
    after, _ = read(place)
    assert len(after) == kept + 1
    assert after[0].state is TrialState.RUNNING
    assert after[0].configuration["C"] == 10.0
    assert all(t.state is TrialState.COMPLETE for t in after[1:])


@pytest.mark.parametrize("method", ["random", "tpe", "rf_bo", "hyperband", "racing"])
def test_every_kind_of_method_goes_on_from_it(run: Path, tmp_path: Path, method: str) -> None:
    plan = files.load_plan(run)
    plan = plans.replace(plan, {"method.id": method})
    files.save_plan(run, catalog.settle(plan))
    space = narrowed(plan.space, "C", low=0.1, high=100.0)
    place, new, kept, _ = steering.narrow(run, space, tmp_path / "narrow")
    tuner = catalog.make_tuner(new, {"C": 1.0, "gamma": 0.1}, 3)
    with open_archive(place, new) as archive:
        spec = SearchSpec(
            new, archive, tuner, n_folds=3, maximise=True, arguments=lambda *given: given
        )
        pending = PendingProposals(spec, lambda trial: None)
        pending.restore()
        assert pending.evaluations == kept
    asked = tuner.ask()
    assert asked is not None
    assert asked.trial == len(archive.trials)
    assert 0.1 <= asked.configuration["C"] <= 100.0


def test_other_hyperparameters_are_refused_and_nothing_made(run: Path, tmp_path: Path) -> None:
    space = SearchSpace((Float("C", 0.1, 1.0), Integer("degree", 2, 5), Categorical("k", ("a",))))
    with pytest.raises(InputError) as refused:
        steering.narrow(run, space, tmp_path / "narrow")
    assert refused.value.code == "narrow.names"
    assert not (tmp_path / "narrow").exists()


def test_a_budget_that_is_used_up_is_refused(run: Path, tmp_path: Path) -> None:
    space = files.load_plan(run).space
    with pytest.raises(InputError) as refused:
        steering.narrow(run, space, tmp_path / "narrow", 12)
    assert refused.value.code == "narrow.no_budget"
    assert not (tmp_path / "narrow").exists()
    _, new, kept, _ = steering.narrow(run, space, tmp_path / "narrow", 15)
    assert (kept, new.budget.evaluations) == (12, 15)


def test_looks_at_the_same_test_rows_go_along(run: Path, tmp_path: Path) -> None:
    with open_archive(run, files.load_plan(run)) as archive:
        archive.note("looks", [1.0, 2.0])
    place, *_ = steering.narrow(run, files.load_plan(run).space, tmp_path / "narrow")
    assert read(place)[1]["looks"] == [1.0, 2.0]


def test_values_are_kept_apart_by_type(run: Path) -> None:
    with pytest.raises(SpaceError):
        steering.enqueue(run, {"gamma": True})
    with pytest.raises(SpaceError):
        steering.enqueue(run, {"gamma": math.nan})
