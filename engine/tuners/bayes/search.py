"""Maximisation of the acquisition: local search over mixed neighbours, from many starts at once.

As in SMAC (Hutter et al. 2011, section 4.3), but all searches step together, so that the model
predicts hundreds of rows in one call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from engine.tuners.bayes.encoding import Encoding

Score = Callable[[np.ndarray], np.ndarray]
"""Acquisition at rows, ``(m, d)`` to ``(m,)``, to be maximised."""

Slope = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Acquisition at one row and its gradient, shape ``(d,)``."""


@dataclass(frozen=True)
class Effort:
    """Size of the search."""

    scattered: int = 500
    """Rows drawn uniformly from the space."""
    climbers: int = 8
    rounds: int = 12
    neighbours: int = 24
    """Per climber and round."""
    polished: int = 2
    """Best climbers improved by a gradient method at the end, where there is a gradient."""


@dataclass(frozen=True)
class Found:
    """All rows evaluated, shape (m, d), with their acquisition, shape (m,); the best first."""

    rows: np.ndarray
    scores: np.ndarray


def maximise(
    encoding: Encoding,
    score: Score,
    elite: np.ndarray,
    rng: np.random.Generator,
    effort: Effort,
    slope: Slope | None = None,
) -> Found:
    """Search for rows of high acquisition.

    Args:
        encoding: of the space.
        score: the acquisition.
        elite: shape (k, d), the best rows seen so far, from which some climbers start.
        rng: of this search.
        effort: how thorough.
        slope: the acquisition's gradient, if it has one.

    Returns:
        Every row evaluated on the way, so that the caller can skip known ones.
    """
    width = encoding.width
    pool = [encoding.canonical(rng.random((effort.scattered, width)))]
    # Near the best results, too, where uniform draws hardly ever fall in many dimensions.
    for spread in (0.02, 0.1):
        start = np.repeat(elite, max(effort.scattered // (4 * max(len(elite), 1)), 1), axis=0)
        pool.append(neighbours(encoding, start, np.full(len(start), spread), rng))
    rows = np.concatenate(pool)
    values = score(rows)
    asked, scores = [rows], [values]
    order = np.argsort(-values, kind="stable")[: effort.climbers]
    at, height = rows[order], values[order]
    reach = np.full(len(at), 0.1)
    for _ in range(effort.rounds):
        tried = neighbours(
            encoding,
            np.repeat(at, effort.neighbours, axis=0),
            np.repeat(reach, effort.neighbours),
            rng,
        )
        values = score(tried)
        asked.append(tried)
        scores.append(values)
        by_climber = values.reshape(len(at), -1)
        best = by_climber.argmax(axis=1)
        top = by_climber[np.arange(len(at)), best]
        better = top > height
        at = np.where(better[:, None], tried[best + effort.neighbours * np.arange(len(at))], at)
        height = np.where(better, top, height)
        # A climber that found nothing better looks closer.
        reach = np.where(better, reach, 0.5 * reach)
    if slope is not None and encoding.continuous.any():
        polished = [
            polish(encoding, slope, at[k])
            for k in np.argsort(-height, kind="stable")[: effort.polished]
        ]
        asked.append(np.stack(polished))
        scores.append(score(asked[-1]))
    rows, values = np.concatenate(asked), np.concatenate(scores)
    order = np.argsort(-values, kind="stable")
    return Found(rows[order], values[order])


def neighbours(
    encoding: Encoding, rows: np.ndarray, reach: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw one neighbour of each row: some hyperparameters changed, often just one.

    Numbers take normal steps, integers at least to the next; choices are redrawn; what becomes
    active by that takes any value.

    Args:
        encoding: of the space.
        rows: shape (m, d).
        reach: shape (m,), standard deviation of the steps.
        rng: of the draws.

    Returns:
        Shape (m, d).
    """
    count, width = rows.shape
    raw = np.where(np.isnan(rows), rng.random(rows.shape), rows)
    movable = np.flatnonzero(encoding.numeric | (encoding.choices > 1))
    if not len(movable):
        return encoding.canonical(raw)
    # Half the neighbours differ in one hyperparameter, half in each with some probability.
    share = np.where(rng.random(count) < 0.5, 0.0, min(3.0 / len(movable), 1.0))
    changed = np.zeros((count, width), bool)
    changed[:, movable] = rng.random((count, len(movable))) < share[:, None]
    changed[np.arange(count), rng.choice(movable, count)] = True
    steps = rng.standard_normal(rows.shape) * reach[:, None]
    # An integer must move to be a neighbour at all.
    steps = np.sign(steps) * np.maximum(np.abs(steps), encoding.steps(raw))
    # Away from an end that it would cross, so that the ends are neither favoured nor stayed at.
    steps = np.where((raw + steps < 0.0) | (raw + steps > 1.0), -steps, steps)
    moved = np.clip(raw + steps, 0.0, 1.0)
    other = np.maximum(encoding.choices - 1, 1)
    # By 1 to k - 1 cells, cyclically: any other choice, with equal probability.
    jump = (1 + np.floor(rng.random(rows.shape) * other)) / np.maximum(encoding.choices, 1)
    moved = np.where(encoding.choices > 0, (raw + jump) % 1.0, moved)
    return encoding.canonical(np.where(changed, moved, raw))


def polish(encoding: Encoding, slope: Slope, row: np.ndarray, most: int = 25) -> np.ndarray:
    """Move ``row`` uphill along its active floats by L-BFGS-B, all else fixed.

    Args:
        encoding: of the space.
        slope: acquisition and gradient.
        row: shape (d,).
        most: evaluations of the gradient, about.

    Returns:
        Shape (d,).
    """
    free = np.flatnonzero(encoding.continuous & ~np.isnan(row))
    if not len(free):
        return row

    def downhill(values: np.ndarray) -> tuple[float, np.ndarray]:
        moved = row.copy()
        moved[free] = values
        height, gradient = slope(moved)
        return -height, -gradient[free]

    found = minimize(
        downhill,
        row[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, 1.0)] * len(free),
        options={"maxiter": 20, "maxfun": most},
    )
    moved = row.copy()
    moved[free] = np.clip(found.x, 0.0, 1.0)
    return moved
