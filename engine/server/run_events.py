"""`RunEvents`: listener of a run that gathers its progress into a few events a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.domain.trials import FoldResult, FoldRow, TrialRecord, TrialRow
from engine.plan import Plan
from engine.protocol.events import Progress, RunChanged, Trials
from engine.runs.run_executor import Phase
from engine.runs.time_left import TimeLeft
from engine.runs.trial_summary import fold_row, trial_row
from engine.search import Counts
from engine.server.stream import Stream
from engine.server.work_events import WorkEvents

FLUSH_SECONDS = 0.1


class RunEvents(WorkEvents):
    """Sends trials and progress at most ten times a second. `flush` is called by the server's
    clock, too, the rest by the search's thread."""

    def __init__(self, stream: Stream, path: Path, plan: Plan) -> None:
        super().__init__(stream, path, RunChanged)
        self._plan = plan
        self._left = TimeLeft(plan)
        self._lock = threading.Lock()
        self._trials: dict[int, TrialRow] = {}
        self._folds: list[FoldRow] = []
        self._counts: Counts | None = None

    def observe(self, trials: Sequence[TrialRecord]) -> None:
        """Include the folds of earlier sittings in the estimate of the time left."""
        for trial in trials:
            for fold in trial.results:
                self._left.observe(fold)

    def changed(self, trial: TrialRecord, fold: FoldResult | None) -> None:
        """Gather a changed trial and its new fold."""
        row = trial_row(trial, self._plan.evaluation)
        if fold is not None:
            self._left.observe(fold)
        with self._lock:
            self._trials[trial.number] = row
            if fold is not None:
                self._folds.append(fold_row(fold, self._plan.evaluation.measure))

    def progressed(self, counts: Counts) -> None:
        """Gather the counts; the latest are sent."""
        with self._lock:
            self._counts = counts

    def entered(self, phase: Phase) -> None:
        """Announce the fit of the final model."""
        self.flush()
        if phase is Phase.FITTING:
            self.announce("finishing")

    def flush(self) -> None:
        """Send what was gathered."""
        with self._lock:
            trials, self._trials = self._trials, {}
            folds, self._folds = self._folds, []
            counts, self._counts = self._counts, None
        if trials or folds:
            rows = tuple(trials[number] for number in sorted(trials))
            self._stream.send(Trials(path=self._path, trials=rows, folds=tuple(folds)))
        if counts is not None:
            self._stream.send(self._progress(counts))

    def _progress(self, counts: Counts) -> Progress:
        used = counts.used
        return Progress(
            path=self._path,
            evaluations=used.evaluations,
            planned=self._plan.budget.evaluations,
            fraction=counts.fraction,
            elapsed=used.elapsed,
            left=self._left.seconds(used),
            trials=counts.trials,
            complete=counts.complete,
            failed=counts.failed,
            pruned=counts.pruned,
            busy=counts.busy,
            workers=counts.workers,
        )


class Clock(threading.Thread):
    """Calls ``tick`` ten times a second until `stop`."""

    def __init__(self, tick: Callable[[float], None]) -> None:
        super().__init__(daemon=True, name="clock")
        self._tick = tick
        self._stopped = threading.Event()

    def run(self) -> None:
        """Call ``tick`` until `stop`."""
        while not self._stopped.wait(FLUSH_SECONDS):
            self._tick(time.monotonic())

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
