"""Data, advice and runs, as replies carry them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from engine.plan import ColumnKind, DataPlan, Resampling, Task, middle
from engine.space import SearchSpace, Value


class Notice(msgspec.Struct, frozen=True):
    """Something a person should know about their table, with what was done or can be done."""

    code: str
    sentence: str
    columns: tuple[str, ...] = ()
    fix: Literal["leave_out", ""] = ""
    """What the *Fix* action does to ``columns``."""
    severity: Literal["note", "caution"] = "note"


class Column(msgspec.Struct, frozen=True):
    """One column of the table as the preview shows it."""

    name: str
    kind: ColumnKind
    used: bool
    """Whether the learner will see it (left-out columns and the target are not used)."""
    missing: int
    distinct: int
    minimum: str = ""
    maximum: str = ""
    histogram: tuple[int, ...] = ()
    """Counts in at most 12 bins (numbers) or of the most frequent values (categories)."""
    examples: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """A table that was read: facts, preview and warnings. ``data`` has every reading option
    settled, the hash, and, once there is a target, task and positive class."""

    data: DataPlan
    rows: int
    columns: tuple[Column, ...]
    preview: tuple[tuple[str, ...], ...]
    warnings: tuple[Notice, ...] = ()
    suggested_target: str | None = None
    classes: tuple[tuple[str, int], ...] = ()
    """Class and count, most frequent first; empty for regression."""
    tasks: tuple[Task, ...] = ()
    """Tasks this target allows, the proposed one first."""


class Recommendation(msgspec.Struct, frozen=True):
    """One choice with its reason: what a card shows."""

    choice: str
    """An id (learner, method, measure) or a short value (``10-fold``)."""
    label: str
    reason: str
    """In the person's own figures."""
    source: str
    would_change: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    """Name and value of the facts it rests on."""
    fits: bool = True
    """False for what is listed but not advised."""


class Advice(msgspec.Struct, frozen=True):
    """Ranked recommendations for each choice; the first of each is in `Advised.plan`."""

    learner: tuple[Recommendation, ...] = ()
    measure: tuple[Recommendation, ...] = ()
    resampling: tuple[Recommendation, ...] = ()
    method: tuple[Recommendation, ...] = ()
    budget: tuple[Recommendation, ...] = ()
    workers: tuple[Recommendation, ...] = ()
    estimate: tuple[Recommendation, ...] = ()
    """How to know what the result is worth; the choices are shares for the outer test."""


class ProbeResult(msgspec.Struct, frozen=True):
    """What folds of the default configuration cost and gave."""

    seconds: float
    """Wall time of one fold, the median."""
    evaluation_seconds: float
    """One full evaluation: all folds, one after another."""
    memory_mb: float
    score: float
    """Mean over the folds that were fitted."""
    grows: str = ""
    """The hyperparameter that counts trees or rounds, as on the learner's card."""
    size: float = 0.0
    """Its value in the default configuration; 0 where nothing grows."""
    fold_scores: dict[str, tuple[float, ...]] = {}
    """Scores of the folds that were fitted, by measure."""
    resampling: Resampling | None = None
    """What the folds are of."""

    def typical_seconds(self, space: SearchSpace, fixed: Mapping[str, Value]) -> float:
        """Wall time of one fold in the middle of ``space``: a search fits as many trees or rounds
        as its range has on average, often ten times the default's."""
        size = middle(space, fixed, self.grows)
        return self.seconds * size / self.size if size and self.size else self.seconds


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


class Problem(msgspec.Struct, frozen=True):
    """Why a plan can't run: the sentence and the plan's field it is about."""

    code: str
    sentence: str
    field: str | None = None
