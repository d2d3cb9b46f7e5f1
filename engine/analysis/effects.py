"""Partial dependence (Friedman 2001, section 8.2) of the predicted score on one or two
hyperparameters, with individual conditional expectation curves (Goldstein et al. 2015) and bounds
over the trees of the forest (for HPO: Moosbauer et al. 2021, NeurIPS).

The other hyperparameters are drawn uniformly from the search space, not from where the search has
been. The effect of a conditional hyperparameter is conditional on its being active; setting a
parent switches its children on or off, as it would in a fit.
"""

from __future__ import annotations

import math

import numpy as np

from engine.analysis.forest_model import Model, ProgressCallback, activated, draws, no_progress
from engine.domain.understanding import Effect, Plane
from engine.space import Categorical, Integer, Parameter, Value

POINTS = 25
"""Grid points along a number."""
BACKGROUND = 200
"""Draws of the other hyperparameters that an effect is averaged over; `PLANE` of them for two."""
PLANE = 60
CURVES = 40
"""Largest number of individual curves returned."""


def effect(
    model: Model, name: str, *, background: np.ndarray | None = None, seed: int = 0
) -> Effect:
    """Compute the partial dependence of the score on the hyperparameter ``name``.

    Args:
        model: forest fitted to the scores.
        name: of a hyperparameter of its space.
        background: values of the others to average over, unit-cube points of shape (m, d) without
            NaN; drawn from the space if left out.
        seed: of these draws.

    Returns:
        Mean, 10th and 90th percentile over trees at each grid value, in the measure's units, and up
        to `CURVES` individual curves.
    """
    encoding = model.encoding
    place = encoding.space.names.index(name)
    raw = draws(encoding, BACKGROUND, seed) if background is None else background
    raw = activated(encoding, raw, place, seed)
    values, units = grid(encoding.space[name])
    # Every background point combined with every grid value, grid values varying fastest.
    at = np.repeat(raw, len(units), axis=0)
    at[:, place] = np.tile(units, len(raw))
    scores = model.trees.each(model.features(encoding.canonical(at)))
    scores = scores.reshape(-1, len(raw), len(units))
    by_tree = scores.mean(axis=1)
    # One partial-dependence curve per tree; their spread says how far the forest agrees with
    # itself.
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
    tick: ProgressCallback = no_progress,
) -> Plane:
    """Compute the joint partial dependence on two hyperparameters.

    Args:
        model: forest fitted to the scores.
        one: hyperparameter across.
        other: hyperparameter upwards.
        background: as for `effect`.
        seed: of its draws.
        tick: progress callback, called after every row.

    Returns:
        Mean and standard deviation over trees on the grid, rows upwards; NaN where setting one of
        the two makes the other inactive.

    Raises:
        Cancelled: if ``tick`` raises it.
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
    """Choose values along ``parameter``: all choices or integers if there are at most ``points``,
    else evenly spaced on its (log) scale.

    Args:
        parameter: of the space.
        points: largest number of values of a number.

    Returns:
        The values and their unit-interval coordinates, shape (g,).
    """
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
