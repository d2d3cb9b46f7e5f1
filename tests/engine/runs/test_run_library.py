"""Runs on disk: made whole or not at all, listed, and never lost."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.archive import JOURNAL, Archive
from engine.domain.trials import FoldResult, TrialState
from engine.errors import InputError, RunError
from engine.plan import Budget, DataPlan, Plan
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.tuners.base import Proposal

WINE = DataPlan("builtin:wine", target="target", task="multiclass")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def plan() -> Plan:
    changes = {"learner.id": "svm", "method.id": "random", "budget.evaluations": 2}
    return planning.draft(WINE, workers_available=1, changes=changes).plan


@pytest.fixture
def make(plan: Plan):
    """Makes a run with some trials, as an interrupted or a finished search leaves it."""

    def run(folder: Path, trials: int = 2, *, finished: bool = True) -> Path:
        files.create(folder, plan, planning.load_data(plan.data))
        with Archive(folder, plan.space, maximise=True) as archive:
            for number in range(trials):
                archive.begin(Proposal(number, number, {"C": 1.0, "gamma": 0.5 + number}))
                archive.finish(number, TrialState.COMPLETE, value=0.5 + number / 10)
            archive.note(run_library.STATE, "finished" if finished else "running")
        return folder

    return run


def test_a_run_is_listed_with_what_it_found(make, home: Path) -> None:
    folder = make(home / "runs" / "a", 2)
    (found,) = run_library.list_runs()
    assert (found.path, found.name, found.state) == (str(folder), "a", "finished")
    assert (found.trials, found.best, found.test) == (2, 0.6, None)
    assert (found.learner, found.data, found.target) == ("svm", "builtin:wine", "target")


def test_states(make, home: Path, plan: Plan) -> None:
    folder = make(home / "runs" / "a", finished=False)
    assert run_library.summary(folder).state == "interrupted"
    with Archive(folder, plan.space, maximise=True) as archive:
        assert run_library.summary(folder).state == "running"
        archive.note(run_library.STATE, "paused")
    assert run_library.summary(folder).state == "paused"
    (folder / JOURNAL).unlink()  # killed before its first trial
    (folder / "cache.msgpack").unlink()
    assert run_library.summary(folder).state == "interrupted"


def test_newest_first_and_a_damaged_run_spoils_nothing(make, home: Path) -> None:
    make(home / "runs" / "old")
    broken = make(home / "runs" / "broken")
    (broken / "cache.msgpack").unlink()
    journal = (broken / JOURNAL).read_bytes().splitlines(keepends=True)
    (broken / JOURNAL).write_bytes(b"".join([journal[0], b"rubbish\n", *journal[1:]]))
    newer = make(home / "runs" / "newer format")
    tree = msgspec.json.decode((newer / "plan.json").read_bytes())
    (newer / "plan.json").write_bytes(msgspec.json.encode({**tree, "format": 99}))
    (home / "runs" / "notes").mkdir()
    (home / "runs" / "stray.txt").write_text("x")
    runs = {run.name: run for run in run_library.list_runs()}
    assert set(runs) == {"old", "broken", "newer format"}
    assert runs["old"].state == "finished"
    assert runs["broken"].state == "damaged"
    assert "line 2" in runs["broken"].problem
    assert "newer Tunesmith" in runs["newer format"].problem
    created = [run.created for run in run_library.list_runs()]
    assert created == sorted(created, reverse=True)


def test_a_run_elsewhere_is_listed_by_reference(make, tmp_path: Path) -> None:
    folder = make(tmp_path / "elsewhere" / "run")
    run_library.remember(folder)
    run_library.remember(folder)
    assert [run.path for run in run_library.list_runs()] == [str(folder)]
    shutil.rmtree(folder)
    assert run_library.list_runs() == []
    (run_library.library() / run_library.REFERENCES).write_text("not a list")
    assert run_library.list_runs() == []


def test_deleting_moves_and_removes_nothing(make, home: Path, tmp_path: Path) -> None:
    held = {}
    for place in (home / "runs" / "a", tmp_path / "x" / "a"):
        folder = make(place)
        run_library.remember(folder)
        held = {file.name: file.read_bytes() for file in folder.iterdir()}
        moved = run_library.delete(folder)
        assert not folder.exists()
        assert moved.parent == home / "runs" / "deleted"
        assert {file.name: file.read_bytes() for file in moved.iterdir()} == held
    assert run_library.list_runs() == []
    assert len(list((home / "runs" / "deleted").iterdir())) == 2


def test_a_run_in_use_is_not_deleted(make, home: Path, plan: Plan) -> None:
    folder = make(home / "runs" / "a")
    with (
        Archive(folder, plan.space, maximise=True),
        pytest.raises(RunError, match="in use"),
    ):
        run_library.delete(folder)
    assert (folder / JOURNAL).exists()


def test_new_folders_are_free_and_named_after_what_they_hold(plan: Plan, home: Path) -> None:
    first = run_library.new_folder(plan)
    assert first.parent == home / "runs"
    assert first.name.startswith("wine-svm-")
    first.mkdir(parents=True)
    assert run_library.new_folder(plan) != first
    odd = msgspec.structs.replace(plan, data=DataPlan("/elsewhere/größe: 5.csv"))
    assert run_library.new_folder(odd).name.isascii()


@pytest.mark.parametrize("part", ["data.arrow", "plan.json"])
def test_a_run_is_made_whole_or_not_at_all(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    replace = os.replace

    def full(source: os.PathLike[str], target: os.PathLike[str]) -> None:
        if Path(target).name == part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    there = tmp_path / "there"
    there.mkdir()
    for folder in (there, tmp_path / "new" / "deep" / "run"):
        with pytest.raises(InputError) as caught:
            files.create(folder, plan, planning.load_data(plan.data))
        assert caught.value.code == "out.not_writable"
        assert os.strerror(errno.ENOSPC) in str(caught.value)
    assert list(there.iterdir()) == []
    assert not (tmp_path / "new").exists()


def test_a_plan_is_replaced_whole(make, home: Path, plan: Plan) -> None:
    folder = make(home / "runs" / "a")
    more = msgspec.structs.replace(plan, budget=Budget(evaluations=99))
    files.save_plan(folder, more)
    assert files.load_plan(folder) == more
    assert not list(folder.glob("*.new"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"learner": 3}'])
def test_a_result_that_can_not_be_read_is_none(make, home: Path, content: bytes) -> None:
    folder = make(home / "runs" / "a")
    (folder / files.RESULT).write_bytes(content)
    assert files.load_result(folder) is None


def test_a_budget_already_spent_is_refused(make, home: Path, plan: Plan) -> None:
    folder = make(home / "runs" / "a", 0)
    for budget in (None, Budget(evaluations=-1)):
        with pytest.raises(InputError):
            planning.to_resume(folder, budget)
    assert planning.to_resume(folder, Budget(evaluations=7)).budget.evaluations == 7
    assert files.load_plan(folder) == plan  # not saved before the run is locked


@pytest.mark.parametrize(
    ("finished", "ends", "kept"),
    [
        (True, {"target": 0.99, "stagnation": 7}, {"target", "stagnation"}),
        (True, {"target": 0.65, "stagnation": 7}, {"stagnation"}),
        (True, {"target": 0.99, "stagnation": 2}, {"target"}),
        (True, {"target": 0.99, "stagnation": 3}, {"target", "stagnation"}),
        (False, {"target": 0.65, "stagnation": 2}, {"target", "stagnation"}),
    ],
)
def test_a_larger_budget_keeps_the_other_ends_unless_they_have_ended_the_search(
    home: Path, plan: Plan, finished: bool, ends: dict[str, Any], kept: set[str]
) -> None:
    folder = home / "runs" / "a"
    bounded = msgspec.structs.replace(plan, budget=Budget(evaluations=3, seconds=60, **ends))
    files.create(folder, bounded, planning.load_data(plan.data))
    with Archive(folder, plan.space, maximise=True) as archive:
        for number, score in enumerate((0.7, 0.5, 0.6)):  # two evaluations without improvement
            archive.begin(Proposal(number, number, {"C": 1.0, "gamma": 0.5 + number}))
            for fold in range(plan.evaluation.resampling.n_folds):
                scores = {plan.evaluation.measure: score}
                archive.add_fold(FoldResult(trial=number, fold=fold, scores=scores))
            archive.finish(number, TrialState.COMPLETE, value=score)
        archive.note(run_library.STATE, "finished" if finished else "running")
    budget = planning.larger(folder, 9, None)
    assert budget == Budget(evaluations=9, **{name: ends[name] for name in kept})
    assert planning.larger(folder, None, None) is None


def test_a_search_in_plan_is_the_guides_unless_set() -> None:
    free = planning.draft(WINE, workers_available=1)
    assert planning.problems(free.plan) == ()
    changes = {"evaluation.measure": "log_loss", "seed": 4, "evaluation.test_share": 0.3}
    bound = planning.draft(WINE, workers_available=1, changes=changes)
    assert bound.plan.evaluation.measure == "log_loss"
    assert (bound.train_rows, bound.test_rows) == (124, 54)
