"""Work beside a search, on workers it does not need: the search hands it out and hears nothing of
it."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from engine.domain.trials import TrialRecord
from engine.workers.base import Outcome


class Call(NamedTuple):
    """What a worker is to do: a function (``module:name``) and its arguments."""

    function: str
    args: tuple[Any, ...]


class Aside(Protocol):
    """One call at a time; all of it in the search's thread."""

    def observe(self, trial: TrialRecord) -> None:
        """``trial`` has become final."""
        ...

    def next(self, worked: float | None) -> Call | None:
        """The next call, if it should be made now.

        Args:
            worked: seconds that the search's fits have taken, when another worker would otherwise
                do one of them; None when a worker is idle.
        """
        ...

    def heard(self, outcome: Outcome) -> None:
        """What became of the call under way; must not write."""
        ...

    def record(self) -> None:
        """Write what was heard.

        Raises:
            RunError: if it can't be written; it is tried again.
        """
        ...
