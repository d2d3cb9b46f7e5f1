"""Work saved by warm starts: promoted trials resume their fits instead of repeating them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from engine.domain.trials import FoldResult, TrialRecord


class Saved(msgspec.Struct, frozen=True):
    """Work that promoted fits did not have to repeat."""

    fits: float = 0.0
    """In full fits, counted by share of their trees, rounds or epochs."""
    seconds: float = 0.0
    """Time the skipped part had taken before, and would have taken again."""


def saved(trials: Iterable[TrialRecord]) -> Saved:
    """Sum up what warm starts saved over all fits of ``trials``, compared with fitting each from
    scratch."""
    fits = seconds = 0.0
    for trial in trials:
        by_fold: dict[int, list[FoldResult]] = defaultdict(list)
        for result in trial.results:
            by_fold[result.fold].append(result)
        for results in by_fold.values():
            done = 0.0
            for result in sorted(results, key=lambda result: result.fidelity):
                share = result.continued
                # A fit whose earlier state was lost began anew, and took its whole time.
                done = done if share else 0.0
                fits += share * result.fidelity
                seconds += done
                done += result.fit_seconds
    return Saved(fits, seconds)
