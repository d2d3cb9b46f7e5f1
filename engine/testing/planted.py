"""Searches of which it is known what matters: random configurations with a planted score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.domain.trials import STATES, Snapshot, TrialState
from engine.space import Categorical, Condition, Float, Integer, SearchSpace

EIGHT = SearchSpace(
    (
        *(Float(f"x{i}", 0.0, 1.0) for i in range(5)),
        Float("rate", 1e-4, 1.0, log=True),
        Categorical("kind", ("a", "b", "c")),
        Integer("depth", 1, 9),
    )
)
"""Eight hyperparameters, of which `planted` lets only ``rate`` and ``kind`` matter."""

CONDITIONAL = SearchSpace(
    (
        Categorical("kernel", ("rbf", "linear", "poly")),
        Float("gamma", 1e-3, 1.0, log=True),
        Integer("degree", 2, 5),
        Categorical("shift", (True, False)),
        Float("offset", 0.0, 1.0),
    ),
    (
        Condition("gamma", "kernel", ("rbf", "poly")),
        Condition("degree", "kernel", ("poly",)),
        Condition("shift", "kernel", ("poly",)),
        Condition("offset", "shift", (True,)),
    ),
)
"""Conditions of two levels."""


def random_search(
    space: SearchSpace,
    score: Callable[[np.ndarray], float],
    trials: int = 200,
    *,
    seed: int = 0,
    maximise: bool = False,
) -> Snapshot:
    """A finished random search; ``score`` gets the point of the cube, NaN where inactive."""
    random = np.random.default_rng(seed)
    drawn = [space.sample(random) for _ in range(trials)]
    columns = {}
    for name in space.names:
        columns[name] = np.empty(trials, object)
        columns[name][:] = [configuration.get(name) for configuration in drawn]
    number = np.arange(trials)
    return Snapshot(
        measure="score",
        measure_label="score",
        maximise=maximise,
        number=number,
        state=np.full(trials, STATES.index(TrialState.COMPLETE), np.int8),
        value=np.array([score(space.to_unit(c)) for c in drawn], float),
        started=number * 1.0,
        ended=number + 1.0,
        seconds=np.ones(trials),
        configurations=columns,
        space=space,
    )


def planted(
    trials: int = 200, *, seed: int = 0, maximise: bool = False, noise: float = 0.05
) -> Snapshot:
    """A random search of `EIGHT` in which only ``rate`` and ``kind`` matter, besides noise of that
    standard deviation (the planted part has one of about 0.22)."""
    random = np.random.default_rng([seed, 1])
    sign = -1.0 if maximise else 1.0

    def score(unit: np.ndarray) -> float:
        clean = (unit[5] - 0.3) ** 2 + 0.4 * (unit[6] > 0.6)
        return sign * float(clean + noise * random.standard_normal())

    return random_search(EIGHT, score, trials, seed=seed, maximise=maximise)
