"""Handlers: which function answers which request, declared at the function itself.

A handler is a function of a module or a method of an object of the server; `answers` marks it, and
`handlers_of` collects what is marked. So a new request is a type in `engine.protocol` and one
marked function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from engine.domain.trials import TrialRecord
from engine.protocol.requests import Request

Function = TypeVar("Function", bound=Callable[..., Any])


class Kind(Enum):
    """Where a handler runs, and what it is called with. It returns the reply, or None if it sends
    the reply itself."""

    AT_ONCE = "at once"
    """By the thread that reads requests, so it must be quick: ``(request)``."""
    IN_TURN = "in turn"
    """By the request thread, in order: ``(request)``."""
    OF_ARCHIVE = "of archive"
    """By the request thread, for a run under ``request.path``: ``(request, archived)``."""
    ANALYSIS = "analysis"
    """By the analysis thread, cancellable: ``(request, trials, tick)``, where ``tick`` takes the
    progress from 0 to 1 and raises once the request is cancelled."""


class Archived(NamedTuple):
    """Contents of a run's archive: its trials, and its notes by key."""

    trials: Sequence[TrialRecord]
    notes: dict[str, Any]


class Handler(NamedTuple):
    """A function that answers requests, and its kind."""

    function: Callable[..., Any]
    kind: Kind


def answers(*types: type[Request], kind: Kind = Kind.IN_TURN) -> Callable[[Function], Function]:
    """Mark a function as the handler of requests of ``types``."""

    def mark(function: Function) -> Function:
        function.__dict__["answers"] = (types, kind)
        return function

    return mark


def handlers_of(*owners: Any) -> dict[type, Handler]:
    """Collect the handlers of modules and objects, by request type.

    Raises:
        ValueError: if two answer the same request.
    """
    found: dict[type, Handler] = {}
    for owner in owners:
        for name in dir(owner):
            if name.startswith("_"):
                continue
            function = getattr(owner, name)
            types, kind = getattr(function, "answers", ((), Kind.IN_TURN))
            for request in types:
                if request in found:
                    raise ValueError(f"{request.__name__} has two handlers")
                found[request] = Handler(function, kind)
    return found
