"""The Matern 5/2 kernel, the warping of numbers, and their derivatives."""

from __future__ import annotations

import numpy as np

EDGE = 1e-6
"""Warped coordinates keep this distance from 0 and 1, where the warping has infinite slope."""


def squared_distances(left: np.ndarray, right: np.ndarray, same: bool = False) -> np.ndarray:
    """Squared Euclidean distances, shape ``(m, n)``; with ``same`` exactly 0 on the diagonal."""
    squares = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right)
    squares -= 2 * left @ right.T
    np.maximum(squares, 0.0, out=squares)
    if same:
        np.fill_diagonal(squares, 0.0)
    return squares


def matern(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The Matern 5/2 correlation at squared distances, and its derivative by them."""
    root = np.sqrt(5 * squares)
    decay = np.exp(-root)
    slope = (1 + root) * decay
    correlation = slope + (5 / 3) * squares * decay
    slope *= -5 / 6
    return correlation, slope


def warp(rows: np.ndarray, columns: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """``rows`` with their numeric ``columns`` x replaced by 1 - (1 - x**a)**b; (a, b) are the rows
    of ``exponents``."""
    mapped = np.array(rows)
    x = np.clip(rows[:, columns], EDGE, 1 - EDGE)
    mapped[:, columns] = -np.expm1(exponents[1] * np.log1p(-(x ** exponents[0])))
    return mapped


def warp_slope(x: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Derivative of `warp` by x; some number where x is NaN (inactive)."""
    a, b = exponents
    x = np.clip(np.where(np.isnan(x), 0.5, x), EDGE, 1 - EDGE)
    return a * b * x ** (a - 1) * (1 - x**a) ** (b - 1)


def warp_slopes(x: np.ndarray, exponents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of `warp` by log a and by log b; 0 where x is NaN (inactive)."""
    a, b = exponents
    x = np.clip(np.where(np.isnan(x), 0.5, x), EDGE, 1 - EDGE)
    power = x**a
    rest = 1 - power
    by_a = a * b * rest ** (b - 1) * power * np.log(x)
    by_b = -b * rest**b * np.log(rest)
    return by_a, by_b
