"""`Action`: something a person can do, as a value; buttons are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """A button's words and deed.

    Attributes:
        text: what happens, in the imperative: ``Start search``. run: does it. why_not: why it can't
        be done now. The button stays reachable and says so when it is pressed,
            since a dead button explains nothing.
        tip: more words for a tooltip.
    """

    text: str
    run: Callable[[], object]
    why_not: str = ""
    tip: str = ""
