"""Cards: components as forms and lists show them, and all of them as the catalog."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.plan import Task
from engine.space import Value


class Option(msgspec.Struct, frozen=True):
    """An option of a method, from which forms are drawn."""

    name: str
    label: str
    kind: Literal["float", "integer", "choice", "boolean", "text"]
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
    unsearched: tuple[str, ...] = ()
    """Those hyperparameters that no recommended space has; they can be fixed."""
    pictures: bool = False
    """Whether it is for tables whose columns are the pixels of square pictures, and only such."""


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
    picture: str = ""
    """The picture that shows it at work: the id of one in `engine.plots.picture.PICTURES`."""


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
