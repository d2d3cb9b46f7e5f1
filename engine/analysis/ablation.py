"""The way from one configuration to another, one hyperparameter at a time: which changes made the
difference (Fawcett and Hoos 2016; on a model instead of fits: Biedenkapp et al. 2017, AAAI,
*Efficient parameter importance analysis via ablation with surrogates*).

Each step takes over the value that helps most according to the forest, or harms least. It is a path
among many: where hyperparameters act together, the order decides who is credited.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis.model import Model
from engine.domain.understanding import AblationStep
from engine.space import Configuration


@dataclass(frozen=True)
class Path:
    """Where it starts, in the measure's units with its bounds over trees, and its steps."""

    start: float
    low: float
    high: float
    steps: tuple[AblationStep, ...]


def ablation(model: Model, source: Configuration, target: Configuration, *, maximise: bool) -> Path:
    """The path from ``source`` to ``target``, both in the space of ``model``.

    A hyperparameter that is active in only one of them has no step of its own: it is switched on or
    off along with its parent.
    """
    space = model.encoding.space
    begin, end = space.to_unit(source), space.to_unit(target)
    # The coordinate of what is inactive does not matter until it is switched on: then it has the
    # value of the configuration that has one.
    at = np.where(np.isnan(begin), np.where(np.isnan(end), 0.5, end), begin)
    goal = np.where(np.isnan(end), at, end)
    sign = 1.0 if maximise else -1.0
    before = _each(model, at[None])[:, 0]
    start = _bounds(before)
    left = np.flatnonzero(~np.isclose(at, goal, atol=1e-12)).tolist()
    steps = []
    while left:
        active = ~np.isnan(model.encoding.canonical(at[None])[0])
        # What is inactive at present waits for its parent.
        able = [j for j in left if active[j]] or left
        tried = np.repeat(at[None], len(able), axis=0)
        tried[np.arange(len(able)), able] = goal[able]
        scores = _each(model, tried)
        chosen = int(np.argmax(sign * scores.mean(axis=0)))
        j = able[chosen]
        now = ~np.isnan(model.encoding.canonical(tried[chosen][None])[0])
        after = scores[:, chosen]
        name = space.names[j]
        parameter = space.parameters[j]
        steps.append(
            AblationStep(
                name,
                source.get(name, parameter.from_unit(float(at[j]))),
                target.get(name, parameter.from_unit(float(goal[j]))),
                tuple(space.names[k] for k in np.flatnonzero(now != active)),
                *_bounds(after),
                *_bounds(sign * (after - before)),
            )
        )
        at, before = tried[chosen], after
        left.remove(j)
    return Path(*start, tuple(steps))


def _each(model: Model, raw: np.ndarray) -> np.ndarray:
    """What every tree expects at points of the cube, shape (trees, m)."""
    return model.trees.each(model.features(model.encoding.canonical(raw)))


def _bounds(values: np.ndarray) -> tuple[float, float, float]:
    mean = float(values.mean())
    low, high = np.percentile(values, [10, 90])
    return mean, float(min(low, mean)), float(max(high, mean))
