"""Tuned penalty on the distance of any two classes' weights, as a matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.domain.hypergradients import Tuning
from engine.plots import draw
from engine.plots.colour import mix
from engine.plots.confusion import name_classes
from engine.plots.hyper_step_axes import AS_IT_STANDS, groups_by
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, number, style_axes

_SHADES = 64
_CLOSE = 1.05
"""Ratio of the ends of the scale at least: of a closer one the shades would show noise."""


@dataclass(frozen=True)
class Prepared:
    """A penalty for each pair of k classes.

    Attributes:
        labels: k words.
        values: shape (k, k), symmetric; NaN on the diagonal and for what is no number above 0.
        low, high: ends of the scale of shades, which is logarithmic.
        note: which pairs are at its ends, in words.
        summary: words.
    """

    labels: tuple[str, ...]
    values: np.ndarray
    low: float
    high: float
    note: str
    summary: str


def prepare(tuning: Tuning | None) -> Prepared:
    """Compute the matrix of the group that is tuned by pair of classes."""
    groups = tuning.groups if tuning is not None else ()
    group = next((g for g in groups if g.layout == "pairs" and g.parts), None)
    if tuning is None or group is None:
        return Prepared((), np.empty((0, 0)), 0.1, 1.0, "", "No classes share anything yet.")
    k = len(group.names)
    first, second = np.triu_indices(k, 1)
    each = np.asarray(group.parts[0].values, dtype=float)
    each = np.where(np.isfinite(each) & (each > 0), each, math.nan)
    values = np.full((k, k), math.nan)
    values[first, second] = values[second, first] = each
    low, high, note = 0.1, 1.0, ""
    if not np.isnan(each).all():
        least, most = int(np.nanargmin(each)), int(np.nanargmax(each))
        low, high = float(each[least]), float(each[most])
        if high > low * _CLOSE:
            names = [f"{group.names[first[n]]} and {group.names[second[n]]}" for n in (most, least)]
            note = f"most between {names[0]}, least between {names[1]}"
    size = f" ({k:,} classes of more shown)" if each.size < group.size else ""
    began = "" if group.start is None else f", {number(group.start, 2)} at the start"
    summary = (
        f"{group.label} at hyper-step {tuning.number:,}{size}: {group.size:,} pairs, from "
        f"{number(low, 2)} to {number(high, 2)}{began}."
    )
    summary += f" {note[:1].upper()}{note[1:]}." if note else ""
    labels = tuple(draw.shorten(name, 16 if k <= 8 else 10) for name in group.names)
    return Prepared(labels, values, low, high, note, summary)


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a matrix of classes, each pair shaded by its penalty on a log scale."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    behind, k = background(axes, theme), len(prepared.labels)
    shades = [mix(behind, theme.accent, 0.04 + 0.96 * i / (_SHADES - 1)) for i in range(_SHADES)]
    palette = [[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in (*shades, behind)]
    if k:
        colours = np.array(palette, np.uint8)[_levels(prepared)]
        draw.image(axes, colours, (-0.5, k - 0.5, k - 0.5, -0.5))
    axes.set_xlim(-0.5, max(k, 1) - 0.5)
    axes.set_ylim(max(k, 1) - 0.5, -0.5)
    name_classes(axes, prepared.labels)
    words = f"held together from {number(prepared.low, 2)} (faint) to {number(prepared.high, 2)}"
    axes.set_xlabel(f"{words}\n{prepared.note}" if prepared.note else words, linespacing=1.6)
    draw.message(axes, theme, "" if k else prepared.summary)
    axes.yaxis.set_visible(k > 0)
    axes.xaxis.set_visible(k > 0)


def _levels(prepared: Prepared) -> np.ndarray:
    """Places in the palette: the last for what has no value, the middle where all are alike."""
    width = math.log(prepared.high / prepared.low)
    if width < math.log(_CLOSE):
        share = np.where(np.isnan(prepared.values), math.nan, 0.5)
    else:
        share = np.log(prepared.values / prepared.low) / width
    places = np.rint(np.nan_to_num(share) * (_SHADES - 1)).clip(0, _SHADES - 1).astype(int)
    return np.where(np.isnan(share), _SHADES, places)


PICTURE = Picture(
    id="sharing",
    title="Sharing between classes",
    says=AS_IT_STANDS,
    prepare=lambda search: prepare(search.answer("tuning")),
    paint=paint,
    pages=("tuning", "report"),
    asks="Hyperparameters",
    choices=lambda search: groups_by(search.answer("tuning"), "pairs"),
    order=304,
)
