"""Steering a search: configurations of a person's own, and another version of the space."""

from __future__ import annotations

from engine.plan import Plan
from engine.protocol.heads import ReplyHead, RequestHead
from engine.space import Configuration, SearchSpace


class Enqueue(RequestHead, frozen=True):
    """Evaluate a configuration of the person's own next, in a run that is searching, or as soon as
    it is resumed. What is left out is as in the best so far. Reply: `Enqueued`."""

    path: str
    configuration: Configuration


class Enqueued(ReplyHead, frozen=True):
    trial: int
    configuration: Configuration
    """Complete, as it will be evaluated."""


class Narrow(RequestHead, frozen=True):
    """Make a new run that goes on from the run at ``path`` in another version of its space, told of
    all that is compatible; the old one stays as it is. `ResumeRun` starts it. Reply: `Narrowed`."""

    path: str
    space: SearchSpace
    """With the hyperparameters that the run has."""
    out: str | None = None
    """Folder of the new run; one in the library when left out."""
    evaluations: float | None = None
    """Full evaluations in all, the compatible ones counted; as many as in the run's plan when left
    out."""


class Narrowed(ReplyHead, frozen=True):
    path: str
    plan: Plan
    kept: int
    """Trials that were taken over."""
    left_out: int
    """Complete trials that lie outside the new space."""
