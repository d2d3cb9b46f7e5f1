"""Events: what the engine sends on its own, numbered by ``seq``."""

from __future__ import annotations

from typing import Literal

from engine.domain.comparison import Member
from engine.domain.trials import FoldRow, TrialRow
from engine.protocol.base import EventHead


class Trials(EventHead, frozen=True):
    """Present states of a run's trials (new ones, and changed old ones), and new folds."""

    path: str
    trials: tuple[TrialRow, ...] = ()
    folds: tuple[FoldRow, ...] = ()


class Progress(EventHead, frozen=True):
    """Progress of the search. ``left`` is None until an estimate can be trusted."""

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
    """The search began, was paused, resumed or ended. ``sentence`` says why."""

    path: str
    state: Literal["running", "paused", "finishing", "finished", "stopped", "failed"]
    code: str = ""
    sentence: str = ""
    details: str = ""


class ComparisonProgress(EventHead, frozen=True):
    """Progress of a comparison, at most ten times a second."""

    path: str
    done: int
    total: int
    """Searches."""
    fraction: float
    """Of all the work, 0 to 1."""
    elapsed: float
    """Seconds since it was started or resumed, without pauses."""
    left: float | None
    """Seconds still to go; None until that can be told."""
    member: str = ""
    """Path of the run that is carried out."""
    contender: str = ""
    repetition: int = 0
    """-1 for the search on all rows of a nested resampling."""


class MemberChanged(EventHead, frozen=True):
    """A member of a comparison as it now stands: at most once a second while it is under way, and
    when it has ended. It replaces the one with the same case, contender and repetition."""

    path: str
    """Of the comparison."""
    member: Member


class ComparisonChanged(EventHead, frozen=True):
    """A comparison began, was paused, resumed or ended; ``sentence`` says why."""

    path: str
    state: Literal["running", "paused", "finished", "stopped", "failed"]
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
