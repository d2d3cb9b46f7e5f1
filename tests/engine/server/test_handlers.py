"""Every request has one handler, declared at the function that answers it."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import get_args

import pytest

from engine.protocol import requests
from engine.server.handlers import Kind, answers, handlers_of
from engine.server.server import Server
from engine.server.stream import Stream


def test_every_request_has_a_handler() -> None:
    server = Server(Stream(io.BytesIO()))
    try:
        handled = set(server.handlers)
    finally:
        server.close()
    assert handled == {*get_args(requests.Request)} - {requests.Shutdown}


def test_a_handler_is_found_with_its_kind() -> None:
    @answers(requests.Pause, requests.Stop, kind=Kind.AT_ONCE)
    def pause(request: requests.Request) -> None: ...

    found = handlers_of(SimpleNamespace(pause=pause, other=print))
    assert found == dict.fromkeys((requests.Pause, requests.Stop), (pause, Kind.AT_ONCE))


def test_two_handlers_of_one_request_are_refused() -> None:
    @answers(requests.Pause)
    def one(request: requests.Request) -> None: ...

    @answers(requests.Pause)
    def other(request: requests.Request) -> None: ...

    with pytest.raises(ValueError, match="Pause has two handlers"):
        handlers_of(SimpleNamespace(one=one, other=other))
