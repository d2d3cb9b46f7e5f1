"""The window's states, as frozen values: choices and their consequences, and the run and the
comparison being shown.

No Qt; `gui.flow` and every page read these.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.domain.advice import Advice, ProbeResult
from engine.domain.comparison import Comparison, Findings, NestedEstimate
from engine.domain.hypergradients import TuningOutlook
from engine.domain.results import RunSummary
from engine.domain.tables import Table
from engine.plan import Plan
from engine.protocol.events import ComparisonProgress, Progress
from engine.protocol.replies import ResultsReady
from engine.space import Configuration, SearchSpace
from gui.user_choices import Choices

Phase = Literal[
    "none",
    "opening",
    "starting",
    "running",
    "paused",
    "finishing",
    "finished",
    "stopped",
    "failed",
    "interrupted",
]


class Trouble(msgspec.Struct, frozen=True):
    """Why the last request could not be carried out; nothing was changed by it."""

    step: str
    """The step that can mend it."""
    sentence: str
    field: str | None = None
    code: str = ""
    details: str = ""


class SessionState(msgspec.Struct, frozen=True):
    """Choices, and their consequences."""

    choices: Choices = Choices()
    table: Table | None = None
    plan: Plan | None = None
    """The whole plan: choices, and recommendations around them."""
    advice: Advice | None = None
    space: SearchSpace | None = None
    """The learner's recommended search space."""
    default: Configuration = {}
    """The learner's default configuration."""
    train_rows: int = 0
    test_rows: int = 0
    tuning: TuningOutlook | None = None
    """Of a plan that tunes by gradient: what it tunes, and what each engine would take."""
    probe: ProbeResult | None = None
    """What a fold costs, while it is known for the present table and learner."""
    probing: bool = False
    """Whether that is being measured."""
    trouble: Trouble | None = None
    confirmed: dict[str, tuple] = {}
    """Steps that were confirmed, with what they rested on (`gui.flow.basis`)."""
    busy: str = ""
    """What the engine does now, in words."""
    fresh: bool = False
    """Whether `plan` is the guide's answer to the present choices."""

    @property
    def has_target(self) -> bool:
        """Whether a column to predict is chosen."""
        return self.table is not None and self.table.data.target is not None


class WorkState(msgspec.Struct, frozen=True):
    """A run or a comparison being shown, live or opened from disk."""

    path: str = ""
    phase: Phase = "none"
    sentence: str = ""
    """Why it is in this phase, when there is something to say."""

    @property
    def active(self) -> bool:
        """Whether this engine works on it."""
        return self.phase in ("starting", "running", "paused", "finishing")

    @property
    def present(self) -> bool:
        """Whether there is something to show."""
        return self.phase not in ("none", "opening", "starting")


class RunState(WorkState, frozen=True):
    """The run being shown."""

    plan: Plan | None = None
    code: str = ""
    details: str = ""
    progress: Progress | None = None
    summary: RunSummary | None = None
    results: ResultsReady | None = None

    @property
    def by_gradient(self) -> bool:
        """Whether its trials are hyper-steps of a tuning by gradient."""
        return self.plan is not None and self.plan.by_gradient


class ComparingState(WorkState, frozen=True):
    """The comparison being shown; ``path`` is empty for runs put side by side."""

    comparison: Comparison | None = None
    progress: ComparisonProgress | None = None
    nested: tuple[NestedEstimate, ...] = ()
    findings: Findings = Findings(())
    """What the scores support."""
    cautions: tuple[str, ...] = ()
