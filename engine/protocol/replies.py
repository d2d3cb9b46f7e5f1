"""What the engine answers: one reply to each request."""

from __future__ import annotations

from engine.plan import Plan
from engine.protocol.cards import Catalog
from engine.protocol.comparing import (
    ComparisonChecked,
    ComparisonOpened,
    Comparisons,
    ComparisonStarted,
    CounterfactualReady,
    SideBySide,
)
from engine.protocol.gradients import HyperparametersReady
from engine.protocol.heads import ReplyHead
from engine.protocol.steering import Enqueued, Narrowed
from engine.protocol.trust import FinalChoicesReady, Rechecked, TrustReady
from engine.protocol.tuning import TuningOutlook
from engine.protocol.understanding import (
    AblationReady,
    ContourReady,
    EffectsReady,
    FanovaReady,
    PermutationReady,
)
from engine.protocol.values import (
    Advice,
    Confusion,
    ProbeResult,
    Problem,
    Residuals,
    RunSummary,
    Table,
)
from engine.records import HyperparameterPair, Importance, RunResult, SurrogateSlice
from engine.space import Configuration, SearchSpace


class Failed(ReplyHead, frozen=True):
    """The request could not be carried out; nothing was changed."""

    code: str
    sentence: str
    field: str | None = None
    details: str = ""


class Done(ReplyHead, frozen=True):
    """Carried out."""


class Welcome(ReplyHead, frozen=True):
    version: int
    engine: str
    catalog: Catalog
    workers: int
    """Physical cores that fits may use."""
    library: str
    """Folder of the person's runs."""


class TableOpened(ReplyHead, frozen=True):
    table: Table


class Advised(ReplyHead, frozen=True):
    plan: Plan
    advice: Advice
    space: SearchSpace
    """The learner's recommended space, whatever the plan's is."""
    default: Configuration
    """The learner's default configuration."""
    test_rows: int
    train_rows: int
    tuning: TuningOutlook | None = None
    """For a method that tunes by gradient, as far as the plan can run."""


class Checked(ReplyHead, frozen=True):
    problems: tuple[Problem, ...]
    tuning: TuningOutlook | None = None
    """For a method that tunes by gradient, as far as the plan can run."""


class Probed(ReplyHead, frozen=True):
    probe: ProbeResult


class Started(ReplyHead, frozen=True):
    path: str
    plan: Plan


class Runs(ReplyHead, frozen=True):
    runs: tuple[RunSummary, ...]


class RunOpened(ReplyHead, frozen=True):
    path: str
    plan: Plan
    summary: RunSummary


class PlanReady(ReplyHead, frozen=True):
    plan: Plan


class ResultsReady(ReplyHead, frozen=True):
    result: RunResult
    pairs: tuple[HyperparameterPair, ...]
    confusion: Confusion | None = None
    residuals: Residuals | None = None


class ImportancesReady(ReplyHead, frozen=True):
    importances: tuple[Importance, ...]
    trials: int
    """Complete trials they rest on."""


class SurrogateReady(ReplyHead, frozen=True):
    slices: tuple[SurrogateSlice, ...]
    """One a hyperparameter; empty while there is no model."""
    trials: int
    """Trials it rests on."""


class Predicted(ReplyHead, frozen=True):
    rows: int
    to: str
    notes: tuple[str, ...] = ()


class Exported(ReplyHead, frozen=True):
    to: str


Reply = (
    Failed
    | Done
    | Welcome
    | TableOpened
    | Advised
    | Checked
    | Probed
    | Started
    | Runs
    | RunOpened
    | PlanReady
    | ResultsReady
    | ImportancesReady
    | SurrogateReady
    | FanovaReady
    | PermutationReady
    | AblationReady
    | EffectsReady
    | ContourReady
    | HyperparametersReady
    | TrustReady
    | FinalChoicesReady
    | Rechecked
    | Enqueued
    | Narrowed
    | Predicted
    | Exported
    | ComparisonChecked
    | ComparisonOpened
    | ComparisonStarted
    | Comparisons
    | CounterfactualReady
    | SideBySide
)
