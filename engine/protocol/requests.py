"""What a front end asks for."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.plan import Budget, DataPlan, Plan
from engine.protocol.comparing import (
    AskCounterfactual,
    CheckComparison,
    CheckExtension,
    Compare,
    ListComparisons,
    OpenComparison,
    PutSideBySide,
    ResumeComparison,
    RunCounterfactual,
)
from engine.protocol.gradients import Hyperparameters
from engine.protocol.heads import VERSION, RequestHead
from engine.protocol.steering import Enqueue, Narrow
from engine.protocol.trust import AskRecheck, FinalChoices, Trust
from engine.protocol.understanding import Ablation, Contour, Effects, Fanova, Permutation
from engine.protocol.values import ProbeResult


class Hello(RequestHead, frozen=True):
    """First message. Reply: `Welcome`."""

    version: int = VERSION


class OpenTable(RequestHead, frozen=True):
    """Read a table, propose what is not settled. Reply: `TableOpened`."""

    data: DataPlan


class Advise(RequestHead, frozen=True):
    """A complete plan by the guide, with reasons. What is given is kept. Reply: `Advised`."""

    data: DataPlan
    learner: str | None = None
    changes: dict[str, Any] = msgspec.field(default_factory=dict)
    """Plan fields the person has set, by dotted path; they are kept, the rest is recommended around
    them."""
    probe: ProbeResult | None = None


class Check(RequestHead, frozen=True):
    """Whether a plan can run. Reply: `Checked`."""

    plan: Plan


class Probe(RequestHead, frozen=True):
    """Fit folds of the default configuration, to estimate costs and how much scores differ between
    folds. Reply: `Probed`."""

    plan: Plan


class Start(RequestHead, frozen=True):
    """Start a search. Reply: `Started`, then events."""

    plan: Plan
    out: str | None = None
    """Folder of the run; a new one in the library when left out."""


class ResumeRun(RequestHead, frozen=True):
    """Take up an interrupted or finished run on disk, with ``budget`` in place of its own if given.
    Reply: `Started`, then events."""

    path: str
    budget: Budget | None = None


class Pause(RequestHead, frozen=True):
    """No new fits until `Resume`. Running fits end. Reply: `Done`."""


class Resume(RequestHead, frozen=True):
    """Resume what is under way after `Pause`, or after a fault. Reply: `Done`."""


class Stop(RequestHead, frozen=True):
    """End the search and keep its results. Reply: `Done`; `RunChanged` tells when it has ended."""


class KillTrial(RequestHead, frozen=True):
    """End one running trial. Reply: `Done`."""

    number: int


class ListRuns(RequestHead, frozen=True):
    """Reply: `Runs`, newest first."""


class OpenRun(RequestHead, frozen=True):
    """Show a run that is on disk. Reply: `RunOpened`; its trials and folds follow as `Trials`."""

    path: str


class PlanOf(RequestHead, frozen=True):
    """The plan of a run that is on disk, without showing it. Reply: `PlanReady`."""

    path: str


class Discard(RequestHead, frozen=True):
    """Mark what an interrupted run left unfinished as failed. Reply: `Done`."""

    path: str


class DeleteRun(RequestHead, frozen=True):
    """Move a run to the ``deleted`` folder of the library. Reply: `Done`."""

    path: str


class Results(RequestHead, frozen=True):
    """Reply: `ResultsReady`."""

    path: str


class Take(RequestHead, frozen=True):
    """Fit the complete trial ``trial`` instead of the best by the tuned measure, and make it the
    run's result: another look at the outer test. Reply: `ResultsReady`."""

    path: str
    trial: int
    reason: str = ""
    """Why that one, such as the label of a `FinalChoice`; kept with the result."""


class Importances(RequestHead, frozen=True):
    """PED-ANOVA importance of the hyperparameters so far. Reply: `ImportancesReady`."""

    path: str


class Surrogate(RequestHead, frozen=True):
    """What the method's model of the scores thinks around the best configuration so far. Reply:
    `SurrogateReady`."""

    path: str


class Predict(RequestHead, frozen=True):
    """Predict the rows of ``source`` with a run's model into the file ``to``. Reply:
    `Predicted`."""

    path: str
    source: str
    to: str


class Export(RequestHead, frozen=True):
    """Write a run's configuration, script, model or trials. Reply: `Exported`."""

    path: str
    what: Literal["config", "script", "model", "trials", "report", "hyperparameters"]
    to: str
    trial: int | None = None
    """Configuration or script of this trial instead of the result's."""


class Cancel(RequestHead, frozen=True):
    """Give up the pending request ``request``; that one then fails with ``cancelled``. Reply:
    `Done`."""

    request: int


class Shutdown(RequestHead, frozen=True):
    """End the engine; a running search is left resumable. Reply: `Done`."""


Request = (
    Hello
    | OpenTable
    | Advise
    | Check
    | Probe
    | Start
    | ResumeRun
    | Pause
    | Resume
    | Stop
    | KillTrial
    | ListRuns
    | OpenRun
    | PlanOf
    | Discard
    | DeleteRun
    | Results
    | Take
    | Importances
    | Surrogate
    | Fanova
    | Permutation
    | Ablation
    | Effects
    | Contour
    | Hyperparameters
    | Trust
    | FinalChoices
    | Enqueue
    | Narrow
    | Predict
    | Export
    | Cancel
    | AskCounterfactual
    | AskRecheck
    | CheckComparison
    | CheckExtension
    | Compare
    | ListComparisons
    | OpenComparison
    | PutSideBySide
    | ResumeComparison
    | RunCounterfactual
    | Shutdown
)
