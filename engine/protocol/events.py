"""What the engine tells on its own."""

from __future__ import annotations

from typing import Literal

from engine.protocol.comparing import (
    ComparisonChanged,
    ComparisonProgress,
    MemberChanged,
)
from engine.protocol.heads import EventHead
from engine.records import FoldRow, TrialRow


class Trials(EventHead, frozen=True):
    """Trials of a run as they now stand (new ones, and new states of old ones), and new folds."""

    path: str
    trials: tuple[TrialRow, ...] = ()
    folds: tuple[FoldRow, ...] = ()


class Progress(EventHead, frozen=True):
    """Where the search stands. ``left`` is None until an estimate can be trusted."""

    path: str
    evaluations: float
    planned: float | None
    fraction: float
    """Of the budget that will end the search first, 0 to 1."""
    elapsed: float
    left: float | None
    trials: int
    complete: int
    failed: int
    pruned: int
    busy: int
    workers: int


class RunChanged(EventHead, frozen=True):
    """The search began, was paused, went on or ended. ``sentence`` says why, in words."""

    path: str
    state: Literal["running", "paused", "finishing", "finished", "stopped", "failed"]
    code: str = ""
    sentence: str = ""
    details: str = ""


class Activity(EventHead, frozen=True):
    """How far a slow request is."""

    request: int
    label: str
    fraction: float | None = None


class Heartbeat(EventHead, frozen=True):
    """Every second, so that a front end can tell a busy engine from a dead one."""


Event = (
    Trials
    | Progress
    | RunChanged
    | Activity
    | Heartbeat
    | ComparisonChanged
    | ComparisonProgress
    | MemberChanged
)
