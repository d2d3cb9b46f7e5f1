"""A tuning by gradient as it stands, summed up for pictures: read from its trials and from the
states in its folder. Nothing here imports JAX."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine import catalog
from engine.data.schema import Schema
from engine.domain.hypergradients import HyperStep, Layout, Part, TunedGroup, Tuning, WeighedRow
from engine.domain.trials import FoldResult, TrialRecord, TrialState
from engine.errors import TunesmithError
from engine.objective.pipeline import preparation
from engine.objective.problem import Problem, problem
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import library
from engine.tuners.hyper import stored
from engine.tuners.hyper.groups import KINDS, Kind, Spec
from engine.tuners.hyper.training import ITEM

MOST = 8_000
"""Numbers of a matrix that are sent at most."""
MOST_STEPS = 200
"""Steps of a schedule that are sent at most."""
SUSPECTS = 30
"""Rows listed as counting least."""
BLOCKS = (100, 80)
"""Rows and columns that a large matrix is averaged down to."""
RUNS = 20
"""Runs on the same table that are read for a reference."""
LOSS = "log_loss"
"""The measure that is an outer loss, where classes are learned."""

MOVES = ("turn", "zoom", "right", "down")
"""What is done to training pictures (`engine.learners.networks.pictures`)."""

_LAYOUTS: Mapping[object, Layout] = {
    "one": "one",
    "layers": "layers",
    "steps": "steps",
    "layers and steps": "steps",
    "weights": "weights",
}


def tuning(folder: Path, trials: Sequence[TrialRecord], number: int | None = None) -> Tuning | None:
    """What the run in ``folder`` has found; None for one that tunes by another method.

    Args:
        trials: of the run, finished or not.
        number: hyper-step whose values are wanted; the latest if left out. Where its state is gone,
            the one before it stands for it.
    """
    plan = files.load_plan(folder)
    if not catalog.working_card(plan).gradient:
        return None
    seen = _seen(str(folder))
    at, values = _values(folder, seen, number)
    weights = sum(math.prod(shape) for shape in seen.trained.shapes)
    reference, name = _reference(str(folder))
    by_row = values.get("examples")
    return Tuning(
        number=at,
        steps=steps(trials, plan.evaluation.resampling.jobs),
        groups=tuple(_group(seen, spec, kind, values) for kind, spec in seen.specs),
        inputs=seen.inputs,
        image=seen.image,
        pixels=seen.pixels,
        whole_bytes=float(ITEM * weights * seen.trained.steps),
        suspects=() if by_row is None else suspects(by_row, seen.task),
        reference=reference,
        reference_name=name,
    )


def steps(trials: Sequence[TrialRecord], jobs: int) -> tuple[HyperStep, ...]:
    """The hyper-steps that are done, in order."""
    final = [t for t in trials if t.state in (TrialState.COMPLETE, TrialState.FAILED)]
    return tuple(_step(trial, jobs) for trial in sorted(final, key=lambda t: t.number))


def suspects(weights: np.ndarray, task: Problem) -> tuple[WeighedRow, ...]:
    """Of the rows that weigh less than they began with, the `SUSPECTS` that weigh least."""
    order = [n for n in np.argsort(weights, kind="stable")[:SUSPECTS] if weights[n] < 0.999]
    classes = task.schema.classes
    targets = [task.target[n] for n in order]
    words = [classes[int(t)] if classes else f"{t:.6g}" for t in targets]
    return tuple(
        WeighedRow(int(task.rows[n]) + 1, _short(float(weights[n])), word)
        for n, word in zip(order, words, strict=True)
    )


# --- what does not change -------------------------------------------------------------------------


class _Seen:
    """What of a run stays the same: its training, groups, and names of columns."""

    def __init__(self, folder: Path) -> None:
        self.task = task = problem(str(folder))
        plan, facts = task.plan, task.facts
        self.inputs = _columns(task)
        figures = catalog.trained_of(plan, facts)
        assert figures is not None, "the run tunes by gradient"
        # As the training itself counts them.
        self.trained = figures._replace(inputs=len(self.inputs), rows=len(task.rows))
        self.specs = [(kind, spec) for kind in KINDS for spec in kind.chosen(self.trained)]
        layers = len(self.trained.shapes) // 2
        self.layers = tuple(
            f"{what} {n}" for n in range(1, layers + 1) for what in ("weights", "biases")
        )
        picture = task.facts.picture
        self.image = None if picture is None else (picture.side, picture.side)
        self.pixels = () if picture is None else picture.places


@lru_cache(maxsize=2)
def _seen(folder: str) -> _Seen:
    return _Seen(Path(folder))


def _columns(task: Problem) -> tuple[str, ...]:
    """Names of the prepared columns, in their order."""
    schema: Schema = task.schema
    if not schema.categorical:
        return schema.numeric
    train, _ = task.folds[0]
    prepare = preparation(schema, task.plan.preparation, scales=task.learner.scales)
    prepare.fit(task.features.iloc[train])
    return tuple(str(name).partition("__")[2] for name in prepare.get_feature_names_out())


@lru_cache(maxsize=8)
def _reference(folder: str) -> tuple[float | None, str]:
    """The least log loss that another search on the same rows and folds has reached, and its
    model."""
    plan = files.load_plan(Path(folder))
    if plan.data.task == "regression":
        return None, ""
    best: tuple[float | None, str] = (None, "")
    for other in _others(Path(folder), plan)[:RUNS]:
        with contextlib.suppress(TunesmithError):
            losses = _losses(library.archive_of(other)[0], plan.evaluation.resampling.jobs)
            if losses and (best[0] is None or min(losses) < best[0]):
                card = catalog.learner(files.load_plan(other).learner.id).card
                best = min(losses), card.label.lower()
    return best


def _others(folder: Path, plan: Plan) -> list[Path]:
    """Runs of the library by other methods that are comparable with ``plan``, newest first."""
    found = []
    for other in library.folders_with(files.PLAN):
        with contextlib.suppress(TunesmithError, OSError):
            its = files.load_plan(other)
            same = (its.data, its.seed, its.evaluation.resampling, its.evaluation.test_share)
            wanted = (plan.data, plan.seed, plan.evaluation.resampling, plan.evaluation.test_share)
            if other != folder and same == wanted and not catalog.working_card(its).gradient:
                found.append(((other / files.PLAN).stat().st_mtime, other))
    return [other for _, other in sorted(found, reverse=True)]


def _losses(trials: Sequence[TrialRecord], jobs: int) -> list[float]:
    whole = [t for t in trials if t.state is TrialState.COMPLETE and len(t.folds) == jobs]
    means = [_mean(lambda f: f.scores.get(LOSS), t.folds.values()) for t in whole]
    return [mean for mean in means if mean is not None]


# --- hyper-steps ----------------------------------------------------------------------------------


def _step(trial: TrialRecord, jobs: int) -> HyperStep:
    folds = [*trial.folds.values()]
    whole = folds if len(folds) == jobs else []
    remarks = [f.message if f.cause else " ".join(f.warnings) for f in folds]
    kept = [f.figures["stored_bytes"] for f in folds if "stored_bytes" in f.figures]
    return HyperStep(
        number=trial.number,
        loss=_mean(lambda f: f.figures.get("outer_loss"), whole),
        norm=_mean(lambda f: f.figures.get("norm"), whole),
        growth=_mean(lambda f: f.figures.get("growth"), whole),
        slope=_mean(lambda f: f.figures.get("slope"), whole),
        residual=_mean(lambda f: f.figures.get("residual"), whole),
        stored_bytes=max(kept, default=None),
        remark=next(filter(None, remarks), trial.message),
    )


def _mean(of: Callable[[FoldResult], float | None], folds: object) -> float | None:
    values = [of(fold) for fold in folds]  # type: ignore[attr-defined]
    usable = [v for v in values if v is not None and math.isfinite(v)]
    return sum(usable) / len(usable) if values and len(usable) == len(values) else None


# --- values ---------------------------------------------------------------------------------------


def _values(folder: Path, seen: _Seen, number: int | None) -> tuple[int, dict[str, np.ndarray]]:
    """A hyper-step and its natural values by name; where nothing is stored, those at the start."""
    known = sorted(n for n in stored.numbers(folder) if number is None or n <= number)
    while known:
        at = known.pop()
        free = stored.free(folder, at)
        if free is not None and all(spec.name in free for _, spec in seen.specs):
            return at, {spec.name: _natural(spec, free[spec.name]) for _, spec in seen.specs}
    return 0, {}


def _natural(spec: Spec, free: np.ndarray) -> np.ndarray:
    """Values that the training takes (`engine.gradient.groups`)."""
    values = free.astype(np.float64)
    if spec.scale == "log":
        return np.exp(values)
    return spec.top / (1 + np.exp(-values)) if spec.scale == "logit" else values


def _group(seen: _Seen, spec: Spec, kind: Kind, values: Mapping[str, np.ndarray]) -> TunedGroup:
    found = values.get(spec.name)
    if found is None:
        found = np.full(spec.shape, spec.start)
    layout = _layout(seen, kind)
    parts, at, names = _summed_up(seen, spec, layout, found)
    least, lower, middle, upper, most = map(_short, np.quantile(found, [0, 0.25, 0.5, 0.75, 1]))
    return TunedGroup(
        name=spec.name,
        label=kind.label,
        layout=layout,
        size=found.size,
        scale=spec.scale,
        start=None if spec.drawn or spec.spread else float(spec.start),
        low=spec.low,
        high=spec.high,
        spread=(least, lower, middle, upper, most),
        parts=parts,
        at=at,
        names=names,
    )


def _layout(seen: _Seen, kind: Kind) -> Layout:
    choice = seen.trained.options[kind.option]
    by_option: Mapping[str, Layout] = {
        "examples": "rows",
        "inputs": "columns",
        "initial": "weights",
        "training_set": "images",
        "sharing": "pairs",
    }
    return by_option.get(kind.option) or _LAYOUTS.get(choice, "one")


def _summed_up(
    seen: _Seen, spec: Spec, layout: Layout, values: np.ndarray
) -> tuple[tuple[Part, ...], tuple[int, ...], tuple[str, ...]]:
    """Matrices, steps and names, as `TunedGroup` has them."""
    if layout == "steps":
        table = values.reshape(len(values), -1)
        at = np.unique(np.linspace(0, len(table) - 1, MOST_STEPS).round().astype(int))
        names = seen.layers if table.shape[1] > 1 else ("all layers",)
        return (_part(spec.name, table[at]),), tuple(at.tolist()), names
    if layout == "weights":
        return _by_weight(seen, values), (), seen.layers
    if layout == "rows":
        ordered = np.sort(values, axis=None)
        return (_part(spec.name, _picked(ordered)[None, :]),), (), ()
    if layout == "images":
        classes = seen.task.schema.classes
        return (
            (_part(spec.name, values),),
            (),
            tuple(classes[n % len(classes)] for n in range(len(values))),
        )
    if layout == "pairs":
        return _by_pair(spec.name, seen.task.schema.classes, values)
    if spec.name in ("transform", "jitter"):
        return (_part(spec.name, values[None, :]),), (), MOVES
    names = {"layers": seen.layers, "columns": seen.inputs}.get(layout, ("all layers",))
    return (_part(spec.name, values.reshape(1, -1)),), (), names


def _by_pair(
    name: str, classes: tuple[str, ...], values: np.ndarray
) -> tuple[tuple[Part, ...], tuple[int, ...], tuple[str, ...]]:
    """As `_summed_up`; of many classes, the first."""
    most = (1 + math.isqrt(1 + 8 * MOST)) // 2
    kept = np.triu_indices(len(classes), 1)[1] < most
    return (_part(name, values[kept][None, :]),), (), classes[:most]


def _by_weight(seen: _Seen, values: np.ndarray) -> tuple[Part, ...]:
    """A matrix for each matrix or row of biases of the network."""
    shapes = seen.trained.shapes
    ends = np.cumsum([0, *map(math.prod, shapes)])
    parts = []
    for name, shape, (begin, end) in zip(seen.layers, shapes, pairwise(ends), strict=True):
        table = values[begin:end].reshape(shape if len(shape) == 2 else (1, -1))
        if table.size > MOST and not parts and seen.image is not None:
            table = table[:, : max(MOST // len(table), 1)]  # whole images, of some of the units
        parts.append(_part(name, _averaged(table) if table.size > MOST else table))
    return tuple(parts)


def _averaged(table: np.ndarray) -> np.ndarray:
    """``table`` as means over blocks, geometric ones where all values are positive."""
    positive = bool((table > 0).all())
    blocks = np.log(table) if positive else table
    for axis, most in enumerate(BLOCKS):
        starts = np.unique(np.linspace(0, blocks.shape[axis], most + 1).astype(int)[:-1])
        sizes = np.diff(np.append(starts, blocks.shape[axis]))
        sums = np.add.reduceat(blocks, starts, axis=axis)
        blocks = sums / (sizes[:, None] if axis == 0 else sizes)
    return np.exp(blocks) if positive else blocks


def _picked(values: np.ndarray) -> np.ndarray:
    if values.size <= MOST:
        return values
    return values[np.linspace(0, values.size - 1, MOST).round().astype(int)]


def _part(name: str, table: np.ndarray) -> Part:
    rows, columns = table.shape
    return Part(name, rows, columns, tuple(map(_short, table.ravel().tolist())))


def _short(value: float) -> float:
    """Five significant digits: more can't be seen, and would make messages long."""
    return float(f"{value:.5g}")
