"""Pareto front of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine import catalog
from engine.analysis.pareto_front import front
from engine.domain.results import FrontTrial
from engine.domain.trials import TrialRecord, TrialState
from engine.plan import Plan


def front_of(plan: Plan, trials: Sequence[TrialRecord]) -> tuple[FrontTrial, ...]:
    """Find the complete trials on the Pareto front, the best by the tuned measure first; with one
    objective, the best trials.

    Of trials with equal values only the first is listed.
    """
    found: dict[tuple[float, ...], int] = {}
    for trial in sorted(trials, key=lambda t: t.number):
        if trial.state is TrialState.COMPLETE and trial.value is not None:
            found.setdefault((trial.value, *trial.further_values), trial.number)
    if not found:
        return ()
    directions = catalog.directions(plan)
    values = np.array(list(found))
    kept = [v for v, on in zip(found, front(values, directions), strict=True) if on]
    signs = [-1 if larger else 1 for larger in directions]
    kept.sort(key=lambda v: [s * x for s, x in zip(signs, v, strict=True)])
    return tuple(FrontTrial(found[value], value) for value in kept)
