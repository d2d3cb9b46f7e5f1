"""`Plan`: everything a person chooses for a search, as one immutable value saved as JSON.

Plan and seed decide a run. A plan says nothing about what happened; that is
the archive's. Fields are addressed by dotted paths (`replace`), which is what ``--set`` on the
command line and undo in the window use.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from engine.errors import InputError
from engine.gradients import Gradients
from engine.space import SearchSpace, Value

FORMAT = 2
"""Of saved plans; others are refused."""

Task = Literal["binary", "multiclass", "regression"]
ColumnKind = Literal["number", "category", "date", "text"]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a plan: immutable, and loud about fields it does not know."""


class _Reading(_Part, frozen=True, tag_field="kind"):
    """How a table is read. Each kind of table has its own options; ``None`` means: find out."""

    rows: int | None = None
    """Read only the first so many rows."""

    @property
    def decimal_sign(self) -> str:
        """Of numbers that the table holds as text."""
        return "."


class TextOptions(_Reading, frozen=True, tag="text"):
    """How a text table (CSV, TSV) is read."""

    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    quote: str | None = None
    header: bool | None = None

    @property
    def decimal_sign(self) -> str:
        """Of numbers that the table holds as text."""
        return self.decimal or "."


class PictureOptions(_Reading, frozen=True, tag="pictures"):
    """How a folder of pictures is read."""

    side: int | None = None
    """Pixels of an edge that each picture is brought to."""


class TypedOptions(_Reading, frozen=True, tag="typed"):
    """How a table is read whose columns have types (Parquet, Arrow, bundled tables), and any table
    of a reader from another package."""

    options: dict[str, Value] = {}
    """Those that only its reader knows, by name."""


ReadOptions = TextOptions | PictureOptions | TypedOptions


class DataPlan(_Part, frozen=True):
    """The table, what to predict, and from what."""

    source: str
    """Argument of a reader: path of a file or of a folder of pictures, or ``builtin:NAME``."""
    target: str | None = None
    task: Task | None = None
    positive: str | None = None
    """The positive class of a binary task, as text."""
    leave_out: tuple[str, ...] = ()
    kinds: dict[str, ColumnKind] = {}
    """Column kinds set by the person; the others are found."""
    read: ReadOptions | None = None
    """None: all is found out."""
    sha256: str | None = None
    test_source: str | None = None
    """A second file with the outer test rows (``--test``); otherwise
    `EvaluationPlan.test_share`."""
    test_sha256: str | None = None


class LearnerPlan(_Part, frozen=True):
    """The model, and hyperparameters held at a fixed value instead of tuned."""

    id: str
    fixed: dict[str, Value] = {}


class PreparationPlan(_Part, frozen=True):
    """Preparation of columns inside the folds, before the learner."""

    impute: Literal["median", "mean"] = "median"
    """Missing numbers; a missing category is a category of its own."""
    encode: Literal["one_hot", "ordinal"] = "one_hot"
    max_categories: int = 50
    """Rarer categories beyond so many share one column."""
    scale: Literal["auto", "standard", "none"] = "auto"
    """``auto``: standardise where the learner needs it."""


class Resampling(_Part, frozen=True):
    """How a configuration is scored on the rows that are not outer test rows."""

    kind: Literal["holdout", "kfold", "repeated_kfold"] = "kfold"
    folds: int = 5
    repeats: int = 1
    share: float = 0.25
    """Validation share of a holdout."""

    @property
    def n_folds(self) -> int:
        """Fits that one full evaluation takes."""
        if self.kind == "holdout":
            return 1
        return self.folds * (self.repeats if self.kind == "repeated_kfold" else 1)


class OuterFold(_Part, frozen=True):
    """One fold of an outer cross-validation, whose rows are the outer test rows (nested
    resampling)."""

    fold: int
    """From 0."""
    folds: int
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)] = 0
    """Of the cross-validation's shuffle: its folds belong together."""


class EvaluationPlan(_Part, frozen=True):
    """Measure, resampling and the outer test."""

    measure: str
    resampling: Resampling = Resampling()
    test_share: float = 0.2
    """Share of the rows kept out of the whole search as outer test; 0 for none."""
    further_measures: tuple[str, ...] = ()
    """Optimised at once beside ``measure``: ids of further measures of the task, or of costs
    (``fit_seconds``, ``predict_seconds``). Only some methods can."""
    outer: OuterFold | None = None
    """In place of ``test_share``: the outer test rows are those of a fold."""
    watch_outer: bool = False
    """Score each new incumbent on the outer test rows during the search, for people to see
    overtuning; the search does not use it. Each is a look at the outer test."""

    @property
    def held_out(self) -> float:
        """Share of the table's rows kept out of the whole search as outer test."""
        return self.test_share if self.outer is None else 1 / self.outer.folds


class MethodPlan(_Part, frozen=True, tag_field="kind", tag="method"):
    """A method that tries configurations, and its options; every option of the method is spelled
    out in a saved plan."""

    id: str
    options: dict[str, Value] = {}
    """Those of ``resolved_id`` where that is set."""
    resolved_id: str = ""
    """For ``auto``: the method that the guide has picked."""
    reason: str = ""
    """Why it has."""

    def __post_init__(self) -> None:
        if self.id == Gradients.id:
            raise ValueError(f"{self.id} tries no configurations: it is a search of kind gradients")

    @property
    def working_id(self) -> str:
        """The method that does the work: for ``auto`` the one that was picked, if one was."""
        return self.resolved_id or self.id


class Configurations(_Part, frozen=True, tag_field="kind", tag="configurations"):
    """A search that tries configurations of a space."""

    space: SearchSpace
    method: MethodPlan


def method_of(id: str, options: Mapping[str, Any] | None = None) -> MethodPlan | Gradients:
    """The method with the id ``id``.

    Raises:
        InputError: ``plan.field`` if an option does not fit its field.
    """
    if id == Gradients.id:
        return Gradients.from_options(options or {})
    try:
        return msgspec.convert({"kind": "method", "id": id, "options": options or {}}, MethodPlan)
    except msgspec.ValidationError as error:
        raise _misfit(error) from error


def search_of(space: SearchSpace, method: MethodPlan | Gradients) -> Configurations | Gradients:
    """A search by ``method``, in ``space`` where it has one."""
    return method if isinstance(method, Gradients) else Configurations(space, method)


class Budget(_Part, frozen=True):
    """When the search ends: as soon as any of these is reached. At least one must be set."""

    evaluations: float | None = None
    """Full evaluations (all folds at full fidelity); partial work counts its share."""
    seconds: float | None = None
    target: float | None = None
    """Stop once the measure is at least this good."""
    stagnation: int | None = None
    """Stop after so many full evaluations without improvement."""


class Limits(_Part, frozen=True):
    """Bounds of a single fit."""

    seconds: float | None = None
    memory_mb: float | None = None


class Plan(_Part, frozen=True):
    """A whole search, ready to run."""

    data: DataPlan
    learner: LearnerPlan
    search: Configurations | Gradients
    evaluation: EvaluationPlan
    budget: Budget
    preparation: PreparationPlan = PreparationPlan()
    limits: Limits = Limits()
    workers: int = 1
    reproducible: bool = False
    """Same archive whatever the speed of the workers: proposal n is asked when exactly the results
    up to n - `max_pending` are told, or once the method has something to ask after that."""
    max_pending: int = 1
    """Proposals that may wait for their results at once when `reproducible`."""
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)] = 0
    """numpy's and scikit-learn's generators take 32 bits."""
    parent_run: str = ""
    """Folder of the parent run, whose search this one resumes in another version of the space."""
    format: int = FORMAT

    @property
    def by_gradient(self) -> bool:
        """Whether hyper-steps tune what has a gradient, in place of configurations tried."""
        return isinstance(self.search, Gradients)

    @property
    def space(self) -> SearchSpace:
        """Of the configurations; empty where there are none."""
        return self.search.space

    @property
    def method(self) -> MethodPlan | Gradients:
        """What decides what is evaluated next, with its options."""
        return self.search.method


def with_method(
    plan: Plan, method: MethodPlan | Gradients, space: SearchSpace | None = None
) -> Plan:
    """``plan`` searched by ``method``, in ``space`` or else its own."""
    search = search_of(plan.space if space is None else space, method)
    return msgspec.structs.replace(plan, search=search)


def middle(space: SearchSpace, fixed: Mapping[str, Value], name: str) -> float | None:
    """Middle of the range of the hyperparameter ``name``, or its fixed value.

    Args:
        space: that is searched.
        fixed: hyperparameters with a fixed value.
        name: of a number.

    Returns:
        None where it is neither tuned nor fixed, or not a number.
    """
    value = space[name].from_unit(0.5) if name in space.names else fixed.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def replace(plan: Plan, changes: Mapping[str, object]) -> Plan:
    """``plan`` with fields set by dotted path, for example ``{"evaluation.resampling.folds": 10}``.

    How it searches has the paths ``space``, ``method.id`` and ``method.options.NAME``, whatever it
    searches by; another ``method.id`` starts from that one's own options.

    Raises:
        InputError: if a path does not exist or a value does not fit its field.
    """
    tree = _with_paths(plan)
    id, wanted = plan.method.id, changes.get("method.id", plan.method.id)
    if wanted != id:
        tree["method"] |= {"options": {}, "resolved_id": "", "reason": ""}
    for path, value in changes.items():
        if plan.by_gradient and wanted == id and path.partition(".")[0] == "space":
            raise InputError("plan.no_space", field=path)
        *parents, leaf = path.split(".")
        node: Any = tree
        for depth, key in enumerate(parents):
            node = _child(node, key, ".".join(parents[: depth + 1]))
        if not isinstance(node, dict) or (leaf not in node and not _is_open(parents)):
            raise _no_field(path, node)
        node[leaf] = msgspec.to_builtins(value)
    return _from_paths(tree)


def _with_paths(plan: Plan) -> dict[str, Any]:
    """``plan`` as a tree in which every field is where people look for it."""
    tree = msgspec.to_builtins(plan)
    del tree["search"]
    method = plan.method
    return tree | {
        "space": msgspec.to_builtins(plan.space),
        "method": {
            "id": method.id,
            "options": dict(method.options),
            "resolved_id": method.resolved_id,
            "reason": method.reason,
        },
    }


def _from_paths(tree: dict[str, Any]) -> Plan:
    space, method = tree.pop("space"), tree.pop("method")
    if isinstance(method, dict) and method.get("kind") == Gradients.__struct_config__.tag:
        search: Any = method
    elif isinstance(method, dict) and method.get("id") == Gradients.id:
        search = msgspec.to_builtins(Gradients.from_options(method["options"]))
    else:
        search = {"kind": "configurations", "space": space, "method": method}
        if isinstance(method, dict):
            search["method"] = {**method, "kind": "method"}
    return _convert({**tree, "search": search})


def encode(plan: Plan) -> bytes:
    """``plan`` as indented JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n"


def decode(text: bytes, *, name: str = "the plan") -> Plan:
    """The plan in ``text``; ``name`` is what an error calls it.

    Raises:
        InputError: if it is no plan, or one of another format.
    """
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError("plan.unreadable", path=name, why=str(error)) from error
    if not isinstance(tree, dict):
        raise InputError("plan.unreadable", path=name, why="it holds no object")
    found = tree.get("format", FORMAT)
    if isinstance(found, int) and found != FORMAT:
        code = "plan.newer" if found > FORMAT else "plan.older"
        raise InputError(code, path=name, found=found, known=FORMAT)
    try:
        return msgspec.convert(tree, Plan)
    except msgspec.ValidationError as error:
        raise InputError("plan.unreadable", path=name, why=str(error)) from error


def load(path: Path) -> Plan:
    """The plan saved at ``path``.

    Raises:
        InputError: if the file can't be opened, is no plan, or is one of another format.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("file.missing", path=path) from error
    except OSError as error:
        raise InputError("file.unreadable", path=path, why=error.strerror) from error
    return decode(text, name=str(path))


def _convert(tree: Any) -> Plan:
    try:
        return msgspec.convert(tree, Plan)
    except msgspec.ValidationError as error:
        raise _misfit(error) from error


def _misfit(error: msgspec.ValidationError) -> InputError:
    why, _, where = str(error).partition(" - at `$.")
    path = where.rstrip("`").removeprefix("search.") or "contents"
    why = why[:1].lower() + why[1:]
    return InputError("plan.field", path=path, value="that", why=why, field=path)


def _child(node: Any, key: str, path: str) -> Any:
    if not isinstance(node, dict) or key not in node:
        raise _no_field(path, node)
    return node[key]


def _is_open(parents: list[str]) -> bool:
    """Whether new names may be set here: options, fixed values and column kinds are
    dictionaries."""
    return parents in (
        ["method", "options"],
        ["learner", "fixed"],
        ["data", "kinds"],
        ["data", "read", "options"],
    )


def _no_field(path: str, node: Any) -> InputError:
    known = ", ".join(node) if isinstance(node, dict) else "nothing"
    return InputError("plan.unknown", kind="field", name=path, known=known, field=path)
