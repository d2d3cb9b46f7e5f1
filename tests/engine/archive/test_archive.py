"""What is put into an archive comes out again, also for tools that know only Optuna."""

from __future__ import annotations

import copy
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from engine.archive import JOURNAL, STUDY, Archive, read
from engine.archive.cache import NAME as CACHE
from engine.domain.hypergradients import HypergradientFigures
from engine.domain.trials import Cause, FoldResult, HyperStepRecord, TrialRecord, TrialState
from engine.errors import RunError
from engine.space import Integer, SearchSpace
from engine.tuners.base import Proposal


def contents(archive) -> Any:
    """Everything an archive holds, as plain values."""
    return msgspec.to_builtins(
        (archive.trials, archive.proposals, archive.told, archive.study), str_keys=True
    )


def test_what_was_written_is_there_when_it_is_opened_again(open_archive, make, tmp_path):
    with open_archive() as archive:
        make.fill(archive)
        before = copy.deepcopy(contents(archive))
    with open_archive() as again:
        assert contents(again) == before
        assert again.told == [1, 0]
        assert again.trials[1].cause is Cause.TIMEOUT
        assert again.trials[2].state is TrialState.RUNNING
        assert again.trials[0].folds[1].warnings == ("ConvergenceWarning: no",)
        assert again.trials[0].configuration["kernel"] is True


def test_reading_gives_the_same_with_and_without_the_cache(open_archive, make, tmp_path):
    with open_archive() as archive:
        make.fill(archive)
        written = list(archive.trials.values())
    assert (tmp_path / CACHE).exists()
    assert read(tmp_path) == (written, {"looks": [1.5]})
    (tmp_path / CACHE).unlink()
    assert read(tmp_path) == (written, {"looks": [1.5]})


def test_several_values_are_kept_and_seen_by_optuna(make, tmp_path):
    def opened():
        return Archive(
            tmp_path,
            SearchSpace((Integer("depth", 1, 8),)),
            maximise=True,
            further_maximise=(False,),
        )

    with opened() as archive:
        for number in range(2):
            archive.begin(Proposal(number, number, {"depth": 1 + number}))
            archive.finish(number, TrialState.COMPLETE, value=0.5, further_values=(2.0 - number,))
    with opened() as again:
        assert [(t.value, t.further_values) for t in again.trials.values()] == [
            (0.5, (2.0,)),
            (0.5, (1.0,)),
        ]
    assert [t.further_values for t in read(tmp_path)[0]] == [(2.0,), (1.0,)]
    (tmp_path / CACHE).unlink()
    assert [t.further_values for t in read(tmp_path)[0]] == [(2.0,), (1.0,)]
    storage = JournalStorage(JournalFileBackend(str(tmp_path / JOURNAL)))
    study = optuna.load_study(study_name=STUDY, storage=storage)
    assert [d.name for d in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert [t.number for t in study.best_trials] == [1]


FIGURES = HypergradientFigures.of(
    {"loss": 0.7, "norm": 2.0, "growth": float("inf"), "inner_gradient": 1e-9}
)


@pytest.fixture
def by_gradient(tmp_path):
    """The folder of an archive of one hyper-step."""
    with Archive(tmp_path, SearchSpace(), maximise=False, record=HyperStepRecord) as archive:
        archive.begin(Proposal(0, 0, {}, origin="hypergradient"))
        archive.add_fold(FoldResult(0, 0, {"log_loss": 0.7}, hypergradient=FIGURES))
        archive.finish(0, TrialState.COMPLETE, value=0.7)
        assert type(archive.trials[0]) is HyperStepRecord
    return tmp_path


@pytest.mark.parametrize("cached", [True, False])
def test_a_hyper_step_is_a_record_of_its_own(by_gradient, cached):
    if not cached:
        (by_gradient / CACHE).unlink()
    ((step,), _) = read(by_gradient)
    assert isinstance(step, HyperStepRecord)
    assert (step.noun, step.candidate, step.configuration) == ("hyper-step", 0, {})
    assert step.folds[0].hypergradient == FIGURES
    assert (FIGURES.growth, FIGURES.further) == (None, {"inner_gradient": 1e-9})
    summed_up = step.step(1)
    assert (summed_up.loss, summed_up.norm, summed_up.growth) == (0.7, 2.0, None)
    assert step.step(2).loss is None, "a fold is missing"


def test_a_hyper_step_is_a_trial_for_optuna(by_gradient):
    storage = JournalStorage(JournalFileBackend(str(by_gradient / JOURNAL)))
    (trial,) = optuna.load_study(study_name=STUDY, storage=storage).trials
    assert (trial.value, trial.params) == (0.7, {})
    assert trial.user_attrs["fold:0"]["hypergradient"]["norm"] == 2.0


def test_a_writer_killed_before_it_noted_its_records_notes_them_later(by_gradient):
    journal = by_gradient / JOURNAL
    lines = journal.read_text().splitlines(keepends=True)
    (noted,) = [n for n, line in enumerate(lines) if '"hyper_step"' in line]
    journal.write_text("".join(lines[:noted]))
    with Archive(by_gradient, SearchSpace(), maximise=False, record=HyperStepRecord) as archive:
        archive.begin(Proposal(0, 0, {}))
    assert [type(trial) for trial in read(by_gradient)[0]] == [HyperStepRecord]


def test_records_of_an_unknown_kind_are_damage(open_archive, make, tmp_path):
    with open_archive() as archive:
        make.fill(archive)
        assert {type(trial) for trial in archive.trials.values()} == {TrialRecord}
        archive.note("record", "else")
    (tmp_path / CACHE).unlink()
    with pytest.raises(RunError) as caught:
        read(tmp_path)
    assert caught.value.code == "run.damaged"


def test_a_second_proposal_for_a_trial_is_part_of_it(open_archive, make):
    with open_archive() as archive:
        archive.begin(make.proposal(0))
        more = msgspec.structs.replace(make.proposal(0), number=1, folds=(2,))
        archive.begin(more)
        assert len(archive.trials) == 1
    with open_archive() as again:
        assert list(again.proposals) == [0, 1]
        assert again.proposals[1] == more


def test_a_run_is_gone_on_with(open_archive, make):
    with open_archive() as archive:
        make.fill(archive)
    with open_archive() as again:
        again.begin(make.proposal(3))
        again.add_fold(make.fold(2, 1))
        again.finish(2, TrialState.PRUNED, told=make.proposal(2))
    with open_archive() as last:
        assert last.told == [1, 0, 2]
        assert list(last.trials) == [0, 1, 2, 3]
        assert last.trials[2].state is TrialState.PRUNED
        assert list(last.trials[2].folds) == [0, 1]


steps = st.lists(
    st.one_of(
        st.just(("begin",)),
        st.tuples(st.just("fold"), st.integers(0, 7), st.integers(0, 4)),
        st.tuples(st.just("finish"), st.integers(0, 7), st.sampled_from(list(TrialState)[1:])),
        st.just(("reopen",)),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(steps)
def test_any_history_is_kept(make, history):
    with tempfile.TemporaryDirectory() as place:
        archive = make.archive(Path(place))
        for what, *values in history:
            trial = archive.trials.get(values[0]) if values else None
            if what == "begin":
                archive.begin(make.proposal(len(archive.trials)))
            elif what == "reopen":
                archive.close()
                archive = make.archive(Path(place))
            elif trial is None or trial.state is not TrialState.RUNNING:
                continue
            elif what == "fold":
                archive.add_fold(make.fold(*values))
            else:
                done = values[1] is TrialState.COMPLETE
                archive.finish(values[0], values[1], value=0.5 if done else None)
        before = contents(archive)
        archive.close()
        with make.archive(Path(place)) as again:
            assert contents(again) == before


# --- torn, stale and damaged files ---------------------------------------------------------------


def test_a_journal_torn_anywhere_opens_with_all_whole_lines(open_archive, make, tmp_path):
    with open_archive() as archive:
        make.fill(archive)
    whole = (tmp_path / JOURNAL).read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    shorter = None
    for end in [*range(last, len(whole), 7), len(whole) - 1]:
        (tmp_path / JOURNAL).write_bytes(whole[:end])
        found = read(tmp_path)
        assert (tmp_path / JOURNAL).read_bytes() == whole[:end]
        with open_archive() as torn:
            assert (tmp_path / JOURNAL).read_bytes() == whole[:last]
            assert (list(torn.trials.values()), torn.study) == found
            shorter = shorter or contents(torn)
            assert contents(torn) == shorter


def test_a_journal_without_a_whole_line_is_an_empty_run(open_archive, tmp_path):
    for content in (b"", b'{"op_code":0,"wor', b'{"op_code"' + b" " * 200_000):
        (tmp_path / JOURNAL).write_bytes(content)
        assert read(tmp_path) == ([], {})
        with open_archive() as archive:
            assert archive.trials == {}
        (tmp_path / JOURNAL).unlink()


@pytest.mark.parametrize(
    "line",
    [
        b'{"op_code":4,"tri\n',
        b"\x00\xff\n",
        b"[]\n",
        b'{"a":1}\n',
        b'{"op_code":8,"trial_id":"x"}\n',
        b'{"op_code":4,"study_id":0}\n',
        b'{"op_code":99}\n',
    ],
)
def test_damage_in_the_middle_is_named_and_nothing_is_changed(open_archive, make, tmp_path, line):
    with open_archive() as archive:
        make.fill(archive)
    (tmp_path / CACHE).unlink()
    lines = (tmp_path / JOURNAL).read_bytes().splitlines(keepends=True)
    lines[2] = line
    (tmp_path / JOURNAL).write_bytes(b"".join(lines))
    for opening in (open_archive, lambda: read(tmp_path)):
        with pytest.raises(RunError, match="line 3") as caught:
            opening()
        assert caught.value.code == "run.damaged"
    assert (tmp_path / JOURNAL).read_bytes() == b"".join(lines)


def test_reading_leaves_the_journal_alone(open_archive, make, tmp_path):
    with open_archive() as archive:
        make.fill(archive)
        (tmp_path / JOURNAL).chmod(0o444)
        os.utime(tmp_path / JOURNAL, (1e9, 1e9))
        before = (tmp_path / JOURNAL).read_bytes()
        trials, _ = read(tmp_path)  # while it is being written
        assert trials == list(archive.trials.values())
        assert (tmp_path / JOURNAL).read_bytes() == before
        assert (tmp_path / JOURNAL).stat().st_mtime == 1e9


def test_a_cache_that_does_not_fit_is_not_believed(open_archive, make, tmp_path):
    with open_archive() as archive:
        make.fill(archive)
    old = (tmp_path / CACHE).read_bytes()
    with open_archive() as archive:
        archive.add_fold(make.fold(2, 1))
        now = list(archive.trials.values())
    for content in (old, old[: len(old) // 2], b"", b"\xc1", b"\x90", b"[1, 2]"):
        (tmp_path / CACHE).write_bytes(content)
        assert read(tmp_path)[0] == now
        assert (tmp_path / CACHE).read_bytes() != content
        with open_archive() as archive:
            assert list(archive.trials.values()) == now


def test_a_cache_is_no_newer_than_what_was_read(open_archive, make, tmp_path, monkeypatch):
    with open_archive() as archive:
        make.fill(archive)
        from engine.archive import archive as module

        real = module.to_record

        def slowly(trial, kind):
            # The writer goes on while a reader reads.
            if 4 not in archive.trials[2].folds:
                archive.add_fold(make.fold(2, 4))
            return real(trial, kind)

        monkeypatch.setattr(module, "to_record", slowly)
        read(tmp_path)
        monkeypatch.undo()
        assert read(tmp_path)[0] == list(archive.trials.values())


def test_without_a_journal_there_is_no_run(tmp_path):
    with pytest.raises(RunError) as caught:
        read(tmp_path)
    assert caught.value.code == "run.none"


def test_a_trial_killed_while_it_was_being_finished_is_unfinished(open_archive, make, tmp_path):
    with open_archive() as archive:
        archive.begin(make.proposal(0))
        archive.add_fold(make.fold(0, 0))
        archive.finish(0, TrialState.FAILED, cause=Cause.ERROR, message="no")
    journal = tmp_path / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))  # its end is noted, its state is not
    with open_archive() as again:
        trial = again.trials[0]
        assert trial.state is TrialState.RUNNING
        assert (trial.ended, trial.cause, trial.message) == (None, None, "")
        again.finish(0, TrialState.COMPLETE, value=0.5)
    assert read(tmp_path)[0][0].cause is None


# --- other tools ---------------------------------------------------------------------------------


def test_optuna_sees_parameters_values_and_states(open_archive, make, tmp_path):
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend
    from optuna.trial import TrialState as Optuna

    with open_archive() as archive:
        make.fill(archive)
    storage = JournalStorage(JournalFileBackend(str(tmp_path / JOURNAL)))
    study = optuna.load_study(study_name=STUDY, storage=storage)
    assert study.direction is optuna.study.StudyDirection.MAXIMIZE
    assert [t.state for t in study.trials] == [Optuna.COMPLETE, Optuna.FAIL, Optuna.RUNNING]
    for trial in study.trials:
        assert trial.params == make.proposal(trial.number).configuration
        assert trial.datetime_start is not None
    assert study.best_trial.number == 0
    assert study.best_value == 0.25
    assert study.trials[0].duration is not None
    assert study.trials[1].user_attrs["fold:0"]["cause"] == "timeout"
    assert set(study.trials[1].distributions) == {"C", "depth", "kernel", "gamma"}


@pytest.mark.filterwarnings("ignore")
def test_optuna_dashboard_shows_the_run(open_archive, make, tmp_path):
    from wsgiref.util import setup_testing_defaults

    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend
    from optuna_dashboard import wsgi

    with open_archive() as archive:
        make.fill(archive)
    app = wsgi(JournalStorage(JournalFileBackend(str(tmp_path / JOURNAL))))

    def get(path: str) -> Any:
        environment: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
        environment["wsgi.input"] = io.BytesIO()
        setup_testing_defaults(environment)
        said: list[str] = []
        body = b"".join(app(environment, lambda status, *_: said.append(status)))
        assert said[0].startswith("200"), (said, body)
        return json.loads(body)

    studies = get("/api/studies")
    assert [s["study_name"] for s in studies["study_summaries"]] == [STUDY]
    details = get(f"/api/studies/{studies['study_summaries'][0]['study_id']}")
    assert [t["state"] for t in details["trials"]] == ["Complete", "Fail", "Running"]
    assert details["trials"][0]["values"] == [0.25]
    params = {p["name"]: p["param_external_value"] for p in details["trials"][1]["params"]}
    assert params == {"C": "0.2", "depth": "2", "kernel": "rbf", "gamma": "0.3"}
