"""Learned training rows, as images where the columns are pixels, else as a heat map."""

from __future__ import annotations

from itertools import cycle

import numpy as np

from engine.domain.hypergradients import Tuning
from engine.plots import tiles
from engine.plots.hyper_step_axes import AS_IT_STANDS, groups_by
from engine.plots.picture import Picture
from engine.plots.tiles import LIVE, Prepared, Tile
from engine.plots.weight_maps import as_image, matrix


def prepare(tuning: Tuning | None) -> Prepared:
    """Compute a tile for each learned row, in the units of the prepared columns."""
    groups = tuning.groups if tuning is not None else ()
    group = next((g for g in groups if g.layout == "images" and g.parts), None)
    if tuning is None or group is None:
        summary = "There are no learned rows yet."
        return tiles.prepared((), log=False, key="", summary=summary, colours="grey")
    rows = np.concatenate([matrix(part) for part in group.parts])
    names = [name for name, _ in zip(cycle(group.names or ("",)), rows, strict=False)]
    if tuning.image is not None and rows.shape[1] == len(tuning.pixels):
        shown = [Tile(n, as_image(row, tuning)) for n, row in zip(names, rows, strict=True)]
    else:
        shown = [Tile("learned rows by columns", rows, square=False)]
    count = group.size // max(rows.shape[1], 1)
    classes = f" of the classes {', '.join(dict.fromkeys(group.names))}" if group.names else ""
    summary = f"{count:,} learned training rows{classes} at hyper-step {tuning.number:,}."
    key = "brightness, standardised" if tuning.image is not None else "value, standardised"
    return tiles.prepared(
        shown,
        log=False,
        key=key,
        summary=summary,
        colours="grey" if tuning.image is not None else "cividis",
        total=count if tuning.image is not None else None,
    )


PICTURE = Picture(
    id="learned_rows",
    title="Learned rows",
    says=AS_IT_STANDS,
    prepare=lambda search: prepare(search.answer("tuning")),
    live=LIVE,
    pages=("tuning", "report"),
    asks="Hyperparameters",
    choices=lambda search: groups_by(search.answer("tuning"), "images"),
    order=305,
)
