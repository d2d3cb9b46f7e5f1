"""Log expected improvement, numerically stable where the improvement underflows.

Expected improvement: Jones, Schonlau and Welch (1998), equation 15. Its logarithm: Ament et al.
(2023), *Unexpected improvements to expected improvement*, section 4.1 and appendix A.1.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr

_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
_FAR = -1e6
"""Below it, the correction to the leading term is lost to rounding."""


def log_expected_improvement(mean: np.ndarray, sd: np.ndarray, best: float) -> np.ndarray:
    """Compute ``log E[max(best - f, 0)]`` for normal f, elementwise.

    Args:
        mean: of f, any shape.
        sd: of f, > 0, the same shape.
        best: score to improve on.

    Returns:
        The same shape: ``log sd + log h(z)`` with ``z = (best - mean) / sd``.
    """
    return np.log(sd) + log_h((best - mean) / sd)


def improvement_slopes(
    mean: np.ndarray, sd: np.ndarray, best: float
) -> tuple[np.ndarray, np.ndarray]:
    """Differentiate `log_expected_improvement` by ``mean`` and by ``sd``.

    Args:
        mean: of f, any shape.
        sd: of f, > 0, the same shape.
        best: score to improve on.

    Returns:
        Both derivatives, of the same shape: ``-Phi(z) / (sd h(z))`` and ``phi(z) / (sd h(z))``.
    """
    z = (best - mean) / sd
    level = log_h(z)
    return -np.exp(log_ndtr(z) - level) / sd, np.exp(-0.5 * z**2 - _LOG_SQRT_2PI - level) / sd


def log_h(z: np.ndarray) -> np.ndarray:
    """Compute ``log(phi(z) + z Phi(z))``, the log-improvement of a standard normal; any shape."""
    z = np.asarray(z, dtype=float)
    near = np.maximum(z, -1.0)
    # Three branches, as in Ament et al.: near the mean, in the tail, and where even z^2 dominates.
    direct = np.log(np.exp(-0.5 * near**2 - _LOG_SQRT_2PI) + near * ndtr(near))
    tail = np.clip(z, _FAR, -1.0)
    # phi(z) + z Phi(z) = phi(z) (1 - |z| sqrt(pi / 2) erfcx(|z| / sqrt 2)), the bracket in (0, 1).
    log_product = np.log(-tail * erfcx(-tail / math.sqrt(2))) + 0.5 * math.log(math.pi / 2)
    # Far out the bracket is 1 / z**2 - 3 / z**4 + 15 / z**6 - ..., and the difference would cancel.
    inverse = np.minimum(tail, -100.0) ** -2
    series = np.log(inverse) + np.log1p(-3 * inverse + 15 * inverse**2 - 105 * inverse**3)
    close = np.log(-np.expm1(np.minimum(log_product, -1e-16)))
    bracket = np.where(tail < -100.0, series, close)
    far = -0.5 * z**2 - _LOG_SQRT_2PI - 2 * np.log(np.maximum(-z, 1.0))
    asymptotic = np.where(z < _FAR, far, -0.5 * tail**2 - _LOG_SQRT_2PI + bracket)
    return np.where(z > -1.0, direct, asymptotic)
