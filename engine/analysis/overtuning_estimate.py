"""Overtuning: a better validation score bought with a worse generalisation error.

Schneider, Bischl and Feurer (2025), *Overtuning in hyperparameter optimization*, PMLR 293. With
incumbents lambda_1, lambda_2, ... (the best by validation so far) and their outer losses,
overtuning at t is ``loss(lambda_t) - min over t' <= t of loss(lambda_t')``; relative overtuning
divides it by the progress of the path on outer data, ``loss(lambda_1) -`` that minimum.

None of this may influence the search: outer scores are for people only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.domain.trust import Overtuning, OvertuningAlarm, WatchedIncumbent

LEAST_PROGRESS = 1e-3
"""Smallest outer progress for which relative overtuning is defined (as in the study's code)."""
LEVEL = 0.01
"""Probability of a false alarm on one look, where the compared configurations are equally good."""


@dataclass(frozen=True)
class Watched:
    """An incumbent: its trial, validation and outer score, and the outer score on bootstrap draws
    of the test rows, shape (b,), the same draws for all incumbents; NaN where not defined."""

    trial: int
    validation: float
    outer: float
    draws: np.ndarray


def overtuning(path: Sequence[Watched], *, maximise: bool) -> Overtuning:
    """Compute overtuning along the path of incumbents.

    Args:
        path: the default configuration, then every new incumbent, in order; those without a finite
            outer score are left out.
        maximise: whether a larger score is better.

    Returns:
        Overtuning at the last incumbent in the measure's units, relative overtuning, and an alarm
        where an earlier incumbent is significantly better outside.
    """
    known = [w for w in path if math.isfinite(w.outer) and math.isfinite(w.validation)]
    told = tuple(WatchedIncumbent(w.trial, w.validation, w.outer, _noise(w.draws)) for w in known)
    # The default opens the path, whether or not anything before it was better.
    if not known:
        return Overtuning(told)
    sign = -1.0 if maximise else 1.0
    # As losses, so that the formulas read as in the paper.
    losses = [sign * w.outer for w in known]
    least, last = min(losses), losses[-1]
    progress = losses[0] - least
    amount = last - least
    return Overtuning(
        told,
        overtuning=amount,
        relative=amount / progress if progress >= LEAST_PROGRESS else None,
        flattery=last - sign * known[-1].validation,
        alarm=_alarm(known, sign),
    )


def _alarm(path: Sequence[Watched], sign: float) -> OvertuningAlarm | None:
    """Find the earlier incumbent that is most significantly better outside than the last, if one
    is.

    A one-sided test on paired bootstrap draws of the test rows, Bonferroni-corrected, since the
    best of many earlier ones looks good by chance.
    """
    *earlier, last = path
    if not earlier:
        return None
    quantile = NormalDist().inv_cdf(1 - LEVEL / len(earlier))
    found = []
    for other in earlier:
        better = sign * (last.outer - other.outer)
        count = min(len(last.draws), len(other.draws))
        # Paired: both are scored on the same draws, so the noise that they share cancels.
        noise = _noise(last.draws[:count] - other.draws[:count])
        beyond = better - quantile * noise
        if math.isfinite(beyond) and beyond > 0:
            found.append((beyond, better, other))
    if not found:
        return None
    beyond, better, other = max(found, key=lambda f: f[0])
    who = "The default configuration" if other.trial == 0 else f"Trial {other.trial}"
    was = "" if other.trial == 0 else ", the best by validation earlier,"
    return OvertuningAlarm(
        other.trial,
        better,
        beyond,
        f"{who}{was} scores better on the test rows than trial {last.trial}, by {better:.4g}, "
        "which is more than noise. The search has fitted the validation rows rather than the task.",
    )


def _noise(draws: np.ndarray) -> float:
    """Standard deviation of the finite draws; NaN with fewer than ten."""
    usable = draws[np.isfinite(draws)]
    return float(usable.std()) if usable.size >= 10 else math.nan
