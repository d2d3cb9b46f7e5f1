"""The contenders of a comparison as rows of figures. No Qt."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from engine.domain.comparison import Comparison


class ContenderSummary(msgspec.Struct, frozen=True):
    """How a contender did in the repetitions that have ended."""

    name: str
    label: str
    reference: bool
    done: int
    """Searches with a final score."""
    total: int
    mean: float | None
    """Final score by the comparison's judge, over all of them."""
    spread: float | None
    """Standard deviation over repetitions, averaged over cases; None with fewer than two."""
    validation: float | None
    rank: float | None
    """Average place among the contenders, 1 for the best, where all have a score."""
    seconds: float | None
    """Wall time of a search."""


def contender_summaries(comparison: Comparison) -> tuple[ContenderSummary, ...]:
    """Summarise every contender, in the comparison's order."""
    scores, validation = comparison.scores(), comparison.scores("validation")
    ranks = _ranks(scores, comparison.maximise)
    times: dict[str, list[float]] = {}
    for member in comparison.members:
        if member.state == "finished" and member.path:
            times.setdefault(member.contender, []).append(member.seconds)
    return tuple(
        ContenderSummary(
            name=one.name,
            label=one.label,
            reference=one.reference,
            done=int(np.isfinite(scores[:, place]).sum()),
            total=scores[:, place].size,
            mean=_mean(scores[:, place]),
            spread=_spread(scores[:, place]),
            validation=_mean(validation[:, place]),
            rank=_mean(ranks[:, place]),
            seconds=_mean(np.array(times.get(one.name, [math.nan]))),
        )
        for place, one in enumerate(comparison.contenders)
    )


def _ranks(scores: np.ndarray, maximise: bool) -> np.ndarray:
    """Places in each case and repetition, ties shared; NaN where a contender has no score."""
    better = scores[:, :, None, :] > scores[:, None, :, :]
    if not maximise:
        better = scores[:, :, None, :] < scores[:, None, :, :]
    ties = scores[:, :, None, :] == scores[:, None, :, :]
    places = 1 + better.sum(axis=1) + (ties.sum(axis=1) - 1) / 2
    whole = np.isfinite(scores).all(axis=1, keepdims=True)
    return np.where(whole, places, math.nan)


def _mean(values: np.ndarray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def _spread(values: np.ndarray) -> float | None:
    """Over the last axis, (cases, repetitions), averaged over cases."""
    each = [row[np.isfinite(row)] for row in values]
    spreads = [row.std(ddof=1) for row in each if row.size > 1]
    return float(np.mean(spreads)) if spreads else None
