"""`IncumbentWatch`: outer test scores of the incumbents while a search is running.

Each is a look at the outer test: it is counted, and none of it reaches the
tuner, the guide or the terminator. They are background tasks of the search, whose results come here
(`engine.search.background`).
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine import catalog
from engine.analysis.overtuning_estimate import Watched
from engine.archive import Archive
from engine.domain.trials import TrialRecord, TrialState
from engine.objective.seeds import final_seed
from engine.plan import Plan
from engine.search import BackgroundTask
from engine.workers.base import JobResult

OUTER = "outer"
"""Archive note: outer scores of incumbents, in the order in which they were computed."""
LOOKS = "looks"
"""Archive note: when an outer test score was computed, seconds since the epoch."""
FUNCTION = "engine.objective.outer_score:score_outer"


class IncumbentWatch:
    """Has the incumbents of the run in ``folder`` scored; resumes where an earlier sitting stopped.

    Args:
        folder: of the run.
        plan: of the run, with outer test rows.
        archive: open for writing; scores are noted there.
        submit: has a task run on a worker that the search can spare.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        archive: Archive,
        submit: Callable[[BackgroundTask], None],
    ) -> None:
        self._folder = folder
        self._archive = archive
        self._submit = submit
        self._seed = final_seed(plan.seed)
        self._sign = 1 if catalog.measure_card(plan.evaluation.measure).maximise else -1
        self._best = -math.inf
        self._known = {entry["trial"] for entry in archive.study.get(OUTER, [])}
        for number in archive.ended:
            self.observe(archive.trials[number])

    def observe(self, trial: TrialRecord) -> None:
        """Have ``trial``, which is final, scored if it is the default or the best so far."""
        if trial.state is not TrialState.COMPLETE or trial.value is None:
            return
        better = self._sign * trial.value > self._best
        if better:
            self._best = self._sign * trial.value
        if (better or trial.number == 0) and trial.number not in self._known:
            self._known.add(trial.number)
            args = (str(self._folder), trial.configuration, self._seed)
            deliver = functools.partial(self._record, trial.number)
            self._submit(BackgroundTask(FUNCTION, args, deliver))

    def _record(self, number: int, result: JobResult) -> None:
        """Note the score of trial ``number``, the look before the score: a kill in between counts
        one too many rather than one too few.

        Raises:
            RunError: if it can't be written.
        """
        entry: dict[str, Any] = {"trial": number, "at": time.time()}
        if result.cause is None:
            score, draws = result.value.score, result.value.draws
            entry["score"] = score if math.isfinite(score) else None
            entry["draws"] = [draw if math.isfinite(draw) else None for draw in draws]
        else:
            entry |= {"score": None, "draws": [], "message": result.message}
        if entry["score"] is not None:
            self._archive.note(LOOKS, [*self._archive.study.get(LOOKS, []), entry["at"]])
        self._archive.note(OUTER, [*self._archive.study.get(OUTER, []), entry])


def watched(trials: Sequence[TrialRecord], notes: Mapping[str, Any]) -> list[Watched]:
    """The incumbents of ``trials`` with an outer score in ``notes``, in the order in which they
    became the best; the default first."""
    by_number = {trial.number: trial for trial in trials}
    found = []
    for entry in notes.get(OUTER, []):
        trial = by_number.get(entry["trial"])
        if trial is None or trial.value is None or entry["score"] is None:
            continue
        draws = np.array([math.nan if d is None else d for d in entry["draws"]], float)
        found.append((trial, Watched(trial.number, trial.value, entry["score"], draws)))
    found.sort(key=lambda pair: (pair[0].number != 0, pair[0].ended or 0.0))
    return [one for _, one in found]
