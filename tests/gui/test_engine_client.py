"""The engine client before a real process: replies, crashes, hangs, garbage."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
import shiboken6
from PySide6.QtCore import QObject

from engine.plan import DataPlan
from engine.protocol import replies, requests
from gui import engine_client
from gui.engine_client import EngineClient
from gui.engine_process import EngineProcess


def open_table(name: str) -> requests.OpenTable:
    return requests.OpenTable(id=0, data=DataPlan(source=f"builtin:{name}"))


class Answers:
    """Collects what a request is answered with."""

    def __init__(self) -> None:
        self.replies: list[object] = []
        self.errors: list[replies.Failed] = []

    @property
    def count(self) -> int:
        return len(self.replies) + len(self.errors)


def test_the_engine_introduces_itself(client: EngineClient) -> None:
    assert client.welcome is not None
    assert client.catalog.learners[0].id == "svm"


def test_a_request_gets_its_reply(client: EngineClient, qtbot) -> None:
    answers = Answers()
    client.request(open_table("wine"), answers.replies.append, answers.errors.append)
    qtbot.waitUntil(lambda: answers.count == 1)
    reply = answers.replies[0]
    assert isinstance(reply, replies.TableOpened)
    assert reply.table.rows == 178


def test_a_refusal_goes_to_on_error(client: EngineClient, qtbot) -> None:
    answers = Answers()
    client.request(open_table("missing"), answers.replies.append, answers.errors.append)
    qtbot.waitUntil(lambda: answers.count == 1)
    assert answers.errors[0].code == "file.missing"


@pytest.mark.parametrize("name", ["garbage", "twice"])
def test_stray_lines_and_second_replies_are_dropped(client: EngineClient, qtbot, name: str) -> None:
    answers = Answers()
    client.request(open_table(name), answers.replies.append, answers.errors.append)
    after = Answers()
    client.request(requests.ListRuns(id=0), after.replies.append)
    qtbot.waitUntil(lambda: after.count == 1)
    assert answers.count == 1


def test_a_cancelled_request_stays_silent(client: EngineClient, qtbot) -> None:
    answers = Answers()
    number = client.request(open_table("late"), answers.replies.append, answers.errors.append)
    client.cancel(number)
    after = Answers()
    client.request(requests.ListRuns(id=0), after.replies.append)
    qtbot.waitUntil(lambda: after.count == 1)
    assert answers.count == 0


def test_nobody_is_called_once_the_owner_is_gone(client: EngineClient, qtbot) -> None:
    answers, owner = Answers(), QObject()
    client.request(open_table("wine"), answers.replies.append, owner=owner)
    shiboken6.delete(owner)
    after = Answers()
    client.request(requests.ListRuns(id=0), after.replies.append)
    qtbot.waitUntil(lambda: after.count == 1)
    assert answers.count == 0


def test_a_crash_fails_what_was_pending_and_starts_a_new_engine(
    client: EngineClient, qtbot, tmp_path: Path
) -> None:
    answers, before = Answers(), client.pid
    with qtbot.waitSignals([client.crashed, client.ready]):
        client.request(open_table("crash"), answers.replies.append, answers.errors.append)
    assert [error.code for error in answers.errors] == ["engine.lost"]
    assert client.pid not in (0, before)
    assert "a fault" in (tmp_path / "engine.log").read_text()


def test_a_request_while_the_engine_is_down_fails_later_not_at_once(
    qtbot, command: list[str], tmp_path: Path
) -> None:
    client, answers = EngineClient(EngineProcess(command, tmp_path / "log")), Answers()
    client.request(requests.ListRuns(id=0), answers.replies.append, answers.errors.append)
    assert answers.count == 0
    qtbot.waitUntil(lambda: len(answers.errors) == 1)


def test_an_engine_that_dies_again_and_again_is_left_to_the_person(qtbot, tmp_path: Path) -> None:
    client = EngineClient(
        EngineProcess([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log")
    )
    crashes: list[str] = []
    client.crashed.connect(crashes.append)
    with qtbot.waitSignal(client.gave_up):
        client.start()
    assert len(crashes) == engine_client.RESTARTS + 1
    assert "exit status 3" in crashes[0]


def test_a_program_that_is_not_there_is_said_once(qtbot, tmp_path: Path) -> None:
    client = EngineClient(EngineProcess([str(tmp_path / "no-such-program")], tmp_path / "log"))
    with qtbot.waitSignal(client.gave_up) as said:
        client.start()
    assert "can't be started" in said.args[0]


def test_a_silent_engine_is_noticed_and_can_be_replaced(client: EngineClient, qtbot) -> None:
    client.request(open_table("hang"))
    client._watch.start(1)  # seconds pass quickly
    with qtbot.waitSignal(client.responsive) as said:
        pass
    assert said.args == [False]
    client._watch.start(1000)
    before = client.pid
    with qtbot.waitSignal(client.ready):
        client.restart()
    assert client.pid != before


def test_shutdown_ends_even_a_hanging_engine(
    client: EngineClient, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.engine_process.SHUTDOWN_MS", 100)
    client.request(open_table("hang"))
    process = psutil.Process(client.pid)
    client.shutdown()
    assert not process.is_running()


def test_events_come_in_order_and_in_batches(client: EngineClient, qtbot, plan) -> None:
    said: list[str] = []
    client.trials.connect(lambda batch: said.append(f"trials {len(batch)}"))
    client.progress.connect(lambda progress: said.append(f"progress {progress.evaluations:g}"))
    client.run_changed.connect(lambda event: said.append(event.state))
    client.request(requests.Start(id=0, plan=plan))
    qtbot.waitUntil(lambda: "progress 2" in said)
    client.request(requests.Stop(id=0))
    qtbot.waitUntil(lambda: "stopped" in said)
    assert said == ["running", "trials 2", "progress 2", "trials 1", "stopped"]


def test_the_real_engine_is_found_from_anywhere(qtbot, tmp_path: Path) -> None:
    client = EngineClient(EngineProcess(log=tmp_path / "log"))
    with qtbot.waitSignal(client.ready):
        client.start()
    assert client.welcome is not None
    assert {learner.id for learner in client.catalog.learners} >= {"svm", "random_forest"}
    client.shutdown()
