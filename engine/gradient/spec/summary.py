"""Summary of a gradient run so far, for pictures, from its trials and the states in its folder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.special import expit

from engine.data.schema import Schema
from engine.domain.hypergradients import HyperStep, Layout, Part, TunedGroup, Tuning, WeighedRow
from engine.domain.trials import HyperStepRecord, TrialRecord, TrialState
from engine.gradient.spec import state_files
from engine.gradient.spec.outlook import training_spec
from engine.gradient.spec.training_spec import ITEM
from engine.gradient.spec.tunable import TUNABLES, GroupSpec, Tunable, natural
from engine.objective.fold_data import FoldData, fold_data
from engine.objective.pipeline import preparation

MOST = 8_000
"""Most numbers of a matrix in a summary."""
MOST_STEPS = 200
"""Most steps of a schedule in a summary."""
SUSPECTS = 30
"""Number of rows listed as those that weigh least."""
BLOCKS = (100, 80)
"""Rows and columns to which a large matrix is averaged."""
MOVES = ("turn", "zoom", "right", "down")
"""Moves of training pictures, as `engine.learners.networks.pictures` orders them."""

_LAYOUTS: Mapping[object, Layout] = {
    "one": "one",
    "layers": "layers",
    "steps": "steps",
    "layers and steps": "steps",
    "weights": "weights",
}


def summary(
    folder: Path,
    trials: Sequence[TrialRecord],
    number: int | None = None,
    *,
    reference: tuple[float | None, str] = (None, ""),
) -> Tuning:
    """Sum up a gradient run.

    Args:
        folder: folder of the run.
        trials: trials of the run, finished or not.
        number: hyper-step whose values to sum up; None: the latest. If its state is not stored, the
            latest state before it is used.
        reference: smallest log loss of another run on the same table, and that run's name.

    Returns:
        Hyper-steps so far, and tuned values, thinned out for drawing.
    """
    seen = _seen(str(folder))
    at, values = _values(folder, seen, number)
    by_row = values.get("examples")
    return Tuning(
        number=at,
        steps=steps(trials, seen.task.plan.evaluation.resampling.n_folds),
        groups=tuple(_group(seen, spec, kind, values) for kind, spec in seen.groups),
        inputs=seen.inputs,
        image=seen.image,
        pixels=seen.pixels,
        whole_bytes=float(ITEM * seen.spec.weights * seen.spec.steps),
        suspects=() if by_row is None else suspects(by_row, seen.task),
        reference=reference[0],
        reference_name=reference[1],
    )


def steps(trials: Sequence[TrialRecord], n_folds: int) -> tuple[HyperStep, ...]:
    """Sum up finished hyper-steps over their folds.

    Args:
        trials: records of the run, finished or not.
        n_folds: number of folds; figures of a hyper-step with fewer are None.

    Returns:
        Hyper-steps done, by number.
    """
    over = (TrialState.COMPLETE, TrialState.FAILED)
    final = [t for t in trials if isinstance(t, HyperStepRecord) and t.state in over]
    return tuple(trial.step(n_folds) for trial in sorted(final, key=lambda t: t.number))


def suspects(weights: np.ndarray, task: FoldData) -> tuple[WeighedRow, ...]:
    """List the rows whose weight has fallen most, which may be labelled wrongly.

    Args:
        weights: natural weights of the search's rows, shape (rows,); all began with 1.
        task: table and folds of the run.

    Returns:
        At most `SUSPECTS` rows that weigh less than 1, the lightest first, numbered from 1.
    """
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
    """The parts of a run that stay the same: its training, groups, and names of columns."""

    def __init__(self, folder: Path) -> None:
        self.task = task = fold_data(str(folder))
        plan, facts = task.plan, task.facts
        self.inputs = _columns(task)
        spec = training_spec(plan, facts)
        assert spec is not None, "the run tunes by gradient"
        # The outlook estimates these counts; here they are known.
        self.spec = spec._replace(inputs=len(self.inputs), rows=len(task.rows))
        self.groups = [(kind, group) for kind in TUNABLES for group in kind.chosen(self.spec)]
        layers = len(self.spec.shapes) // 2
        self.layers = tuple(
            f"{what} {n}" for n in range(1, layers + 1) for what in ("weights", "biases")
        )
        picture = task.facts.picture
        self.image = None if picture is None else (picture.side, picture.side)
        self.pixels = () if picture is None else picture.places


@lru_cache(maxsize=2)
def _seen(folder: str) -> _Seen:
    return _Seen(Path(folder))


def _columns(task: FoldData) -> tuple[str, ...]:
    """Names of the prepared columns, in their order."""
    schema: Schema = task.schema
    if not schema.categorical:
        return schema.numeric
    train, _ = task.folds[0]
    prepare = preparation(schema, task.plan.preparation, scales=task.learner.scales)
    prepare.fit(task.features.iloc[train])
    return tuple(str(name).partition("__")[2] for name in prepare.get_feature_names_out())


# --- values ---------------------------------------------------------------------------------------


def _values(folder: Path, seen: _Seen, number: int | None) -> tuple[int, dict[str, np.ndarray]]:
    """A hyper-step and its natural values by name; 0 and no values if nothing is stored."""
    known = sorted(n for n in state_files.numbers(folder) if number is None or n <= number)
    while known:
        at = known.pop()
        free = state_files.free(folder, at)
        if free is not None and all(spec.name in free for _, spec in seen.groups):
            return at, {spec.name: _natural(spec, free[spec.name]) for _, spec in seen.groups}
    return 0, {}


def _natural(spec: GroupSpec, free: np.ndarray) -> np.ndarray:
    values = free.astype(np.float64)
    return natural(values, spec.scale, spec.top, exp=np.exp, sigmoid=expit)


def _group(
    seen: _Seen, spec: GroupSpec, kind: Tunable, values: Mapping[str, np.ndarray]
) -> TunedGroup:
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


def _layout(seen: _Seen, kind: Tunable) -> Layout:
    choice = seen.spec.options[kind.option]
    by_option: Mapping[str, Layout] = {
        "examples": "rows",
        "inputs": "columns",
        "initial": "weights",
        "training_set": "images",
        "sharing": "pairs",
    }
    return by_option.get(kind.option) or _LAYOUTS.get(choice, "one")


def _summed_up(
    seen: _Seen, spec: GroupSpec, layout: Layout, values: np.ndarray
) -> tuple[tuple[Part, ...], tuple[int, ...], tuple[str, ...]]:
    """Fields ``parts``, ``at`` and ``names`` of `TunedGroup`."""
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
    """As `_summed_up`, of so many classes that their pairs are at most `MOST`."""
    most = (1 + math.isqrt(1 + 8 * MOST)) // 2
    kept = np.triu_indices(len(classes), 1)[1] < most
    return (_part(name, values[kept][None, :]),), (), classes[:most]


def _by_weight(seen: _Seen, values: np.ndarray) -> tuple[Part, ...]:
    """A matrix for each matrix or row of biases of the network."""
    shapes = seen.spec.shapes
    ends = np.cumsum([0, *map(math.prod, shapes)])
    parts = []
    for name, shape, (begin, end) in zip(seen.layers, shapes, pairwise(ends), strict=True):
        table = values[begin:end].reshape(shape if len(shape) == 2 else (1, -1))
        if table.size > MOST and not parts and seen.image is not None:
            table = table[:, : max(MOST // len(table), 1)]  # whole images, of some of the units
        parts.append(_part(name, _averaged(table) if table.size > MOST else table))
    return tuple(parts)


def _averaged(table: np.ndarray) -> np.ndarray:
    """Average ``table`` over blocks, geometrically if all values are positive."""
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
