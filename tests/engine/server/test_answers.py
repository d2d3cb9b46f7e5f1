"""Requests that leave the engine as it was, and lines that are none."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.plan import DataPlan, LearnerPlan
from engine.protocol import base, events, replies, requests

WINE = DataPlan("builtin:wine", target="target")


def test_hello(engine) -> None:
    welcome = engine.ask(requests.Hello)
    assert isinstance(welcome, replies.Welcome)
    assert welcome.version == base.VERSION
    assert {"auto", "random", "tpe", "gp"} <= {card.id for card in welcome.catalog.methods}
    assert welcome.workers >= 1
    assert Path(welcome.library).name == "runs"


def test_a_table_is_opened(engine) -> None:
    table = engine.ask(requests.OpenTable, data=DataPlan("builtin:wine")).table
    assert table.rows == 178
    assert table.suggested_target == "target"
    settled = engine.ask(requests.OpenTable, data=WINE).table.data
    assert settled.task == "multiclass"
    assert settled.sha256


def test_what_is_wrong_with_a_table_comes_as_a_sentence(engine, tmp_path: Path) -> None:
    failed = engine.ask(requests.OpenTable, data=DataPlan(str(tmp_path / "none.csv")))
    assert isinstance(failed, replies.Failed)
    assert failed.code == "file.missing"
    assert "none.csv" in failed.sentence
    assert failed.details == ""


def test_advice_keeps_what_the_person_has_set(engine) -> None:
    changes = {"evaluation.resampling.folds": 4, "seed": 9}
    advised = engine.ask(requests.Advise, data=WINE, learner="svm", changes=changes)
    assert advised.plan.learner.id == "svm"
    assert advised.plan.evaluation.resampling.folds == 4
    assert advised.plan.seed == 9
    assert advised.advice.method[0].reason
    assert advised.train_rows + advised.test_rows == 178
    assert engine.ask(requests.Check, plan=advised.plan).problems == ()


def test_problems_name_their_field(engine, plan) -> None:
    bad = msgspec.structs.replace(plan(), learner=LearnerPlan("oracle"), workers=0)
    problems = engine.ask(requests.Check, plan=bad).problems
    assert {"learner.id", "workers"} <= {problem.field for problem in problems}
    failed = engine.ask(requests.Start, plan=bad)
    assert isinstance(failed, replies.Failed)


def test_a_probe_tells_what_a_fold_costs(engine, plan) -> None:
    probe = engine.ask(requests.Probe, plan=plan()).probe
    assert 0 < probe.seconds < 30
    assert probe.evaluation_seconds == pytest.approx(3 * probe.seconds)
    assert 0.5 < probe.score <= 1
    assert 1 <= len(probe.fold_scores["accuracy"]) <= 3
    assert probe.resampling == plan().evaluation.resampling


def test_a_probe_is_cancelled(engine, plan) -> None:
    slow = plan(
        learner__id="random_forest",
        learner__fixed={"n_estimators": 5000},
        space={"parameters": [{"type": "float", "name": "max_features", "low": 0.1, "high": 1.0}]},
    )
    number = engine.send(requests.Probe, plan=slow)
    assert isinstance(engine.ask(requests.Cancel, request=number), replies.Done)
    failed = engine.reply(number)
    assert isinstance(failed, replies.Failed)
    assert failed.code == "cancelled"
    assert isinstance(engine.ask(requests.Probe, plan=plan()), replies.Probed)


def test_cancelling_what_is_over_is_harmless(engine) -> None:
    number = engine.send(requests.ListRuns)
    engine.reply(number)
    assert isinstance(engine.ask(requests.Cancel, request=number), replies.Done)
    assert isinstance(engine.ask(requests.Cancel, request=10**6), replies.Done)


@pytest.mark.parametrize(
    "kind", [requests.Pause, requests.Resume, requests.Stop], ids=lambda kind: kind.__name__
)
def test_commands_need_a_search(engine, kind: type) -> None:
    assert engine.ask(kind).code == "run.none_running"
    assert engine.ask(requests.KillTrial, number=0).code == "run.none_running"


@pytest.mark.parametrize(
    "kind",
    [
        requests.OpenRun,
        requests.ResumeRun,
        requests.Discard,
        requests.DeleteRun,
        requests.Results,
        requests.Importances,
        requests.Surrogate,
    ],
    ids=lambda kind: kind.__name__,
)
def test_folders_that_are_no_runs(engine, tmp_path: Path, kind: type) -> None:
    failed = engine.ask(kind, path=str(tmp_path))
    assert isinstance(failed, replies.Failed)
    assert failed.code == "run.none"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_taken(engine, plan, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert engine.ask(requests.Start, plan=plan(), out=str(tmp_path)).code == "out.not_empty"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"{",
        b"[]",
        b"17",
        b"\xff\xfe\x00",
        b'{"type":"Hello"}',
        b'{"type":"Hello","id":"one"}',
        b'{"type":"Teleport","id":7}',
        b'{"a":7}',
        b'{"type":["Hello"]}',
        b'{"type":{"a":1}}',
        b"[" * 100_000,
    ],
    ids=lambda line: repr(line[:30]),
)
def test_lines_that_are_no_requests_do_no_harm(engine, line: bytes) -> None:
    said = "WARNING MainThread engine.server.server: "
    before = engine.logged().count(said)
    engine.write(line + b"\n")
    assert isinstance(engine.ask(requests.Hello), replies.Welcome)
    assert engine.logged().count(said) == before + 1


@pytest.mark.parametrize(
    "line", [b'{"type":"OpenTable","id":800001}', b'{"type":"Check","id":800001,"plan":{}}']
)
def test_requests_that_make_no_sense_are_answered(engines, line: bytes) -> None:
    engine = engines()
    engine.write(line + b"\n")
    failed = engine.reply(800001)
    assert failed.code == "protocol.malformed"
    assert "data" in failed.sentence


def test_fields_of_a_later_version_are_ignored(engine) -> None:
    number = engine.send(requests.ListRuns)
    engine.reply(number)
    engine.write(b'{"type":"ListRuns","id":900001,"colour":"red"}\n')
    assert isinstance(engine.reply(900001), replies.Runs)


def test_a_heartbeat_comes_every_second(engine) -> None:
    first, second = (engine.wait(events.Heartbeat) for _ in range(2))
    assert second.seq > first.seq
