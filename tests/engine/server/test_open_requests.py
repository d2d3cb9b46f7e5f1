"""Every request gets exactly one reply, whoever is first."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from engine.errors import Cancelled, RunError
from engine.protocol import replies
from engine.server.open_requests import OpenRequests


def test_the_first_reply_is_the_only_one() -> None:
    sent: list[Any] = []
    pending = OpenRequests(sent.append)
    pending.add(1)
    pending.reply(replies.Done(id=1))
    pending.fail(1, RunError("run.busy"))
    assert sent == [replies.Done(id=1)]


def test_what_was_never_asked_is_not_answered() -> None:
    sent: list[Any] = []
    OpenRequests(sent.append).reply(replies.Done(id=7))
    assert sent == []


def test_the_work_for_a_cancelled_request_sees_it_and_ends_unheard() -> None:
    sent: list[Any] = []
    pending = OpenRequests(sent.append)
    pending.add(1)
    assert not pending.cancelled(1)
    assert pending.cancel(1)
    assert pending.cancelled(1)
    pending.fail(1, Cancelled())
    assert [reply.code for reply in sent] == ["cancelled"]
    assert not pending.cancelled(1)


def test_what_is_answered_cannot_be_cancelled() -> None:
    sent: list[Any] = []
    pending = OpenRequests(sent.append)
    pending.add(1)
    pending.reply(replies.Done(id=1))
    assert not pending.cancel(1)
    assert not pending.cancelled(1)
    assert len(sent) == 1


def test_giving_up_ends_the_work_without_a_word() -> None:
    sent: list[Any] = []
    pending = OpenRequests(sent.append)
    pending.add(1)
    pending.give_up()
    assert pending.cancelled(1)
    pending.fail(1, Cancelled())
    assert sent == []


def test_an_answer_and_a_cancel_at_the_same_time_make_one_reply() -> None:
    sent: list[Any] = []

    def slowly(reply: Any) -> None:
        time.sleep(0.005)  # long enough for the other to believe that it is first, too
        sent.append(reply)

    pending = OpenRequests(slowly)
    for number in range(20):
        pending.add(number)
        start = threading.Barrier(2)

        def meet(action: Any, number: int, start: threading.Barrier = start) -> None:
            start.wait()
            action(number)

        threads = [
            threading.Thread(target=meet, args=(pending.cancel, number)),
            threading.Thread(target=meet, args=(lambda n: pending.fail(n, Cancelled()), number)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(reply.id for reply in sent) == list(range(20))


def test_a_fault_is_logged_and_told_in_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []
    pending = OpenRequests(sent.append)
    pending.add(1)
    try:
        raise KeyError("mcc")
    except KeyError as error:
        pending.fail(1, error)
    (failed,) = sent
    assert failed.code == "internal"
    assert "KeyError: 'mcc'" in failed.sentence
    assert "Traceback" not in failed.sentence
    assert failed.details.startswith("Traceback")
    assert "KeyError: 'mcc'" in caplog.text
