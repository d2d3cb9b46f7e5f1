"""How long a search has run, without pauses, over kills and resumes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from engine.domain.trials import TrialRecord


class Stopwatch:
    """Stopwatch in seconds; it begins at ``before`` and runs."""

    def __init__(self, before: float = 0.0) -> None:
        self._before = before
        self._since: float | None = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds measured so far."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._before + running

    def pause(self) -> None:
        """Stop measuring."""
        self._before, self._since = self.seconds, None

    def resume(self) -> None:
        """Start measuring again."""
        self._since = time.monotonic()


def active_seconds(trials: Iterable[TrialRecord], gap: float = 5.0) -> float:
    """Wall time in which a search was running, in seconds: its fits on the clock, with gaps of up
    to ``gap`` seconds between them, so that the time between a kill and a resume does not count."""
    spans = sorted(
        (fold.started, fold.started + fold.seconds) for trial in trials for fold in trial.results
    )
    total, until = 0.0, -math.inf
    for start, end in spans:
        if end <= until:
            continue
        total += end - (until if start - until <= gap else start)
        until = end
    return total
