"""Values tuned for every weight, as images where the inputs are pixels, else as heat maps."""

from __future__ import annotations

import math

import numpy as np

from engine.domain.hypergradients import Part, TunedGroup, Tuning
from engine.plots import tiles
from engine.plots.hyper_step_axes import AS_IT_STANDS, group_label, groups_by
from engine.plots.picture import Picture
from engine.plots.style import number
from engine.plots.tiles import LIVE, Prepared, Tile


def prepare(tuning: Tuning | None, name: str = "l2") -> Prepared:
    """Compute a tile for each matrix of the group ``name``, tuned by weight.

    Of an image, each tile is what one unit of the first layer has at each pixel; the first tile is
    the mean over the units (the geometric one on a log scale).
    """
    group = _group(tuning, name)
    if tuning is None or group is None:
        return tiles.prepared((), log=True, key="", summary="There is nothing by weight yet.")
    log = group.scale == "log"
    shown: list[Tile] = []
    total: int | None = None
    first, *others = group.parts
    if tuning.image is not None and first.rows == len(tuning.pixels):
        units = matrix(first).T
        shown = [Tile("mean", as_image(_mean(units, log=log), tuning))]
        shown += [Tile(f"unit {n + 1}", as_image(unit, tuning)) for n, unit in enumerate(units)]
        total = len(shown)
    else:
        shown = [
            Tile(f"{part.name}: inputs by units", matrix(part), square=False)
            for part in (first, *(p for p in others if p.rows > 1))
        ]
    return tiles.prepared(
        shown, log=log, key=group.label, summary=_summary(group, tuning), total=total
    )


def matrix(part: Part) -> np.ndarray:
    """The values of ``part``, shape (rows, columns)."""
    return np.asarray(part.values, dtype=float).reshape(part.rows, part.columns)


def as_image(values: np.ndarray, tuning: Tuning) -> np.ndarray:
    """Place a value for each prepared column as an image.

    Args:
        values: shape (columns,).
        tuning: knows the size of the image and each column's pixel.

    Returns:
        Shape (height, width); NaN where a pixel is no column.
    """
    height, width = tuning.image or (1, len(values))
    image = np.full(height * width, math.nan)
    image[list(tuning.pixels or range(len(values)))] = values
    return image.reshape(height, width)


def _group(tuning: Tuning | None, name: str) -> TunedGroup | None:
    groups = tuning.groups if tuning is not None else ()
    return next((g for g in groups if g.name == name and g.layout == "weights" and g.parts), None)


def _mean(units: np.ndarray, *, log: bool) -> np.ndarray:
    return np.exp(np.log(np.maximum(units, 1e-300)).mean(axis=0)) if log else units.mean(axis=0)


def _summary(group: TunedGroup, tuning: Tuning) -> str:
    low, _, middle, _, high = group.spread
    began = "" if group.start is None else f", {number(group.start, 2)} at the start"
    return (
        f"{group.label} of {group.size:,} weights at hyper-step {tuning.number:,}: from "
        f"{number(low, 2)} to {number(high, 2)}, the median {number(middle, 2)}{began}."
    )


PICTURE = Picture(
    id="weight_maps",
    title="Values by weight",
    says=AS_IT_STANDS,
    prepare=lambda search: prepare(search.answer("tuning"), search.choice),
    live=LIVE,
    pages=("tuning", "report"),
    heading=group_label,
    asks="Hyperparameters",
    choices=lambda search: groups_by(search.answer("tuning"), "weights"),
    order=302,
)
