"""The progress of several searches as one, on a terminal; a few plain lines where there is none."""

from __future__ import annotations

import sys
import time

from engine.cli.progress_bar import BAR, LINE_SECONDS, REDRAW_SECONDS, about
from engine.domain.comparison import Member
from engine.errors import TunesmithError
from engine.experiments.experiment import WHOLE, Experiment
from engine.experiments.experiment_executor import ExperimentProgress


class ExperimentProgressBar:
    """Shows the progress of an experiment on standard error."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._terminal = sys.stderr.isatty()
        self._drawn = 0.0
        self._open = False

    def progressed(self, progress: ExperimentProgress) -> None:
        now = time.monotonic()
        if now - self._drawn < (REDRAW_SECONDS if self._terminal else LINE_SECONDS):
            return
        self._drawn = now
        line = self.line(progress)
        if self._terminal:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
            self._open = True
        else:
            print(line, file=sys.stderr, flush=True)

    def member(self, member: Member) -> None:
        """Ignored: results are shown at the end; looking earlier finds differences by chance."""

    def paused(self, error: TunesmithError | None) -> None:
        """Nobody pauses a command."""

    def resumed(self) -> None:
        """See `paused`."""

    def close(self) -> None:
        """Leave the bar's line."""
        if self._open:
            print(file=sys.stderr)
            self._open = False

    def line(self, progress: ExperimentProgress) -> str:
        """``progress`` in a line."""
        done = round(BAR * progress.fraction)
        parts = [
            f"[{'#' * done}{'.' * (BAR - done)}]",
            f"{progress.done} of {progress.total} searches",
        ]
        slot = progress.slot
        if slot is not None:
            one = "fold" if self._experiment.kind == "nested" else "repetition"
            which = f"{one} {slot.repetition + 1}" if slot.repetition != WHOLE else "all rows"
            parts.append(f"now {slot.contender.name}, {which}")
        if progress.left is not None:
            parts.append(f"about {about(progress.left)} left")
        return "  ".join(parts)
