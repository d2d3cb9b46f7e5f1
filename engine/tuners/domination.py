"""Which of several losses at once is better: Pareto domination, ranks and crowding.

Deb, Pratap, Agarwal and Meyarivan (2002), "A fast and elitist multiobjective genetic algorithm:
NSGA-II", sections III.A and III.B. Every loss is the better the smaller it is.
"""

from __future__ import annotations

import numpy as np


def ranks(losses: np.ndarray) -> np.ndarray:
    """The front that each row belongs to, from 0, shape ``(n,)``.

    A row dominates another if it is as good in every loss and better in one. Front 0 is dominated
    by nothing, front k only by rows of earlier fronts.

    Args:
        losses: shape ``(n, measures)``, finite.
    """
    as_good = np.all(losses[:, None, :] <= losses[None, :, :], axis=2)
    dominates = np.logical_and(as_good, ~as_good.T)
    found = np.full(len(losses), -1)
    dominators = dominates.sum(axis=0)
    front = 0
    while (found < 0).any():
        members = (found < 0) & (dominators == 0)
        found[members] = front
        dominators = dominators - dominates[members].sum(axis=0)
        front += 1
    return found


def crowding(losses: np.ndarray) -> np.ndarray:
    """How much room each row of one front has, shape ``(n,)``: the sum over the losses of the gap
    between its two neighbours, as a share of the front's range; infinite at both ends.

    Args:
        losses: shape ``(n, measures)``, finite.
    """
    room = np.zeros(len(losses))
    for column in losses.T:
        order = np.argsort(column, kind="stable")
        values = column[order]
        room[order[[0, -1]]] = np.inf
        width = values[-1] - values[0]
        if width > 0:
            room[order[1:-1]] += (values[2:] - values[:-2]) / width
    return room
