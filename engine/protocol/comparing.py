"""Comparisons and nested resampling: several searches as one.

`Pause`, `Resume` and `Stop` act on whatever is under way, a search or a comparison; a comparison
that was stopped keeps what is done and can be resumed. `DeleteRun` and `Export` (``report``) take
the folder of a comparison too. While a comparison is under way, its members are shown by
`MemberChanged`; each can be opened with `OpenRun` like any run.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.comparison import (
    Comparison,
    Contender,
    Costs,
    Counterfactual,
    Findings,
    Member,
    NestedEstimate,
)
from engine.plan import Plan
from engine.protocol.heads import EventHead, ReplyHead, RequestHead
from engine.protocol.values import ProbeResult, Problem

# --- values ---------------------------------------------------------------------------------------


class ComparisonSummary(msgspec.Struct, frozen=True):
    """A comparison as the library lists it."""

    path: str
    name: str
    kind: Literal["compare", "nested"]
    state: Literal["running", "interrupted", "finished", "damaged"]
    created: float
    cases: tuple[str, ...] = ()
    contenders: tuple[str, ...] = ()
    """Labels of the methods, references included."""
    repetitions: int = 0
    done: int = 0
    total: int = 0
    """Searches."""
    problem: str = ""


# --- requests -------------------------------------------------------------------------------------


class CheckComparison(RequestHead, frozen=True):
    """Whether such a comparison can run, and what it costs. Reply: `ComparisonChecked`."""

    plans: tuple[Plan, ...]
    contenders: tuple[Contender, ...]
    repetitions: int
    kind: Literal["compare", "nested"] = "compare"
    seed: int = 0
    whole: bool = False
    probe: ProbeResult | None = None


class Compare(RequestHead, frozen=True):
    """Start a comparison (or a nested resampling). Reply: `ComparisonStarted`, then events."""

    plans: tuple[Plan, ...]
    """A case each: a table with a learner, evaluation, budget and workers. Their method is that of
    the contenders, their seed ``seed``."""
    contenders: tuple[Contender, ...]
    """Random search is added as a reference where it is not among them."""
    repetitions: int
    """Of a nested resampling the outer folds."""
    kind: Literal["compare", "nested"] = "compare"
    seed: int = 0
    whole: bool = False
    """Nested: search on all rows too, for the model to take home and the naive score."""
    out: str | None = None
    """Its folder; a new one in the library when left out."""


class ResumeComparison(RequestHead, frozen=True):
    """Go on with an interrupted comparison, after adding methods or repetitions if given. Reply:
    `ComparisonStarted`, then events."""

    path: str
    contenders: tuple[Contender, ...] = ()
    """To be added."""
    repetitions: int | None = None
    """In all; None leaves them."""


class CheckExtension(RequestHead, frozen=True):
    """What `ResumeComparison` with the same fields would cost, and whether it can be. Reply:
    `ComparisonChecked`."""

    path: str
    contenders: tuple[Contender, ...] = ()
    repetitions: int | None = None


class ListComparisons(RequestHead, frozen=True):
    """Reply: `Comparisons`, newest first. Their runs are not among those of `ListRuns`."""


class OpenComparison(RequestHead, frozen=True):
    """Show a comparison that is on disk. Reply: `ComparisonOpened`."""

    path: str


class PutSideBySide(RequestHead, frozen=True):
    """Finished runs as a comparison, whoever made them. Reply: `SideBySide`."""

    paths: tuple[str, ...]


class AskCounterfactual(RequestHead, frozen=True):
    """What random search of the same length would have given. Reply: `CounterfactualReady`."""

    path: str


class RunCounterfactual(RequestHead, frozen=True):
    """Run that random search, in the folder ``random`` of the run's own, or go on with it. Reply:
    `Started`, then the events of a run with that path."""

    path: str


# --- replies --------------------------------------------------------------------------------------


class ComparisonChecked(ReplyHead, frozen=True):
    problems: tuple[Problem, ...]
    costs: Costs | None = None
    """None where it can't run."""


class ComparisonStarted(ReplyHead, frozen=True):
    path: str
    comparison: Comparison


class Comparisons(ReplyHead, frozen=True):
    comparisons: tuple[ComparisonSummary, ...]


class ComparisonOpened(ReplyHead, frozen=True):
    path: str
    summary: ComparisonSummary
    comparison: Comparison
    nested: tuple[NestedEstimate, ...] = ()
    """For a nested resampling: an estimate for each case and contender."""
    plans: tuple[Plan, ...] = ()
    """Of the cases."""
    findings: Findings = Findings(())
    """What the data support, in figures and in words."""


class SideBySide(ReplyHead, frozen=True):
    comparison: Comparison | None
    """None where the runs are not comparable."""
    reasons: tuple[str, ...] = ()
    """Why they are not, a sentence each."""
    cautions: tuple[str, ...] = ()
    """What to bear in mind where they are."""
    findings: Findings = Findings(())


class CounterfactualReady(ReplyHead, frozen=True):
    counterfactual: Counterfactual


# --- events ---------------------------------------------------------------------------------------


class ComparisonProgress(EventHead, frozen=True):
    """Where a comparison stands, at most ten times a second."""

    path: str
    done: int
    total: int
    """Searches."""
    fraction: float
    """Of all the work, 0 to 1."""
    elapsed: float
    """Seconds at work in this sitting."""
    left: float | None
    """Seconds still to go; None until that can be told."""
    member: str = ""
    """Path of the run under way."""
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
    """A comparison began, was paused, went on or ended; ``sentence`` says why, in words."""

    path: str
    state: Literal["running", "paused", "finished", "stopped", "failed"]
    code: str = ""
    sentence: str = ""
    details: str = ""
