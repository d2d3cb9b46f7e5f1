"""Sampling of irace: new configurations around elites, with a spread that shrinks.

Each elite carries a `Model`: the standard deviation of a truncated normal around its numbers, and a
probability for each choice of its categorical parameters. A new configuration inherits the model of
its parent; each race narrows it. All of this happens in the unit cube, where log scales and ranges
need no special case (Lopez-Ibanez et al. 2016, section 3.2; restart: section 3.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from engine.space import Categorical, Configuration, SearchSpace
from engine.tuners.points import Key, identify, some_unseen

HALF = 0.5
"""First standard deviation: half the range."""
ALIKE = 1e-4
"""Configurations closer than this in every coordinate count as the same."""
DRAWS = 5
"""Attempts to draw a configuration that is not known yet."""
NORMAL = NormalDist()


@dataclass(frozen=True)
class Model:
    """Sampling model of an elite."""

    spread: float
    """Standard deviation of every numeric parameter, in the unit interval."""
    weights: dict[str, np.ndarray]
    """Probability of each choice of each categorical parameter."""


def initial(space: SearchSpace) -> Model:
    """Initial model: uniform choices, and half the range as standard deviation."""
    categorical = [p for p in space.parameters if isinstance(p, Categorical)]
    return Model(HALF, {p.name: np.full(len(p.choices), 1 / len(p.choices)) for p in categorical})


def tunable(space: SearchSpace) -> int:
    """Number of parameters with more than one value; at least 1."""
    more_than_one = (
        len(p.choices) > 1 if isinstance(p, Categorical) else p.low < p.high
        for p in space.parameters
    )
    return max(1, sum(more_than_one))


def narrowed(
    model: Model, space: SearchSpace, elite: Configuration, new: int, race: int, races: int
) -> Model:
    """Narrow ``model`` for race number ``race`` of ``races``.

    The spread shrinks by ``(1/new)^(1/d)``. The probabilities of each categorical parameter shrink
    by ``1 - (race-1)/races`` and the elite's own choice gets the rest, but never more than
    ``0.2^(1/d)``, so that all ``d`` parameters together still change in four draws of five.

    Args:
        model: of ``elite``.
        space: of the search.
        elite: configuration it belongs to.
        new: configurations drawn in the race.
        race: its number, from 2.
        races: number of races planned.

    Returns:
        The narrowed model.
    """
    size = tunable(space)
    pull, most = (race - 1) / races, 0.2 ** (1 / size)
    weights = dict(model.weights)
    for name, p in model.weights.items():
        parameter = space[name]
        assert isinstance(parameter, Categorical)
        if name in elite:
            p = p * (1 - pull)
            p[parameter.index(elite[name])] += pull
            # The cap keeps every choice possible however often the elite had it.
            p = np.minimum(p / p.sum(), most)
            weights[name] = p / p.sum()
    return Model(model.spread * _factor(new, size), weights)


def widened(model: Model, space: SearchSpace, new: int) -> Model:
    """Soft restart of ``model``: the spread of two races back, but no wider than in the second
    race.

    Args:
        model: of an elite whose children coincide.
        space: of the search.
        new: configurations drawn in the race.

    Returns:
        The widened model; probabilities are ``0.9 p + 0.1 max p``, renormalised.
    """
    size = tunable(space)
    spread = min(model.spread / _factor(new, size) ** 2, HALF * _factor(new, size))
    weights = {}
    for name, p in model.weights.items():
        flat = 0.9 * p + 0.1 * p.max()
        weights[name] = flat / flat.sum()
    return Model(max(spread, model.spread), weights)


def around(
    space: SearchSpace, parent: Configuration, model: Model, rng: np.random.Generator
) -> Configuration:
    """Draw a configuration near ``parent``.

    Parents come before children; a parameter that is inactive in ``parent`` is drawn uniformly. One
    random number per parameter, active or not, so that no condition shifts the draws after it.

    Args:
        space: of the search.
        parent: configuration of an elite.
        model: the elite's.
        rng: of the draw.

    Returns:
        A configuration of the space.
    """
    unit = rng.random(len(space))
    drawn: Configuration = {}
    for parameter, u in zip(space.parameters, unit, strict=True):
        name = parameter.name
        if not space.is_active(name, drawn):
            continue
        if isinstance(parameter, Categorical):
            edges = np.cumsum(model.weights[name])
            index = int(np.searchsorted(edges, u * edges[-1], side="right"))
            drawn[name] = parameter.choices[min(index, len(parameter.choices) - 1)]
        elif name in parent:
            centre = parameter.to_unit(parent[name])  # type: ignore[arg-type]
            drawn[name] = parameter.from_unit(_truncated(u, centre, model.spread))
        else:
            # Inactive in the parent, so there is nothing to stay near.
            drawn[name] = parameter.from_unit(u)
    return drawn


@dataclass(frozen=True)
class Elite:
    """A parent with its sampling model."""

    configuration: Configuration
    model: Model


@dataclass(frozen=True)
class Child:
    """A new configuration: of the elite at index ``parent``, or drawn uniformly (None)."""

    configuration: Configuration
    key: Key
    parent: int | None
    model: Model


def offspring(
    space: SearchSpace,
    elites: Sequence[Elite],
    count: int,
    used: set[Key],
    rng: np.random.Generator,
) -> list[Child]:
    """Draw new configurations around elites.

    Elites are parents in proportion to ``len(elites) - rank``, ranks from 0. A trial draw comes
    first: where most children of an elite coincide with others, its model is restarted softly.

    Args:
        space: of the search.
        elites: the best first; without any, all is uniform.
        count: how many to draw.
        used: keys of known configurations; those returned are added.
        rng: of the draws.

    Returns:
        ``count`` configurations; fewer only where the space has no more.
    """
    if not elites:
        return [c for _ in range(count) if (c := _fresh(space, None, None, used, rng))]
    # p_z = (N_elite - r_z + 1) / (N_elite (N_elite + 1) / 2), ranks r_z from 1.
    chances = np.arange(len(elites), 0, -1, dtype=float)
    parents = rng.choice(len(elites), size=count, p=chances / chances.sum())
    trial = [around(space, elites[p].configuration, elites[p].model, rng) for p in parents]
    # A trial draw decides on the restart, since the real ones skip known configurations.
    coincide = _alike(space, [e.configuration for e in elites], trial)
    elites = [
        replace(elite, model=widened(elite.model, space, count))
        if np.any(parents == i) and np.mean(coincide[parents == i]) > 0.5
        else elite
        for i, elite in enumerate(elites)
    ]
    return [c for p in parents if (c := _fresh(space, elites[p], int(p), used, rng))]


def _fresh(
    space: SearchSpace,
    elite: Elite | None,
    parent: int | None,
    used: set[Key],
    rng: np.random.Generator,
) -> Child | None:
    def candidates():
        for _ in range(DRAWS if elite is not None else 0):
            assert elite is not None
            yield around(space, elite.configuration, elite.model, rng), parent
        for _ in range(DRAWS):
            yield space.sample(rng), None
        if rest := some_unseen(space, used):
            yield rest[rng.integers(len(rest))], None

    for configuration, origin in candidates():
        key = identify(space, configuration)
        if key is not None and key not in used:
            used.add(key)
            model = elite.model if elite is not None and origin is not None else initial(space)
            return Child(configuration, key, origin, model)
    return None


def _alike(space: SearchSpace, elites: list[Configuration], new: list[Configuration]) -> np.ndarray:
    """Mask of ``new`` that coincide with an elite or with each other, shape (len(new),)."""
    units = np.array([space.to_unit(c) for c in (*elites, *new)])
    units[np.isnan(units)] = -1.0
    found = np.zeros(len(units), dtype=bool)
    for i, unit in enumerate(units):
        found[i] = np.sum(np.all(np.abs(units - unit) < ALIKE, axis=1)) > 1
    return found[len(elites) :]


def _truncated(u: float, centre: float, spread: float) -> float:
    """Quantile ``u`` of a normal around ``centre``, truncated to the unit interval."""
    if spread <= 0:
        return centre
    low, high = NORMAL.cdf(-centre / spread), NORMAL.cdf((1 - centre) / spread)
    # `NormalDist.inv_cdf` refuses 0 and 1, which rounding may give.
    p = min(max(low + u * (high - low), 1e-300), 1 - 1e-16)
    return min(max(centre + spread * NORMAL.inv_cdf(p), 0.0), 1.0)


def _factor(new: int, size: int) -> float:
    return (1 / max(new, 1)) ** (1 / size)
