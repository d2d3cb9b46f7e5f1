"""Requests: what a front end asks for. Each names its reply.

`Pause`, `Resume` and `Stop` act on whatever runs, a search or a comparison; a comparison
that was stopped keeps what is done and can be resumed. `DeleteRun` and `Export` (``report``) take
the folder of a comparison too. Requests for an analysis (`Fanova` to `Contour`) can be cancelled
and tell how far they are (`Activity`); they fail with a sentence where there are too few
trials, or the forest predicts unseen trials too badly (``understand.few``, ``understand.equal``,
``understand.poor``).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.domain.advice import ProbeResult
from engine.domain.comparison import Contender
from engine.plan import Budget, DataPlan, Plan
from engine.protocol.base import VERSION, RequestHead
from engine.space import Configuration, SearchSpace


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
    """Resume the search or comparison after `Pause`, or after a fault. Reply: `Done`."""


class Stop(RequestHead, frozen=True):
    """End the search and keep its results. Reply: `Done`; `RunChanged` tells when it has ended."""


class KillTrial(RequestHead, frozen=True):
    """End one running trial. Reply: `Done`."""

    number: int


class Enqueue(RequestHead, frozen=True):
    """Evaluate a configuration of the person's own next, in a run that is searching, or as soon as
    it is resumed. What is left out is as in the best so far. Reply: `Enqueued`."""

    path: str
    configuration: Configuration


class Narrow(RequestHead, frozen=True):
    """Make a new run that continues the run at ``path`` in another version of its space, told of
    all that is compatible; the old one stays as it is. `ResumeRun` starts it. Reply: `Narrowed`."""

    path: str
    space: SearchSpace
    """With the hyperparameters that the run has."""
    out: str | None = None
    """Folder of the new run; one in the library when left out."""
    evaluations: float | None = None
    """Full evaluations in all, the compatible ones counted; as many as in the run's plan when left
    out."""


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


class SelectTrial(RequestHead, frozen=True):
    """Fit the complete trial ``trial`` instead of the best by the tuned measure, and make it the
    run's result: another look at the outer test. Reply: `ResultsReady`."""

    path: str
    trial: int
    reason: str = ""
    """Why that one, such as the label of a `FinalChoice`; kept with the result."""


class AskRecheck(RequestHead, frozen=True):
    """Score a complete trial on other folds; the outer test rows stay out. Reply: `Rechecked`."""

    path: str
    trial: int
    redraw: int = 1
    """Another number, other folds."""


class Trust(RequestHead, frozen=True):
    """How far the incumbents can be trusted. Reply: `TrustReady`."""

    path: str


class FinalChoices(RequestHead, frozen=True):
    """The ways to choose the final configuration of a run. Reply: `FinalChoicesReady`;
    `SelectTrial` makes one the result."""

    path: str


class Importances(RequestHead, frozen=True):
    """PED-ANOVA importance of the hyperparameters so far. Reply: `ImportancesReady`."""

    path: str


class Surrogate(RequestHead, frozen=True):
    """Predictions of the method's model of the scores around the best configuration so far. Reply:
    `SurrogateReady`."""

    path: str


class Fanova(RequestHead, frozen=True):
    """Functional ANOVA: importances of hyperparameters and of pairs. Reply: `FanovaReady`."""

    path: str


class Permutation(RequestHead, frozen=True):
    """How much worse the forest predicts when a hyperparameter's values are shuffled. Reply:
    `PermutationReady`."""

    path: str


class Ablation(RequestHead, frozen=True):
    """The way from the default configuration to a trial's (the best one's if left out), each time
    by the hyperparameter that helps most. Reply: `AblationReady`."""

    path: str
    trial: int | None = None


class Effects(RequestHead, frozen=True):
    """Partial dependence of the named hyperparameters, of all if none is. Reply:
    `EffectsReady`."""

    path: str
    names: tuple[str, ...] = ()


class Contour(RequestHead, frozen=True):
    """Partial dependence on two hyperparameters at once. Reply: `ContourReady`."""

    path: str
    one: str
    other: str


class Hyperparameters(RequestHead, frozen=True):
    """Tuned hyperparameters of a gradient run. Reply: `HyperparametersReady`."""

    path: str
    number: int | None = None
    """The hyper-step whose values are wanted; the latest if left out."""


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
    """Result that random search of the same length would have had. Reply: `CounterfactualReady`."""

    path: str


class RunCounterfactual(RequestHead, frozen=True):
    """Run that random search, in the folder ``random`` of the run's own, or go on with it. Reply:
    `Started`, then the events of a run with that path."""

    path: str


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
    | SelectTrial
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
