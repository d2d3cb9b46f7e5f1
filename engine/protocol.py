"""Every message between a front end and the engine: one JSON object a line, over stdin and stdout.

A front end sends requests; each carries an ``id`` and gets exactly one reply with that id: either
the reply type named in the request's docstring, or `Failed`. Slow requests reply when they are done
and can be cancelled (`Cancel`). Besides, the engine sends events on its own, numbered by ``seq``.

Messages are tagged by ``type``. Unknown types and fields are ignored, so that neighbours in version
understand each other; `Hello` exchanges the version. JSON has no non-finite numbers: they travel as
``{"$float": "nan" | "inf" | "-inf"}``.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from engine.errors import InputError
from engine.plan import Budget, ColumnKind, DataPlan, Plan, Resampling, Task, middle
from engine.records import (
    FoldRow,
    HyperparameterPair,
    Importance,
    RunResult,
    SurrogateSlice,
    TrialRow,
)
from engine.space import Configuration, SearchSpace, Value

VERSION = 1
MAX_LINE = 64 * 1024 * 1024
"""Longest line either side accepts, in bytes."""

# --- what there is to choose from: the catalog as data --------------------------------------------


class Option(msgspec.Struct, frozen=True):
    """An option of a method, from which forms are drawn."""

    name: str
    label: str
    kind: Literal["float", "integer", "choice", "boolean"]
    default: Value
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


class LearnerCard(msgspec.Struct, frozen=True):
    """A model as the window shows it. ``help`` is the name of its page in ``resources/help``."""

    id: str
    label: str
    summary: str
    good_for: str
    cost: str
    """In words: how the time of a fit grows."""
    tasks: tuple[Task, ...]
    hyperparameters: tuple[str, ...]
    help: str
    grows: str = ""
    """The hyperparameter that counts what a fit adds one by one (trees, rounds), if there is such:
    its fits can be partial, and go on later."""
    differentiable: bool = False
    """Whether hypergradients can be taken through its training."""


class MethodCard(msgspec.Struct, frozen=True):
    """An HPO method as the window shows it, with what it can do."""

    id: str
    label: str
    summary: str
    options: tuple[Option, ...]
    source: str
    help: str
    sketch: str
    """How such a method spends its budget, drawn by `engine.plots.sketch`: a key it knows."""
    conditions: bool = True
    """Whether it handles conditional search spaces jointly."""
    model_based: bool = False
    """Whether a model of the scores so far decides what is tried next."""
    partial_fits: bool = False
    """Whether it tries many configurations with small fits and gives full ones to the best."""
    gradient: bool = False
    """Whether it differentiates through the training instead of trying configurations."""
    partial_folds: bool = False
    """Whether it drops configurations after some of the folds."""
    several: bool = False
    """Whether it optimises several measures at once, and only such."""
    picture: Literal["", "surrogate", "rungs", "race", "population", "pareto"] = ""
    """The picture of `engine.plots` that shows it at work."""


class MeasureCard(msgspec.Struct, frozen=True):
    """A measure of how good predictions are."""

    id: str
    label: str
    maximise: bool
    tasks: tuple[Task, ...]
    summary: str
    help: str
    needs_probabilities: bool = False


class DatasetCard(msgspec.Struct, frozen=True):
    """A table that comes with scikit-learn."""

    source: str
    label: str
    summary: str
    rows: int
    columns: int
    task: Task


class Catalog(msgspec.Struct, frozen=True):
    """All there is to choose from."""

    learners: tuple[LearnerCard, ...]
    methods: tuple[MethodCard, ...]
    measures: tuple[MeasureCard, ...]
    datasets: tuple[DatasetCard, ...]
    costs: tuple[MeasureCard, ...] = ()
    """What can be optimised beside a measure of predictions, such as the time of a fit."""


# --- data, advice and runs, as replies carry them -------------------------------------------------


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


# --- requests -------------------------------------------------------------------------------------


class _Request(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    id: int


class Hello(_Request, frozen=True):
    """First message. Reply: `Welcome`."""

    version: int = VERSION


class OpenTable(_Request, frozen=True):
    """Read a table, propose what is not settled. Reply: `TableOpened`."""

    data: DataPlan


class Advise(_Request, frozen=True):
    """A complete plan by the guide, with reasons. What is given is kept. Reply: `Advised`."""

    data: DataPlan
    learner: str | None = None
    changes: dict[str, Any] = {}
    """Plan fields the person has set, by dotted path; they are kept, the rest is recommended around
    them."""
    probe: ProbeResult | None = None


class Check(_Request, frozen=True):
    """Whether a plan can run. Reply: `Checked`."""

    plan: Plan


class Probe(_Request, frozen=True):
    """Fit folds of the default configuration, to estimate costs and how much scores differ between
    folds. Reply: `Probed`."""

    plan: Plan


class Start(_Request, frozen=True):
    """Start a search. Reply: `Started`, then events."""

    plan: Plan
    out: str | None = None
    """Folder of the run; a new one in the library when left out."""


class Resume(_Request, frozen=True):
    """Go on with an interrupted, paused or finished run, with ``budget`` in place of its own if
    given. Reply: `Started`, then events."""

    path: str
    budget: Budget | None = None


class Pause(_Request, frozen=True):
    """No new fits until `Continue`. Running fits end. Reply: `Done`."""


class Continue(_Request, frozen=True):
    """Go on after `Pause`. Reply: `Done`."""


class Stop(_Request, frozen=True):
    """End the search and keep its results. Reply: `Done`; `RunChanged` tells when it has ended."""


class KillTrial(_Request, frozen=True):
    """End one running trial. Reply: `Done`."""

    number: int


class ListRuns(_Request, frozen=True):
    """Reply: `Runs`, newest first."""


class OpenRun(_Request, frozen=True):
    """Show a run that is on disk. Reply: `RunOpened`; its trials and folds follow as `Trials`."""

    path: str


class Discard(_Request, frozen=True):
    """Mark what an interrupted run left unfinished as failed. Reply: `Done`."""

    path: str


class DeleteRun(_Request, frozen=True):
    """Move a run to the ``deleted`` folder of the library. Reply: `Done`."""

    path: str


class Results(_Request, frozen=True):
    """Reply: `ResultsReady`."""

    path: str


class Take(_Request, frozen=True):
    """Fit the trial ``trial`` of the front instead of the best by the tuned measure, and make it
    the run's result: another look at the outer test. Reply: `ResultsReady`."""

    path: str
    trial: int


class Importances(_Request, frozen=True):
    """PED-ANOVA importance of the hyperparameters so far. Reply: `ImportancesReady`."""

    path: str


class Surrogate(_Request, frozen=True):
    """What the method's model of the scores thinks around the best configuration so far. Reply:
    `SurrogateReady`."""

    path: str


class Predict(_Request, frozen=True):
    """Predict the rows of ``source`` with a run's model into the file ``to``. Reply:
    `Predicted`."""

    path: str
    source: str
    to: str


class Export(_Request, frozen=True):
    """Write a run's configuration, script, model or trials. Reply: `Exported`."""

    path: str
    what: Literal["config", "script", "model", "trials", "report"]
    to: str


class Cancel(_Request, frozen=True):
    """Give up the pending request ``request``; that one then fails with ``cancelled``. Reply:
    `Done`."""

    request: int


class Shutdown(_Request, frozen=True):
    """End the engine; a running search is left resumable. Reply: `Done`."""


Request = (
    Hello
    | OpenTable
    | Advise
    | Check
    | Probe
    | Start
    | Resume
    | Pause
    | Continue
    | Stop
    | KillTrial
    | ListRuns
    | OpenRun
    | Discard
    | DeleteRun
    | Results
    | Take
    | Importances
    | Surrogate
    | Predict
    | Export
    | Cancel
    | Shutdown
)

# --- replies --------------------------------------------------------------------------------------


class _Reply(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    id: int


class Failed(_Reply, frozen=True):
    """The request could not be carried out; nothing was changed."""

    code: str
    sentence: str
    field: str | None = None
    details: str = ""


class Done(_Reply, frozen=True):
    """Carried out."""


class Welcome(_Reply, frozen=True):
    version: int
    engine: str
    catalog: Catalog
    workers: int
    """Physical cores that fits may use."""
    library: str
    """Folder of the person's runs."""


class TableOpened(_Reply, frozen=True):
    table: Table


class Advised(_Reply, frozen=True):
    plan: Plan
    advice: Advice
    space: SearchSpace
    """The learner's recommended space, whatever the plan's is."""
    default: Configuration
    """The learner's default configuration."""
    test_rows: int
    train_rows: int


class Checked(_Reply, frozen=True):
    problems: tuple[Problem, ...]


class Problem(msgspec.Struct, frozen=True):
    """Why a plan can't run: the sentence and the plan's field it is about."""

    code: str
    sentence: str
    field: str | None = None


class Probed(_Reply, frozen=True):
    probe: ProbeResult


class Started(_Reply, frozen=True):
    path: str
    plan: Plan


class Runs(_Reply, frozen=True):
    runs: tuple[RunSummary, ...]


class RunOpened(_Reply, frozen=True):
    path: str
    plan: Plan
    summary: RunSummary


class ResultsReady(_Reply, frozen=True):
    result: RunResult
    pairs: tuple[HyperparameterPair, ...]
    confusion: Confusion | None = None
    residuals: Residuals | None = None


class ImportancesReady(_Reply, frozen=True):
    importances: tuple[Importance, ...]
    trials: int
    """Complete trials they rest on."""


class SurrogateReady(_Reply, frozen=True):
    slices: tuple[SurrogateSlice, ...]
    """One a hyperparameter; empty while there is no model."""
    trials: int
    """Trials it rests on."""


class Predicted(_Reply, frozen=True):
    rows: int
    to: str
    notes: tuple[str, ...] = ()


class Exported(_Reply, frozen=True):
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
    | ResultsReady
    | ImportancesReady
    | SurrogateReady
    | Predicted
    | Exported
)

# --- events ---------------------------------------------------------------------------------------


class _Event(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    seq: int = 0


class Trials(_Event, frozen=True):
    """Trials of a run as they now stand (new ones, and new states of old ones), and new folds."""

    path: str
    trials: tuple[TrialRow, ...] = ()
    folds: tuple[FoldRow, ...] = ()


class Progress(_Event, frozen=True):
    """Where the search stands. ``left`` is None until an estimate can be trusted."""

    path: str
    evaluations: float
    planned: float | None
    fraction: float
    """Of the budget that will end the search first, 0 to 1."""
    elapsed: float
    left: float | None
    trials: int
    complete: int
    failed: int
    pruned: int
    busy: int
    workers: int


class RunChanged(_Event, frozen=True):
    """The search began, was paused, went on or ended. ``sentence`` says why, in words."""

    path: str
    state: Literal["running", "paused", "finishing", "finished", "stopped", "failed"]
    code: str = ""
    sentence: str = ""
    details: str = ""


class Activity(_Event, frozen=True):
    """How far a slow request is."""

    request: int
    label: str
    fraction: float | None = None


class Heartbeat(_Event, frozen=True):
    """Every second, so that a front end can tell a busy engine from a dead one."""


Event = Trials | Progress | RunChanged | Activity | Heartbeat
Message = Reply | Event

# --- lines ----------------------------------------------------------------------------------------


def encode(message: Request | Message) -> bytes:
    """``message`` as one line, newline included."""
    data = msgspec.json.encode(message)
    if b"null" in data:  # what is not finite became null, silently
        data = msgspec.json.encode(_tagged(msgspec.to_builtins(message)))
    return data + b"\n"


def decode_request(line: bytes) -> Request | None:
    """The request on ``line``; None for a type this version does not know.

    Raises:
        InputError: if the line is no message.
    """
    return _decode(line, Request)


def decode_message(line: bytes) -> Message | None:
    """The reply or event on ``line``; None for a type this version does not know.

    Raises:
        InputError: if the line is no message.
    """
    return _decode(line, Message)


def request_id(line: bytes) -> int | None:
    """The id on a ``line`` that is no request otherwise, so that it can be answered; None without
    one."""
    try:
        return msgspec.json.decode(line, type=_Numbered).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Numbered(msgspec.Struct):
    id: int


def known_types(union: Any) -> frozenset[str]:
    """The tags of a union of messages."""
    return frozenset(member.__name__ for member in union.__args__)


def _decode(line: bytes, union: Any) -> Any:
    if len(line) > MAX_LINE:
        raise InputError("protocol.malformed", why=f"a line of {len(line)} bytes")
    if b'"$float"' not in line:
        # Nearly every line: trials come by the thousand.
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return msgspec.json.decode(line, type=union)
    try:
        tree = msgspec.json.decode(line)
        if not isinstance(tree, dict):
            raise InputError("protocol.malformed", why="not an object")
        kind = tree.get("type")
        if not isinstance(kind, str):
            raise InputError("protocol.malformed", why="no type")
        if kind not in known_types(union):
            return None
        return msgspec.convert(_untagged(tree), union)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("protocol.malformed", why=str(error)) from error


def _tagged(tree: Any) -> Any:
    if isinstance(tree, float) and not math.isfinite(tree):
        return {"$float": "nan" if math.isnan(tree) else "inf" if tree > 0 else "-inf"}
    if isinstance(tree, dict):
        return {key: _tagged(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_tagged(value) for value in tree]
    return tree


def _untagged(tree: Any) -> Any:
    if isinstance(tree, dict):
        if len(tree) == 1 and tree.get("$float") in ("nan", "inf", "-inf"):
            return float(tree["$float"])
        return {key: _untagged(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_untagged(value) for value in tree]
    return tree
