"""`Tally`: what a search counts - trials by state, the best score, failures in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.domain.trials import Cause, FoldResult, TrialRecord, TrialState
from engine.errors import RunError
from engine.search.outcomes import kind

EQUAL_FAILURES = 5
"""So many failures in a row, all alike, pause the search."""


class Tally:
    """Counts of one search.

    Args:
        maximise: whether larger scores are better.
    """

    def __init__(self, *, maximise: bool) -> None:
        self._maximise = maximise
        self._states: Counter[TrialState] = Counter()
        self.best: float | None = None
        self.evaluations_at_best = 0.0
        """Full evaluations that had been done when ``best`` was found."""
        self._failures: list[FoldResult] = []
        """Why the last proposals failed, as far back as they all did."""

    def __getitem__(self, state: TrialState) -> int:
        """How many trials are in ``state``."""
        return self._states[state]

    def recount(self, trials: Iterable[TrialRecord]) -> None:
        self._states = Counter(trial.state for trial in trials)

    def begun(self) -> None:
        """Another trial runs."""
        self._states[TrialState.RUNNING] += 1

    def ended(self, state: TrialState) -> None:
        """A running trial is now in ``state``."""
        self._states[TrialState.RUNNING] -= 1
        self._states[state] += 1

    def score(self, value: float | None, evaluations: float) -> None:
        """Note the score of a trial that ended (None: it has none) after so many evaluations."""
        if value is None:
            return
        if self.best is None or (value > self.best if self._maximise else value < self.best):
            self.best, self.evaluations_at_best = value, evaluations

    def failure(self, failure: FoldResult | None) -> None:
        """Note why a proposal failed; None if it did not."""
        if failure is None or failure.cause is Cause.KILLED:
            self._failures.clear()
        else:
            self._failures.append(failure)

    def forgive(self) -> None:
        """Count failures in a row from here."""
        self._failures.clear()

    def check(self) -> None:
        """
        Raises:
            RunError: ``run.failing`` if the last proposals failed and all alike.
        """
        last = self._failures[-EQUAL_FAILURES:]
        kinds = {(failure.cause, kind(failure.message)) for failure in last}
        if len(last) == EQUAL_FAILURES and len(kinds) == 1:
            raise RunError("run.failing", why=last[-1].message)
