"""Matern 5/2 kernel and input warping, with derivatives."""

from __future__ import annotations

import numpy as np

EDGE = 1e-6
"""Distance that warped coordinates keep from 0 and 1, where the warping has infinite slope."""


def squared_distances(left: np.ndarray, right: np.ndarray, same: bool = False) -> np.ndarray:
    """Squared Euclidean distances between rows.

    Args:
        left: shape ``(m, f)``.
        right: shape ``(n, f)``.
        same: whether both are the same, so that the diagonal is exactly 0.

    Returns:
        Shape ``(m, n)``.
    """
    squares = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right)
    squares -= 2 * left @ right.T
    np.maximum(squares, 0.0, out=squares)
    if same:
        np.fill_diagonal(squares, 0.0)
    return squares


def matern(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matern 5/2 correlation (Rasmussen and Williams 2006, equation 4.17) and its derivative by the
    squared distance.

    Args:
        squares: squared distances in length scales, any shape.

    Returns:
        Correlation and derivative, of the same shape.
    """
    root = np.sqrt(5 * squares)
    decay = np.exp(-root)
    slope = (1 + root) * decay
    correlation = slope + (5 / 3) * squares * decay
    # By r^2 rather than r: no division by r, which is 0 on the diagonal.
    slope *= -5 / 6
    return correlation, slope


def warp(rows: np.ndarray, columns: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Warp numeric columns by the Kumaraswamy distribution function ``1 - (1 - x^a)^b``.

    Args:
        rows: shape ``(m, d)``.
        columns: shape ``(w,)``, indices of the warped ones.
        exponents: shape ``(2, w)``, a and b.

    Returns:
        A copy, shape ``(m, d)``.
    """
    mapped = np.array(rows)
    x = np.clip(rows[:, columns], EDGE, 1 - EDGE)
    mapped[:, columns] = -np.expm1(exponents[1] * np.log1p(-(x ** exponents[0])))
    return mapped


def warp_slope(x: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Derivative of `warp` by x, shape ``(w,)``; finite but meaningless where x is NaN
    (inactive)."""
    a, b = exponents
    x = np.clip(np.where(np.isnan(x), 0.5, x), EDGE, 1 - EDGE)
    return a * b * x ** (a - 1) * (1 - x**a) ** (b - 1)


def warp_slopes(x: np.ndarray, exponents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of `warp` by log a and by log b, shape ``(m, w)`` each; 0 where x is NaN
    (inactive)."""
    a, b = exponents
    x = np.clip(np.where(np.isnan(x), 0.5, x), EDGE, 1 - EDGE)
    power = x**a
    rest = 1 - power
    by_a = a * b * rest ** (b - 1) * power * np.log(x)
    by_b = -b * rest**b * np.log(rest)
    return by_a, by_b
