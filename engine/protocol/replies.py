"""Replies: what the engine answers, one to each request."""

from __future__ import annotations

from engine.domain.advice import Advice, PlanProblem, ProbeResult
from engine.domain.cards import Catalog
from engine.domain.comparison import (
    Comparison,
    ComparisonSummary,
    Costs,
    Counterfactual,
    Findings,
    NestedEstimate,
)
from engine.domain.hypergradients import Tuning, TuningOutlook
from engine.domain.results import Confusion, HyperparameterPair, Residuals, RunResult, RunSummary
from engine.domain.tables import Table
from engine.domain.trust import FinalChoice, Overtuning, Recheck, Remedy
from engine.domain.understanding import (
    AblationStep,
    Effect,
    Importance,
    ModelQuality,
    PairImportance,
    Plane,
    SurrogateSlice,
)
from engine.plan import Plan
from engine.protocol.base import ReplyHead
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
    problems: tuple[PlanProblem, ...]
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


class FanovaReady(ReplyHead, frozen=True):
    quality: ModelQuality
    importances: tuple[Importance, ...]
    """Largest first; intervals from the 10th to the 90th percentile over the trees."""
    pairs: tuple[PairImportance, ...]
    """Largest first; those of a share below half a per cent are left out."""
    rest: float
    """Share of higher-order interactions and of the pairs left out."""


class PermutationReady(ReplyHead, frozen=True):
    quality: ModelQuality
    importances: tuple[Importance, ...]


class AblationReady(ReplyHead, frozen=True):
    quality: ModelQuality
    trial: int
    start: float
    """Score that the forest expects of the default configuration, and its bounds."""
    start_low: float
    start_high: float
    steps: tuple[AblationStep, ...]


class EffectsReady(ReplyHead, frozen=True):
    quality: ModelQuality
    effects: tuple[Effect, ...]


class ContourReady(ReplyHead, frozen=True):
    quality: ModelQuality
    plane: Plane


class HyperparametersReady(ReplyHead, frozen=True):
    tuning: Tuning | None
    """None for a run that tunes by another method."""


class TrustReady(ReplyHead, frozen=True):
    watched: bool
    """Whether the plan has incumbents' outer scores computed (``evaluation.watch_outer``)."""
    overtuning: Overtuning
    remedies: tuple[Remedy, ...]
    looks: int
    """How often the outer test was looked at; from 2 on its scores are watched, optimistic."""


class FinalChoicesReady(ReplyHead, frozen=True):
    choices: tuple[FinalChoice, ...]


class Rechecked(ReplyHead, frozen=True):
    recheck: Recheck


class Enqueued(ReplyHead, frozen=True):
    trial: int
    configuration: Configuration
    """Complete, as it will be evaluated."""


class Narrowed(ReplyHead, frozen=True):
    path: str
    plan: Plan
    kept: int
    """Trials that were taken over."""
    left_out: int
    """Complete trials that lie outside the new space."""


class Predicted(ReplyHead, frozen=True):
    rows: int
    to: str
    notes: tuple[str, ...] = ()


class Exported(ReplyHead, frozen=True):
    to: str


class ComparisonChecked(ReplyHead, frozen=True):
    problems: tuple[PlanProblem, ...]
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
    """Findings, in figures and in words."""


class SideBySide(ReplyHead, frozen=True):
    comparison: Comparison | None
    """None where the runs are not comparable."""
    reasons: tuple[str, ...] = ()
    """Why they are not, a sentence each."""
    cautions: tuple[str, ...] = ()
    """Cautions where they are comparable."""
    findings: Findings = Findings(())


class CounterfactualReady(ReplyHead, frozen=True):
    counterfactual: Counterfactual


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
