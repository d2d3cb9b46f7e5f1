"""Cards: descriptions of components for forms and lists, and the catalog of them all."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.options import Option
from engine.plan import Task


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
    fidelity_parameter: str = ""
    """Hyperparameter that counts what a fit adds one by one (trees, rounds), if there is one: its
    fits can be partial, and resumed later."""
    differentiable: bool = False
    """Whether hypergradients can be taken through its training."""
    fixed_only: tuple[str, ...] = ()
    """Those hyperparameters that no recommended space has; they can be fixed."""
    pictures: bool = False
    """Whether it is for tables whose columns are the pixels of square pictures, and only such."""
    most_rows: int | None = None
    """Rows beyond which it is not advised, because of its `cost`."""
    cost_source: str = ""
    """Source of the `cost`; empty for common knowledge."""
    help_text: str = ""
    """That page in Markdown, where `resources` has none: of a component of another package."""


class Sketch(msgspec.Struct, frozen=True):
    """How a method spends its budget on an easy problem, for the picture on its card."""

    summary: str
    """The picture in words."""
    dots: str
    """Evaluations in their order, each a word: how good it was, in thousandths of the way up, and
    after a colon its cost in thousandths of a full evaluation where it is less. ``130:111 850`` is
    a poor one of a ninth, then a good full one."""


class MethodCard(msgspec.Struct, frozen=True):
    """An HPO method as the window shows it, and its capabilities."""

    id: str
    label: str
    summary: str
    source: str
    help: str
    options: tuple[Option, ...] = ()
    """Those it declares (`engine.options`), then those that its kind shares."""
    sketch: Sketch | None = None
    help_text: str = ""
    """That page in Markdown, where `resources` has none: of a component of another package."""
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
    multi_objective: bool = False
    """Whether it optimises several measures at once, and only such."""
    picture: str = ""
    """The picture of how it searches: the id of one in `engine.plots.picture.PICTURES`."""


class MeasureCard(msgspec.Struct, frozen=True):
    """A measure of how good predictions are."""

    id: str
    label: str
    maximise: bool
    tasks: tuple[Task, ...]
    summary: str
    help: str
    needs: Literal["labels", "scores", "probabilities"] = "labels"
    """What it takes from a model: predicted labels or numbers; scores of each class (probabilities,
    or a decision function where there are none); or probabilities alone."""
    low: float | None = None
    """The least it can be; None: it has no bound."""
    high: float | None = None
    """The most it can be."""
    help_text: str = ""
    """That page in Markdown, where `resources` has none: of a component of another package."""


class DatasetCard(msgspec.Struct, frozen=True):
    """A table that comes with scikit-learn."""

    source: str
    label: str
    summary: str
    rows: int
    columns: int
    task: Task


class ReaderCard(msgspec.Struct, frozen=True):
    """A kind of table that can be opened."""

    id: str
    label: str
    summary: str = ""
    suffixes: tuple[str, ...] = ()
    """Of its files, in lower case with the point; none where a table is no file."""
    folders: bool = False
    """Whether a table is a folder."""
    options: Literal["text", "pictures", "typed"] = "typed"
    """The kind of its reading options, see `engine.plan.ReadOptions`."""


class Catalog(msgspec.Struct, frozen=True):
    """All there is to choose from."""

    learners: tuple[LearnerCard, ...]
    methods: tuple[MethodCard, ...]
    measures: tuple[MeasureCard, ...]
    datasets: tuple[DatasetCard, ...]
    costs: tuple[MeasureCard, ...] = ()
    """Costs that can be further objectives, such as the time of a fit."""
    left_out: tuple[str, ...] = ()
    """Why components of other packages are not among these, a sentence each."""
    readers: tuple[ReaderCard, ...] = ()
    """Kinds of tables that can be opened."""
