"""Ablation path from one configuration to another, one hyperparameter at a time: which changes made
the difference (Fawcett and Hoos 2016; on a surrogate model instead of real fits: Biedenkapp et al.
2017, AAAI, *Efficient parameter importance analysis via ablation with surrogates*).

Greedy: each step changes the hyperparameter whose new value improves the predicted score most, or
harms it least. It is one path among many: where hyperparameters interact, the order decides which
of them gets the credit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis.forest_model import Model
from engine.domain.understanding import AblationStep
from engine.space import Configuration


@dataclass(frozen=True)
class Path:
    """An ablation path: the predicted score at its start, with the 10th and 90th percentile over
    trees, in the measure's units, and its steps."""

    start: float
    low: float
    high: float
    steps: tuple[AblationStep, ...]


def ablation(model: Model, source: Configuration, target: Configuration, *, maximise: bool) -> Path:
    """Compute the ablation path from ``source`` to ``target``.

    A hyperparameter that is active in only one of them has no step of its own: it is switched on or
    off along with its parent.

    Args:
        model: forest fitted to the scores of the search.
        source: where the path starts, a configuration of the model's space.
        target: where it ends, likewise.
        maximise: whether a larger score is better.

    Returns:
        The path with one step for each active hyperparameter in which the two differ.
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
    # A step per coordinate that differs; equal values need none.
    left = np.flatnonzero(~np.isclose(at, goal, atol=1e-12)).tolist()
    steps = []
    while left:
        active = ~np.isnan(model.encoding.canonical(at[None])[0])
        # What is inactive at present waits for its parent.
        able = [j for j in left if active[j]] or left
        tried = np.repeat(at[None], len(able), axis=0)
        tried[np.arange(len(able)), able] = goal[able]
        scores = _each(model, tried)
        # Greedy choice: the flip with the best predicted score (Fawcett and Hoos 2016).
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
    """Predictions of every tree at points of the cube, (m, d): shape (trees, m)."""
    return model.trees.each(model.features(model.encoding.canonical(raw)))


def _bounds(values: np.ndarray) -> tuple[float, float, float]:
    mean = float(values.mean())
    # Over trees: where they disagree the forest has seen few trials nearby.
    low, high = np.percentile(values, [10, 90])
    return mean, float(min(low, mean)), float(max(high, mean))
