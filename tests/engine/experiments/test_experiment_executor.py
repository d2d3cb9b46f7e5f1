"""Experiments carried out: fair, in one sitting or in several, and made larger later."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine import plan as plans
from engine.archive import read
from engine.data.table_store import load_arrow
from engine.domain.comparison import DEFAULT
from engine.errors import InputError, RunError
from engine.experiments import compose
from engine.experiments.collect_results import comparison_of
from engine.experiments.experiment import load, member_folder, slots
from engine.experiments.experiment_executor import ExperimentExecutor
from engine.experiments.experiment_library import list_experiments, summary
from engine.objective.fold_data import FoldData
from engine.runs import folder as files
from engine.runs import run_library
from engine.testing.experiments import FUNCTIONS, RecordingListener, carry_out, methods, outline
from engine.testing.inline_workers import InlineWorkers


def test_a_comparison_has_all_scores_and_both_references(make) -> None:
    folder = make("tpe")
    listener = RecordingListener()
    carry_out(folder, listener)
    found = comparison_of(folder)
    assert [c.name for c in found.contenders] == ["tpe", "random", DEFAULT]
    assert [c.reference for c in found.contenders] == [False, True, True]
    assert found.judge == "test"
    assert found.scores("test").shape == (1, 3, 2)
    assert np.isfinite(found.scores("test")).all()
    assert np.isfinite(found.scores("validation")).all()
    assert (found.cases[0].search_rows, found.cases[0].test_rows) == (142, 36)
    for member in found.members:
        assert member.state == "finished"
        if member.contender != DEFAULT:
            assert (member.trials, member.evaluations) == (3, 3)
            assert member.curve.evaluations[-1] == 3
            assert member.curve.score[-1] == member.validation
            assert member.curve.seconds[-1] == pytest.approx(member.seconds)
            default = found.member(member.case, DEFAULT, member.repetition)
            assert default is not None
            assert member.curve.score[0] == default.validation
    last = listener.progress[-1]
    assert (last.done, last.total, last.fraction, last.left) == (4, 4, 1.0, 0.0)
    fractions = [each.fraction for each in listener.progress]
    assert fractions == sorted(fractions)
    ended = [m for m in listener.members if m.state == "finished"]
    assert all(m in ended for m in found.members)
    assert summary(folder).state == "finished"


def test_within_a_repetition_all_share_seed_folds_and_test_rows(make) -> None:
    folder = make("tpe", "rf_bo")
    carry_out(folder)
    experiment = load(folder)
    drawn = {}
    for slot in slots(experiment):
        problem = FoldData(member_folder(folder, experiment, slot))
        rows = [problem.plan.seed, problem.rows.tolist(), problem.test[0].tolist()]
        rows += [[a.tolist(), b.tolist()] for a, b in problem.folds]
        drawn.setdefault(slot.repetition, []).append(rows)
    assert [len(same) for same in drawn.values()] == [3, 3]
    for same in drawn.values():
        assert same[0] == same[1] == same[2]
    assert drawn[0][0][0] != drawn[1][0][0]
    assert drawn[0][0][2] != drawn[1][0][2]


def test_blocks_are_complete_and_shuffled_each_on_its_own(make) -> None:
    experiment = load(make("tpe", "rf_bo", "gp", repetitions=6))
    order = [(s.repetition, s.contender.name) for s in slots(experiment)]
    assert [r for r, _ in order] == sorted(r for r, _ in order)
    blocks = [tuple(n for r, n in order if r == block) for block in range(6)]
    assert all(sorted(block) == ["gp", "random", "rf_bo", "tpe"] for block in blocks)
    assert len(set(blocks)) > 1
    assert order == [(s.repetition, s.contender.name) for s in slots(experiment)]


class Leaving(RecordingListener):
    """Leaves when it has heard how things stand so many times."""

    def __init__(self, moment: int) -> None:
        super().__init__()
        self._moment = moment

    def progressed(self, progress) -> None:
        super().progressed(progress)
        if len(self.progress) == self._moment:
            assert self.executor is not None
            self.executor.control.abandon()


@pytest.mark.parametrize("moments", [(1, 4), (2, 3, 9)])
def test_left_again_and_again_it_ends_as_if_nothing_had_been(make, moments) -> None:
    whole = make("tpe", name="whole")
    carry_out(whole)
    folder = make("tpe", name="broken")
    for moment in moments:
        executor = carry_out(folder, Leaving(moment))
        assert executor.control.abandoned
    carry_out(folder)
    assert outline(folder) == outline(whole)
    assert strip(comparison_of(folder)) == strip(comparison_of(whole))


def strip(comparison):
    """But for times and places."""
    tree = msgspec.to_builtins(comparison)
    for member in tree["members"]:
        for key in ("path", "seconds", "fit_seconds"):
            member.pop(key)
        member["curve"].pop("seconds")
    return {**tree, "path": ""}


def test_a_pause_reaches_the_member_under_way_and_the_next_ones(make) -> None:
    folder = make("tpe", repetitions=1)

    class Pausing(RecordingListener):
        def progressed(self, progress) -> None:
            super().progressed(progress)
            if len(self.progress) == 2:
                self.executor.control.pause()

        def paused(self, error) -> None:
            super().paused(error)
            self.executor.control.resume()

    listener = Pausing()
    carry_out(folder, listener)
    assert listener.pauses == [None, "resumed"]
    assert summary(folder).state == "finished"


def test_more_methods_and_repetitions_keep_what_is_done(make) -> None:
    folder = make("tpe", repetitions=1)
    carry_out(folder)
    before = outline(folder)
    stamps = {run: (folder / "runs" / run / "journal.log").stat().st_mtime_ns for run in before}
    compose.extend(folder, methods("random", "sobol"), 2)
    assert summary(folder).state == "interrupted"
    carry_out(folder)
    after = outline(folder)
    assert len(after) == 6
    assert {run: after[run] for run in before} == before
    for run, stamp in stamps.items():
        assert (folder / "runs" / run / "journal.log").stat().st_mtime_ns == stamp
    found = comparison_of(folder)
    assert [(c.name, c.reference) for c in found.contenders] == [
        ("tpe", False),
        ("random", False),
        ("sobol", False),
        (DEFAULT, True),
    ]
    assert np.isfinite(found.scores()).all()
    with pytest.raises(InputError, match="kept"):
        compose.extend(folder, repetitions=1)
    with pytest.raises(InputError, match="tpe"):
        compose.extend(folder, methods("tpe"))


def test_a_member_that_keeps_failing_leaves_the_others_alone(make) -> None:
    folder = make("tpe", repetitions=1, trials=8)
    broken = dict(FUNCTIONS)

    def fails(run, *args):
        if "tpe" in Path(run).name:
            raise ValueError("it can't be fitted")
        return FUNCTIONS["engine.objective.fold_job:evaluate_fold"](run, *args)

    broken["engine.objective.fold_job:evaluate_fold"] = fails
    executor = ExperimentExecutor(folder, InlineWorkers(1, broken), RecordingListener())
    try:
        assert executor.run()
    finally:
        executor.close()
    (problem,) = executor.problems
    assert "can't be fitted" in problem
    found = comparison_of(folder)
    tpe = found.member(found.cases[0].name, "tpe", 0)
    assert tpe is not None
    assert tpe.state == "failed"
    assert "can't be fitted" in tpe.problem
    assert math.isnan(found.scores()[0, 0, 0])
    assert np.isfinite(found.scores()[0, 1:, 0]).all()
    assert summary(folder).state == "interrupted"  # it is tried again


def test_it_needs_the_table_no_more(make, plan, tmp_path: Path) -> None:
    folder = make("tpe", repetitions=1)
    experiment = load(folder)
    carry_out(folder)
    runs = [member_folder(folder, experiment, slot) for slot in slots(experiment)]
    tables = [(run / files.DATA).stat() for run in runs]
    assert len({table.st_ino for table in tables}) == 1  # one file, not one a run
    assert len(load_arrow(runs[0] / files.DATA).target) == 178


def test_its_runs_are_listed_under_it(make, home: Path) -> None:
    folder = make("tpe", repetitions=1)
    carry_out(folder)
    run_library.remember(folder)
    experiment = load(folder)
    run = member_folder(folder, experiment, slots(experiment)[0])
    run_library.remember(run)
    assert run_library.list_runs() == []
    (listed,) = list_experiments()
    assert (listed.path, listed.done, listed.total) == (str(folder), 2, 2)
    assert listed.contenders == ("Tree-structured Parzen estimator (TPE)", "Random search")
    assert run_library.summary(run).state == "finished"  # and it opens like any other
    moved = run_library.delete(folder)
    assert list_experiments() == []
    assert summary(moved).state == "finished"


def test_two_cases_and_only_one_at_work(make, plan) -> None:
    folder = make("tpe", repetitions=1, plans=[plan(2), plan(2, learner__id="elastic_net")])
    executor = ExperimentExecutor(folder, InlineWorkers(1, FUNCTIONS), RecordingListener())
    try:
        with pytest.raises(RunError, match="in use"):
            ExperimentExecutor(folder, InlineWorkers(1, FUNCTIONS), RecordingListener())
        with pytest.raises(RunError, match="in use"):
            compose.extend(folder, repetitions=3)
        assert executor.run()
    finally:
        executor.close()
    found = comparison_of(folder)
    assert [case.name for case in found.cases] == ["wine, svm", "wine, elastic_net"]
    assert found.scores().shape == (2, 3, 1)
    assert np.isfinite(found.scores()).all()
    first = read(member_folder(folder, load(folder), slots(load(folder))[0]))[0]
    assert first[0].origin == "default"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"repetitions": 0}, "experiment.repetitions"),
        ({"kind": "nested", "repetitions": 1}, "experiment.repetitions"),
        ({"ids": ("tpe", "tpe")}, "experiment.name"),
        ({"ids": ()}, "experiment.empty"),
        ({"ids": ("nsga2",)}, "usage"),
        ({"kind": "nested", "repetitions": 100}, "usage"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(make, tmp_path, changes, code):
    ids = changes.pop("ids", ("tpe",)) if "ids" in changes else ("tpe",)
    with pytest.raises(InputError) as caught:
        make(*ids, **changes)
    assert caught.value.code == code
    assert not (tmp_path / "experiment").exists()


def test_a_budget_must_be_equal_and_of_work_or_time(make, plan) -> None:
    with pytest.raises(InputError, match="same budget"):
        make("tpe", plans=[plan(2), plan(3)])
    endless = plans.replace(plan(), {"budget.evaluations": None, "budget.target": 0.9})
    with pytest.raises(InputError, match="in full evaluations or in seconds"):
        make("tpe", plans=[endless])


def test_a_damaged_or_newer_experiment_says_so(make) -> None:
    folder = make("tpe")
    path = folder / "experiment.json"
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"format": 1', b'"format": 9', 1)[: len(text)])
    tree = msgspec.json.decode(text)
    path.write_bytes(msgspec.json.encode({**tree, "format": 9}))
    with pytest.raises(InputError, match="newer Tunesmith"):
        load(folder)
    assert summary(folder).state == "damaged"
    path.write_bytes(b"{}")
    with pytest.raises(InputError, match="not a comparison Tunesmith can read"):
        load(folder)
