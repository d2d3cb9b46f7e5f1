"""The progress bar of a search on a terminal; a few plain lines where there is none."""

from __future__ import annotations

import sys
import time

from engine import catalog
from engine.domain.trials import FoldResult, TrialRecord, TrialState
from engine.errors import TunesmithError
from engine.plan import Plan
from engine.runs.run_executor import Phase
from engine.runs.time_left import TimeLeft
from engine.search import Counts

BAR = 24
REDRAW_SECONDS = 0.1
LINE_SECONDS = 30.0
"""Without a terminal: a line so often."""


class Progress:
    """Shows the progress of a run on standard error.

    Args:
        plan: of the run.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._measure = catalog.measure_card(plan.evaluation.measure)
        self._left = TimeLeft(plan)
        self._best: float | None = None
        self._terminal = sys.stderr.isatty()
        self._drawn = 0.0
        self._open = False
        self._fitting = False

    def changed(self, trial: TrialRecord, fold: FoldResult | None) -> None:
        if fold is not None:
            self._left.observe(fold)
        value = trial.value
        if trial.state is TrialState.COMPLETE and value is not None:
            better = max if self._measure.maximise else min
            self._best = value if self._best is None else better(self._best, value)

    def progressed(self, counts: Counts) -> None:
        now = time.monotonic()
        if now - self._drawn >= (REDRAW_SECONDS if self._terminal else LINE_SECONDS):
            self._drawn = now
            self._say(self._line(counts))

    def paused(self, error: TunesmithError | None) -> None:
        """Do nothing: a fault ends the command, and nothing else pauses it."""

    def resumed(self) -> None:
        """See `paused`."""

    def entered(self, phase: Phase) -> None:
        if phase is Phase.FITTING:
            self._say("Fitting the best configuration ...")

    def close(self) -> None:
        """Leave the bar's line."""
        if self._open:
            print(file=sys.stderr)
            self._open = False

    def _line(self, counts: Counts) -> str:
        used = counts.used
        done = round(BAR * counts.fraction)
        planned = self._plan.budget.evaluations
        of = f" of {planned:g}" if planned else ""
        parts = [
            f"[{'#' * done}{'.' * (BAR - done)}]",
            f"{used.evaluations:.0f}{of} evaluations",
        ]
        if self._best is not None:
            parts.append(f"best {self._measure.label} {self._best:.4f}")
        if counts.failed:
            parts.append(f"{counts.failed} failed")
        left = self._left.seconds(used)
        if left is not None:
            parts.append(f"about {about(left)} left")
        return "  ".join(parts)

    def _say(self, line: str) -> None:
        if self._terminal:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
            self._open = True
        else:
            print(line, file=sys.stderr, flush=True)


def about(seconds: float) -> str:
    """``25 s``, ``12 min``, ``1.5 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
