"""Results of a run as plain values: scores with intervals, the configuration, errors."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.space import Configuration, Value


class Interval(msgspec.Struct, frozen=True):
    """A score with a 95 % interval and the method that made it."""

    score: float
    low: float
    high: float
    method: str


class HyperparameterPair(msgspec.Struct, frozen=True):
    """A hyperparameter in the best and in the default configuration (None: inactive)."""

    name: str
    best: Value
    default: Value


class FrontTrial(msgspec.Struct, frozen=True):
    """A trial on the Pareto front: no other dominates it."""

    trial: int
    values: tuple[float, ...]
    """Of the tuned measure, then of the further objectives."""


class RunResult(msgspec.Struct, frozen=True):
    """``result.json``: the result of a run. Scores are of the tuned measure."""

    learner: str
    measure: str
    maximise: bool
    trial: int
    configuration: Configuration
    validation_best: float
    validation_default: float | None
    default_configuration: Configuration
    trials: int
    evaluations: float
    seconds: float
    seed: int
    model_seed: int
    """``random_state`` of the fitted model."""
    folds: int
    test: Interval | None = None
    test_default: float | None = None
    test_rows: int = 0
    test_scores: dict[str, float] = {}
    """Every measure of the task on the outer test rows."""
    looks: int = 0
    """How often an outer test score of this run was computed; from 2 on it is watched,
    optimistic."""
    classes: tuple[str, ...] = ()
    prediction_rows: str = "test"
    """Which rows `predictions.parquet` is about: ``test``, or ``validation`` without test rows."""
    versions: dict[str, str] = {}
    stopped_by: str = ""
    further_measures: tuple[str, ...] = ()
    """Measures optimised at once."""
    front: tuple[FrontTrial, ...] = ()
    """With several measures: the trials that none beats, the best by the tuned measure first."""
    selected_by_user: bool = False
    """Whether the person chose the trial; else it is the best by the tuned measure."""
    selection_reason: str = ""
    """Why they chose it."""
    saved_evaluations: float = 0.0
    """Full evaluations saved by resuming promoted fits."""
    saved_seconds: float = 0.0
    """The same as time of workers."""
    format: int = 1


class RunSummary(msgspec.Struct, frozen=True):
    """A run as the library lists it."""

    path: str
    name: str
    state: Literal["running", "paused", "interrupted", "finished", "damaged"]
    created: float
    learner: str
    data: str
    target: str
    method: str
    measure: str
    trials: int
    failed: int
    evaluations: float
    planned: float | None
    best: float | None
    test: float | None = None
    problem: str = ""


class Confusion(msgspec.Struct, frozen=True):
    """Counts by true (row) and predicted (column) class."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Residuals(msgspec.Struct, frozen=True):
    """True and predicted values of at most 2,000 rows."""

    truth: tuple[float, ...]
    predicted: tuple[float, ...]
