"""What it saved that promoted trials went on where their fits had stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from engine.domain.trials import CONTINUED, FoldResult, TrialRecord


class Saved(msgspec.Struct, frozen=True):
    """Work that fits found done already."""

    fits: float = 0.0
    """In full fits, by share of their trees, rounds or epochs."""
    seconds: float = 0.0
    """Time that doing it took, which starting again would have taken once more."""


def saved(trials: Iterable[TrialRecord]) -> Saved:
    """What going on saved in all the fits of ``trials``, against starting each of them again."""
    fits = seconds = 0.0
    for trial in trials:
        by_fold: dict[int, list[FoldResult]] = defaultdict(list)
        for result in trial.results:
            by_fold[result.fold].append(result)
        for results in by_fold.values():
            done = 0.0
            for result in sorted(results, key=lambda result: result.fidelity):
                share = result.figures.get(CONTINUED, 0.0)
                # A fit whose earlier state was lost began anew, and took its whole time.
                done = done if share else 0.0
                fits += share * result.fidelity
                seconds += done
                done += result.fit_seconds
    return Saved(fits, seconds)
