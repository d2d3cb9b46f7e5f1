"""How the expected score changes along one hyperparameter or two, over all others: partial
dependence (Friedman 2001), with single curves beside it (Goldstein et al. 2015) and bounds over the
trees of the forest (for HPO: Moosbauer et al. 2021, NeurIPS).

The others are drawn from the whole search space, not from where the search has been. A conditional
hyperparameter is looked at where it is active; setting a parent switches its children on or off, as
it would in a fit.
"""

from __future__ import annotations

import math

import numpy as np

from engine.analysis.model import Model, Tick, activated, draws, unheard
from engine.domain.understanding import Effect, Plane
from engine.space import Categorical, Integer, Parameter, Value

POINTS = 25
"""Values along a number."""
BACKGROUND = 200
"""Draws of the others that an effect is averaged over; `PLANE` of them for two at once."""
PLANE = 60
CURVES = 40
"""Single curves handed out of those."""


def effect(
    model: Model, name: str, *, background: np.ndarray | None = None, seed: int = 0
) -> Effect:
    """The effect of the hyperparameter ``name``.

    Args:
        background: points of the cube that stand for the others, (m, d), NaN nowhere; drawn from
            the space if left out.
        seed: of these draws.
    """
    encoding = model.encoding
    place = encoding.space.names.index(name)
    raw = draws(encoding, BACKGROUND, seed) if background is None else background
    raw = activated(encoding, raw, place, seed)
    values, units = grid(encoding.space[name])
    at = np.repeat(raw, len(units), axis=0)
    at[:, place] = np.tile(units, len(raw))
    scores = model.trees.each(model.features(encoding.canonical(at)))
    scores = scores.reshape(-1, len(raw), len(units))
    by_tree = scores.mean(axis=1)
    low, high = np.percentile(by_tree, [10, 90], axis=0)
    mean = by_tree.mean(axis=0)
    return Effect(
        name,
        tuple(values),
        tuple(mean.tolist()),
        tuple(np.minimum(low, mean).tolist()),
        tuple(np.maximum(high, mean).tolist()),
        tuple(tuple(c.tolist()) for c in scores.mean(axis=0)[:CURVES]),
    )


def plane(
    model: Model,
    one: str,
    other: str,
    *,
    background: np.ndarray | None = None,
    seed: int = 0,
    tick: Tick = unheard,
) -> Plane:
    """The effect of the hyperparameters ``one`` (across) and ``other`` (upwards) together.

    Raises:
        Cancelled: as ``tick`` says.
    """
    encoding, space = model.encoding, model.encoding.space
    across, upwards = space.names.index(one), space.names.index(other)
    raw = draws(encoding, PLANE, seed) if background is None else background
    raw = activated(encoding, activated(encoding, raw, across, seed), upwards, seed)
    (x, left), (y, up) = grid(space[one]), grid(space[other])
    mean, doubt = [], []
    for row, unit in enumerate(up):
        at = np.repeat(raw, len(left), axis=0)
        at[:, across], at[:, upwards] = np.tile(left, len(raw)), unit
        rows = encoding.canonical(at)
        scores = model.trees.each(model.features(rows)).reshape(-1, len(raw), len(left))
        by_tree = scores.mean(axis=1)
        # One of the two may be the other's parent, which switches it off for all draws alike.
        off = np.isnan(rows[:, [across, upwards]]).any(axis=1).reshape(len(raw), -1).all(axis=0)
        mean.append(tuple(np.where(off, math.nan, by_tree.mean(axis=0)).tolist()))
        doubt.append(tuple(np.where(off, math.nan, by_tree.std(axis=0)).tolist()))
        tick((row + 1) / len(up))
    return Plane(one, other, tuple(x), tuple(y), tuple(mean), tuple(doubt))


def grid(parameter: Parameter, points: int = POINTS) -> tuple[list[Value], np.ndarray]:
    """Values along ``parameter`` and their places in the unit interval."""
    if isinstance(parameter, Categorical):
        values = list(parameter.choices)
    else:
        wanted = points
        if isinstance(parameter, Integer):
            wanted = min(points, parameter.high - parameter.low + 1)
        found = [parameter.from_unit(float(u)) for u in np.linspace(0, 1, wanted)]
        if isinstance(parameter, Integer) and parameter.high - parameter.low < points:
            found = list(range(parameter.low, parameter.high + 1))
        values = list(dict.fromkeys(found))
    return values, np.array([parameter.to_unit(v) for v in values])  # type: ignore[arg-type]
