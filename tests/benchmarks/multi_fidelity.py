"""MF-Hartmann: test functions whose small fits mislead in a known way.

The Hartmann functions in 3 and 6 dimensions, flattened and made noisy at low fidelity (Kandasamy et
al. 2017, section 6; the form with noise and its settings: mf-prior-bench 1.10). To be minimised.
"""

from __future__ import annotations

import math

import numpy as np

from engine.space import Configuration, Float, SearchSpace

FULL = 100
"""Steps of a full fit; fidelity acts through the logarithm of the steps done."""

QUALITIES = {
    "plain": (0.5, 0.1),
    "good": (2.5, 2.0),
    "moderate": (3.0, 3.0),
    "bad": (3.5, 4.0),
    "terrible": (4.0, 5.0),
}
"""Bias and noise at the least fidelity: how well small fits foretell full ones."""

_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
_A = {
    3: np.array([[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]]),
    6: np.array(
        [
            [10, 3, 17, 3.5, 1.7, 8],
            [0.05, 10, 17, 0.1, 8, 14],
            [3, 3.5, 1.7, 10, 17, 8],
            [17, 8, 0.05, 10, 0.1, 14],
        ]
    ),
}
_P = {
    3: np.array([[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]),
    6: np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    ),
}
_LEAST = {3: -3.86278, 6: -3.32237}


class Hartmann:
    """A Hartmann function with fidelities; two with equal arguments are the same function.

    Args:
        dimensions: 3 or 6.
        quality: one of `QUALITIES`.
        seed: of the noise, which depends on it, the point and the fidelity alone.
    """

    def __init__(self, dimensions: int, quality: str = "plain", seed: int = 0) -> None:
        self.dimensions = dimensions
        self.bias, self.noise = QUALITIES[quality]
        self.seed = seed
        self.space = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(dimensions)))

    def __call__(self, configuration: Configuration, fidelity: float = 1.0) -> float:
        """The value at ``configuration``; ``fidelity`` is a share of a full fit, at least 0.01."""
        point = np.array([configuration[name] for name in self.space.names], dtype=float)
        reached = math.log(fidelity * FULL) / math.log(FULL)
        alpha = _ALPHA - self.bias * (1 - reached) ** 2
        away = np.sum(_A[self.dimensions] * (point - 1e-4 * _P[self.dimensions]) ** 2, axis=1)
        value = -float(alpha @ np.exp(-away))
        if reached < 1:
            words = np.append(point, fidelity).view(np.uint32)
            rng = np.random.default_rng([self.seed, *words])
            value += self.noise * (1 - reached) * rng.normal()
        return value

    def regret(self, configuration: Configuration) -> float:
        """How far the full fit of ``configuration`` is from the best there is."""
        return self(configuration) - _LEAST[self.dimensions]
