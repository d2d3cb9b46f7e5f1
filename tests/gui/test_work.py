"""Where a search or a comparison stands: what is asked, answered, refused, and lost."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from engine.protocol import replies, requests
from gui.view_states import WorkState
from gui.work import Work

REFUSED = replies.Failed(id=1, code="run.busy", sentence="A search is running.")
OPEN = requests.OpenRun(id=0, path="/runs/one")


class Client(QObject):
    """Keeps requests, for the test to answer."""

    crashed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[requests.Request] = []

    def request(self, message, on_reply=None, on_error=None, *, owner=None) -> int:
        self.asked.append(message)
        self.reply, self.refuse = on_reply, on_error
        return len(self.asked)


class Search(Work[WorkState]):
    NOUN = "search"

    def open(self) -> None:
        self._enter(WorkState(path="/runs/one", phase="opening"), OPEN, self._opened)

    def follow(self, **fields: Any) -> None:
        """As an event of the engine would have it."""
        self._set(**fields)

    def _opened(self, phase: Any) -> None:
        self._set(phase=phase)


@pytest.fixture
def client(qapp) -> Client:
    return Client()


@pytest.fixture
def search(client: Client) -> Search:
    return Search(client, WorkState())  # type: ignore[arg-type]


@pytest.fixture
def phases(search: Search) -> list[str]:
    """The phases that were told."""
    told: list[str] = []
    search.changed.connect(lambda state: told.append(state.phase))
    return told


@pytest.fixture
def refusals(search: Search) -> list[replies.Failed]:
    told: list[replies.Failed] = []
    search.failed.connect(told.append)
    return told


@pytest.mark.parametrize(
    ("command", "request_type"),
    [("pause", requests.Pause), ("resume", requests.Resume), ("stop", requests.Stop)],
)
def test_a_command_is_sent_and_the_state_waits_for_the_engine(
    search, client, phases, refusals, command, request_type
):
    search.follow(phase="running")
    getattr(search, command)()
    assert [type(message) for message in client.asked] == [request_type]
    client.refuse(REFUSED)
    assert refusals == [REFUSED]
    assert phases == ["running"]


def test_it_is_opening_until_it_is_opened(search, client, phases):
    search.open()
    assert (search.state.phase, search.state.present, search.state.active) == (
        "opening",
        False,
        False,
    )
    client.reply("paused")
    assert (search.state.path, search.state.present, search.state.active) == (
        "/runs/one",
        True,
        True,
    )
    assert phases == ["opening", "paused"]


def test_what_is_refused_leaves_what_was_shown_before(search, client, phases, refusals):
    search.follow(path="/runs/old", phase="finished")
    search.open()
    client.refuse(REFUSED)
    assert (search.state.path, search.state.phase) == ("/runs/old", "finished")
    assert phases == ["finished", "opening", "finished"]
    assert refusals == [REFUSED]


def test_a_refusal_does_not_undo_what_the_engine_has_said_since(search, client, refusals):
    search.open()
    search.follow(phase="failed")
    client.refuse(REFUSED)
    assert search.state.phase == "failed"
    assert refusals == [REFUSED]


@pytest.mark.parametrize("phase", ["starting", "running", "paused", "finishing"])
def test_a_crash_interrupts_what_is_under_way(search, client, phase):
    search.follow(phase=phase)
    client.crashed.emit("The engine ended.")
    assert search.state.phase == "interrupted"
    assert search.state.sentence == "The engine ended. Nothing is lost: resume the search."


@pytest.mark.parametrize("phase", ["none", "opening", "finished", "stopped", "failed"])
def test_a_crash_changes_nothing_where_nothing_runs(search, client, phases, phase):
    search.follow(phase=phase)
    told = len(phases)
    client.crashed.emit("The engine ended.")
    assert (search.state.phase, len(phases)) == (phase, told)


def test_the_same_state_is_not_told_again(search, phases):
    search.follow(phase="running")
    search.follow(phase="running")
    assert phases == ["running"]
