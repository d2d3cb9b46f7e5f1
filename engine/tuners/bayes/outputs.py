"""Output transform: standardised scores with a compressed bad tail.

One catastrophic score must not flatten all the others. A monotone transform keeps their order, and
its inverse returns predictions to the measure's units.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar


class PowerTransform:
    """Standardised Yeo-Johnson transform (Yeo and Johnson 2000), its power fitted by likelihood.

    Args:
        values: shape (n,), finite, to be minimised.
        power: fixed instead of fitted; 1 standardises only.
    """

    def __init__(self, values: np.ndarray, power: float | None = None) -> None:
        # Before the power, the middle half decides the scale: it ignores the tails.
        low, self._shift, high = np.quantile(values, [0.25, 0.5, 0.75])
        spread = values.std()
        # 1.35 standard deviations are the interquartile range of a normal.
        self._unit = float(high - low) / 1.35 or float(spread) or 1.0
        centred = self._centre(values)
        self.power = _fit_power(centred) if power is None else power
        bent = yeo_johnson(centred, self.power)
        self._mean = float(bent.mean())
        self._sd = float(bent.std()) or 1.0
        self._ends = float(centred.min()), float(centred.max())

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Transform values to standardised scores, elementwise."""
        return (yeo_johnson(self._centre(values), self.power) - self._mean) / self._sd

    def _centre(self, values: np.ndarray) -> np.ndarray:
        """Robustly scaled ``values``, clipped: a million units bad is as bad as need be."""
        return np.clip((values - self._shift) / self._unit, -1e12, 1e6)

    def inverse(self, scores: np.ndarray) -> np.ndarray:
        """Values that become ``scores``, of any shape; clipped to one range's width beyond the
        known values."""
        low, high = self._ends
        width = max(high - low, 1.0)
        ends = yeo_johnson(np.array([low - width, high + width]), self.power)
        bent = np.clip(np.asarray(scores) * self._sd + self._mean, *ends)
        return inverse_yeo_johnson(bent, self.power) * self._unit + self._shift


def yeo_johnson(x: np.ndarray, power: float) -> np.ndarray:
    """Yeo-Johnson transform (Yeo and Johnson 2000), elementwise on any shape; the identity at power
    1."""
    up, down = np.log1p(np.maximum(x, 0.0)), np.log1p(np.maximum(-x, 0.0))
    return _bend(up, power) - _bend(down, 2.0 - power)


def inverse_yeo_johnson(y: np.ndarray, power: float) -> np.ndarray:
    """Inverse of `yeo_johnson` on its range, elementwise on any shape."""
    up, down = np.maximum(y, 0.0), np.maximum(-y, 0.0)
    return np.expm1(_unbend(up, power)) - np.expm1(_unbend(down, 2.0 - power))


def _bend(logs: np.ndarray, power: float) -> np.ndarray:
    """Box-Cox of 1 + x, ``((1 + x)^power - 1) / power``, from ``logs = log(1 + x)``."""
    return logs if abs(power) < 1e-8 else np.expm1(power * logs) / power


def _unbend(y: np.ndarray, power: float) -> np.ndarray:
    return y if abs(power) < 1e-8 else np.log1p(power * y) / power


def _fit_power(x: np.ndarray) -> float:
    """Maximum-likelihood power in [-2, 2], under which ``x`` is nearest to normal."""
    logs = np.sign(x) * np.log1p(np.abs(x))
    total = float(logs.sum())
    if np.ptp(x) == 0.0:
        return 1.0

    def loss(power: float) -> float:
        variance = yeo_johnson(x, power).var()
        # Minus the profile log-likelihood; the second term is the log of the Jacobian.
        return 0.5 * len(x) * np.log(max(variance, 1e-300)) - (power - 1.0) * total

    found = minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded", options={"xatol": 1e-2})
    return float(found.x)
