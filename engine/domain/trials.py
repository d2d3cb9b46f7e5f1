"""Trials and folds as plain values, and a search as columns (`Snapshot`).

A trial is a configuration with some fold results; its state is RUNNING until its tuner calls it
final. A run that tunes by gradient has hyper-steps in place of configurations; `record_type` says
which of the two a plan's run is made of, and the records say all else of themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

import msgspec
import numpy as np

from engine.domain.hypergradients import HypergradientFigures, HyperStep
from engine.plan import Plan
from engine.space import Configuration, SearchSpace, Value

COSTS = ("fit_seconds", "predict_seconds")
"""Costs of a fold, by the names of `FoldResult`'s fields, in seconds, to be minimised."""


class TrialState(StrEnum):
    """State of a trial. PRUNED: dropped by its method; FAILED: see `TrialRecord.cause`."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


class Cause(StrEnum):
    """Why a fold has no score."""

    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    KILLED = "killed"
    """By the user."""
    LOST = "lost"
    """Its worker died."""
    NON_FINITE = "non_finite"


class FoldResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """Result of a fold of a trial: a unit of work, done or failed.

    A worker's function returns one with what it measured; the search completes it with whose fold
    it is, when and where it ran, and leaves out scores that are not finite.
    """

    trial: int = -1
    fold: int = -1
    scores: dict[str, float] = {}
    """By measure id, on the validation rows, each in its own units: the tuned measure and the other
    cheap ones of the task. NaN where not defined, as a worker returns it; empty when failed."""
    fidelity: float = 1.0
    started: float = 0.0
    """Seconds since the epoch."""
    seconds: float = 0.0
    """Wall time in the worker: preparing, fitting and predicting."""
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    """Of the validation rows."""
    worker: int = 0
    """Slot of the worker, from 0."""
    cause: Cause | None = None
    message: str = ""
    """For a failure: one sentence."""
    details: str = ""
    """For a failure: the traceback."""
    warnings: tuple[str, ...] = ()
    """Of the libraries, each once."""
    continued: float = 0.0
    """Share of its trees, rounds or epochs that an earlier fit had done."""
    hypergradient: HypergradientFigures | None = None
    """Of a hyper-step."""

    def measured(self, name: str) -> float:
        """Return the score by the measure ``name``, or the cost of that name.

        Raises:
            KeyError: if there is none, as in a failed fold.
        """
        return getattr(self, name) if name in COSTS else self.scores[name]


class TrialRecord(msgspec.Struct, tag="trial", tag_field="record"):
    """One trial with its fold results."""

    noun: ClassVar[str] = "trial"
    """Its name for people."""
    reference: ClassVar[str] = "default configuration"
    """Name of the first one, which the others are compared with."""

    number: int
    configuration: Configuration
    state: TrialState = TrialState.RUNNING
    value: float | None = None
    """Mean of the tuned measure over the folds done, once final and finite."""
    further_values: tuple[float, ...] = ()
    """The same for each measure optimised at once (`EvaluationPlan.further_measures`)."""
    folds: dict[int, FoldResult] = {}
    """By fold index, at full fidelity."""
    partial: list[FoldResult] = []
    """At lower fidelities, in the order they came."""
    started: float = 0.0
    ended: float | None = None
    cause: Cause | None = None
    message: str = ""
    origin: str = ""
    """Who proposed it: ``default``, the method's id, or ``person``."""
    note: dict[str, Value] = {}
    """Note of its first proposal (`Proposal.note`)."""

    @property
    def candidate(self) -> Configuration | int:
        """What workers are to evaluate."""
        return self.configuration

    @property
    def seconds(self) -> float:
        """Time spent in its fits, summed over folds and fidelities."""
        return sum(f.seconds for f in self.results)

    @property
    def results(self) -> list[FoldResult]:
        """All fold results, at lower fidelities first."""
        return [*self.partial, *self.folds.values()]

    def at(self, fidelity: float) -> dict[int, FoldResult]:
        """The results at ``fidelity`` by fold index."""
        if fidelity == 1.0:
            return self.folds
        return {f.fold: f for f in self.partial if f.fidelity == fidelity}

    def add(self, result: FoldResult) -> None:
        """Add a fold result."""
        if result.fidelity == 1.0:
            self.folds[result.fold] = result
        else:
            self.partial.append(result)


class HyperStepRecord(TrialRecord, tag="hyper_step"):
    """One hyper-step of a tuning by gradient with its fold results.

    It has no configuration: the thousands of values at its number are in the run's folder
    (`engine.gradient.states`), and its folds have a `FoldResult.hypergradient`.
    """

    noun = "hyper-step"
    reference = "before tuning"

    @property
    def candidate(self) -> int:
        """Its number, by which workers find its values."""
        return self.number

    def step(self, n_folds: int) -> HyperStep:
        """Sum it up over its folds, of which a whole one has ``n_folds``."""
        folds = [*self.folds.values()]
        found = [fold.hypergradient or HypergradientFigures() for fold in folds]
        whole = found if len(found) == n_folds else []
        remarks = [f.message if f.cause else " ".join(f.warnings) for f in folds]
        return HyperStep(
            number=self.number,
            loss=mean_or_none(f.loss for f in whole),
            norm=mean_or_none(f.norm for f in whole),
            growth=mean_or_none(f.growth for f in whole),
            slope=mean_or_none(f.slope for f in whole),
            residual=mean_or_none(f.residual for f in whole),
            stored_bytes=max(
                (f.stored_bytes for f in found if f.stored_bytes is not None), default=None
            ),
            remark=next(filter(None, remarks), self.message),
        )


def record_type(plan: Plan) -> type[TrialRecord]:
    """The records that the run of ``plan`` is made of."""
    return HyperStepRecord if plan.by_gradient else TrialRecord


def mean_or_none(values: Iterable[float | None]) -> float | None:
    """Mean of a figure of some folds; None without folds, or where one has none that is finite."""
    listed = list(values)
    usable = [value for value in listed if value is not None and math.isfinite(value)]
    return sum(usable) / len(usable) if listed and len(usable) == len(listed) else None


class TrialRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trial as it is shown in a table: the folds summed up."""

    number: int
    state: TrialState
    configuration: Configuration
    value: float | None = None
    """Final score; of a trial that runs or was dropped, the mean of its folds at the highest
    fidelity it reached."""
    further_values: tuple[float, ...] = ()
    """The same for each measure optimised at once; empty without a score."""
    spread: float | None = None
    """Standard deviation over folds, with two or more."""
    folds_done: int = 0
    """At the highest fidelity it reached."""
    fidelity: float = 1.0
    """The highest it reached."""
    seconds: float = 0.0
    started: float = 0.0
    ended: float | None = None
    cause: Cause | None = None
    message: str = ""
    details: str = ""
    origin: str = ""
    note: dict[str, Value] = {}


class FoldRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fold as pictures show it: on the timeline of workers, in rungs and races."""

    trial: int
    fold: int
    worker: int
    started: float
    seconds: float
    ok: bool
    fidelity: float = 1.0
    score: float | None = None
    """Of the tuned measure; None when it failed."""


STATES: tuple[TrialState, ...] = tuple(TrialState)
"""Order of the codes in `Snapshot.state`."""


@dataclass(frozen=True)
class Objective:
    """A measure or cost optimised at once with the tuned measure, as a column of n trials.

    Attributes:
        id: of the measure or cost, and its label for axes.
        maximise: whether larger is better.
        value: shape (n,), NaN without a score.
    """

    id: str
    label: str
    maximise: bool
    value: np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """A search as columns, for pictures: n trials, ordered by number.

    Attributes:
        measure: id of the tuned measure, and its label for axes.
        maximise: whether larger is better.
        number: shape (n,), int.
        state: shape (n,), int8 codes into `STATES`.
        value: shape (n,), NaN without a score.
        started, ended: shape (n,), seconds since the epoch, NaN when not ended.
        seconds: shape (n,), time spent in fits.
        configurations: name -> shape (n,) object array, None where inactive.
        folds: columns trial, fold, worker, started, seconds, ok, fidelity, score (NaN when failed),
            each of shape (m,).
        notes: shape (n,) object arrays of what the method said of the trials, by key; None where it
            said nothing (`Proposal.note`).
        space: the search space, for axes (log scales, choices).
        planned: full evaluations of the budget, if it has such.
        others: what is optimised at once with the tuned measure.
    """

    measure: str
    measure_label: str
    maximise: bool
    number: np.ndarray
    state: np.ndarray
    value: np.ndarray
    started: np.ndarray
    ended: np.ndarray
    seconds: np.ndarray
    configurations: dict[str, np.ndarray]
    space: SearchSpace = field(default_factory=SearchSpace)
    folds: dict[str, np.ndarray] = field(default_factory=dict)
    notes: dict[str, np.ndarray] = field(default_factory=dict)
    planned: int | None = None
    others: tuple[Objective, ...] = ()

    def is_state(self, state: TrialState) -> np.ndarray:
        """Mask of the trials in ``state``, shape (n,)."""
        return self.state == STATES.index(state)

    @property
    def default(self) -> float:
        """Score of trial 0, the learner's default configuration; NaN until it is known."""
        done = self.number.size and self.number[0] == 0 and self.is_state(TrialState.COMPLETE)[0]
        return float(self.value[0]) if done else float("nan")

    @property
    def best(self) -> int | None:
        """Index of the best complete trial by the tuned measure, or None.

        Among equals, the best by the measures optimised at once, then the first.
        """
        usable = np.flatnonzero(self.is_state(TrialState.COMPLETE) & np.isfinite(self.value))
        for maximise, value in (
            (self.maximise, self.value),
            *((other.maximise, other.value) for other in self.others),
        ):
            if usable.size > 1:
                score = value[usable]
                usable = usable[score == (score.max() if maximise else score.min())]
        return int(usable[0]) if usable.size else None


def note_columns(said: Sequence[Mapping[str, Value]]) -> dict[str, np.ndarray]:
    """Turn the notes of n trials into columns by key, object arrays of shape (n,); None where a
    trial has none."""
    columns = {}
    for key in dict.fromkeys(key for note in said for key in note):
        columns[key] = np.empty(len(said), dtype=object)
        columns[key][:] = [note.get(key) for note in said]
    return columns
