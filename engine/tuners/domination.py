"""Pareto domination of several losses: non-dominated sorting and crowding distance.

Deb, Pratap, Agarwal and Meyarivan (2002), "A fast and elitist multiobjective genetic algorithm:
NSGA-II", sections III.A and III.B. Every loss is minimised.
"""

from __future__ import annotations

import numpy as np


def ranks(losses: np.ndarray) -> np.ndarray:
    """Sort into fronts (Deb et al. 2002, section III.A).

    A row dominates another if it is as good in every loss and better in one. Front 0 is dominated
    by nothing, front k only by rows of earlier fronts.

    Args:
        losses: shape ``(n, measures)``, finite.

    Returns:
        Front of each row, from 0, shape ``(n,)``.
    """
    # All pairs at once: populations are small, and n^2 comparisons in NumPy beat a clever loop.
    as_good = np.all(losses[:, None, :] <= losses[None, :, :], axis=2)
    dominates = np.logical_and(as_good, ~as_good.T)
    found = np.full(len(losses), -1)
    dominators = dominates.sum(axis=0)
    front = 0
    while (found < 0).any():
        members = (found < 0) & (dominators == 0)
        found[members] = front
        # Removing a front leaves those that only it dominated.
        dominators = dominators - dominates[members].sum(axis=0)
        front += 1
    return found


def crowding(losses: np.ndarray) -> np.ndarray:
    """Crowding distance of the rows of one front (Deb et al. 2002, section III.B.1).

    The sum over the losses of the gap between the two neighbours, as a share of the front's range.

    Args:
        losses: shape ``(n, measures)``, finite.

    Returns:
        Shape ``(n,)``; infinite for the ends, so that the extremes are always kept.
    """
    room = np.zeros(len(losses))
    for column in losses.T:
        order = np.argsort(column, kind="stable")
        values = column[order]
        room[order[[0, -1]]] = np.inf
        # A measure in which all agree gives no distance.
        width = values[-1] - values[0]
        if width > 0:
            room[order[1:-1]] += (values[2:] - values[:-2]) / width
    return room
