"""Overtuning, final choices and rechecks: how far to trust a search's best."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.space import Value

ChoiceKind = Literal["best", "one_se", "cheapest", "surrogate"]


class WatchedIncumbent(msgspec.Struct, frozen=True):
    """An incumbent (the best by validation so far) with its outer test score."""

    trial: int
    """It became the incumbent with this trial; 0 is the default configuration."""
    validation: float
    outer: float
    noise: float
    """Standard error of ``outer``, over draws of the test rows."""


class OvertuningAlarm(msgspec.Struct, frozen=True):
    """An earlier incumbent, or the default, is better outside than the present one."""

    trial: int
    better_by: float
    """On the outer test rows, in the measure's units."""
    at_least: float
    """Lower confidence bound of the difference."""
    sentence: str


class Overtuning(msgspec.Struct, frozen=True):
    """Overtuning of a search so far (Schneider, Bischl and Feurer 2025); losses are positive where
    something is worse."""

    path: tuple[WatchedIncumbent, ...]
    overtuning: float | None = None
    """Outer loss of the present incumbent over that of the best incumbent on its path."""
    relative: float | None = None
    """The same as a share of the outer progress of the path; None where that is next to nothing.
    Above 1 the present one is worse than the first."""
    flattery: float | None = None
    """How much better the present incumbent's validation score is than its outer one."""
    alarm: OvertuningAlarm | None = None


class Remedy(msgspec.Struct, frozen=True):
    """A remedy against overtuning: changes of the plan (by dotted path) for a new run."""

    label: str
    why: str
    changes: dict[str, Value]


class FinalChoice(msgspec.Struct, frozen=True):
    """A rule for the final configuration, and its price."""

    kind: ChoiceKind
    label: str
    trial: int | None
    """None where it can't be told; ``sentence`` says why."""
    value: float | None = None
    """Validation score."""
    gives_up: float = 0.0
    """Of the validation score, against the best."""
    fit_seconds: float = 0.0
    """Mean time of a fit."""
    distance: float = 0.0
    """From the default configuration: 0 the same, 1 every hyperparameter at its other end."""
    sentence: str = ""


class Recheck(msgspec.Struct, frozen=True):
    """Scores of a trial's configuration and of the default on folds drawn anew."""

    trial: int
    redraw: int
    """Number of the draw of folds, from 1."""
    before: float
    """Its score in the search."""
    scores: tuple[float, ...]
    """On each of the new folds."""
    default_before: float | None = None
    default_scores: tuple[float, ...] = ()
    """On the same folds; empty for the default itself, and where it has no score."""
    sentence: str = ""
