"""New configurations for a race from a density model of all that ever raced; not part of irace.

irace draws around its elites and forgets who was dropped. Here the densities of the good and of the
bad configurations are modelled as in BOHB (`density`), dropped ones included. On real fold scores a
budget of some dozens of evaluations finds more that way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.space import Configuration, SearchSpace
from engine.tuners.parzen.density import GOOD_SHARE, Axes, promising, split
from engine.tuners.points import Key, identify
from engine.tuners.race.sampling import Child, initial, offspring

CANDIDATES = 24
"""Draws from the good density for each new configuration."""
WIDER = 3.0
"""Bandwidth factor of the draws, as in BOHB."""


def likely(
    space: SearchSpace,
    seen: list[Configuration],
    scores: list[float],
    count: int,
    used: set[Key],
    rng: np.random.Generator,
) -> list[Child]:
    """Draw new configurations from the model, best first.

    Uniform while too few are ``seen`` for a model, and where the model has nothing new.

    Args:
        space: may have conditions.
        seen: configurations that raced.
        scores: theirs, smaller being better and infinite for a failure.
        count: how many to draw.
        used: keys of known configurations; those returned are added.
        rng: of the draws.

    Returns:
        ``count`` configurations; fewer only where the space has no more.
    """
    parts = split(np.array(scores), len(space) + 1, GOOD_SHARE) if scores else None
    if parts is None:
        return offspring(space, [], count, used, rng)
    axes = Axes(space)
    # A person's own configuration may lie outside the space.
    points = np.array([space.to_unit(space.nearest(configuration)) for configuration in seen])

    def modelled() -> Iterator[Child]:
        drawn = promising(points, *parts, axes, rng, candidates=CANDIDATES, factor=WIDER)
        for configuration in map(space.from_unit, drawn):
            key = identify(space, configuration)
            if key is not None and key not in used:
                yield Child(configuration, key, None, initial(space))

    children: list[Child] = []
    for _ in range(count):
        child = next(modelled(), None)
        if child is None:
            children += offspring(space, [], 1, used, rng)
        else:
            used.add(child.key)
            children.append(child)
    return children
