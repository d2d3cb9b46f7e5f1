"""`Watch`: the outer test scores of the incumbents while a search goes on.

Each is a look at the outer test (design.md decision 7): it is counted, and none of it reaches the
tuner, the guide or the terminator. The search only lends workers, see `engine.search.aside`.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine import catalog
from engine.analysis.overtuning import Watched
from engine.archive import Archive
from engine.domain.trials import Cause, TrialRecord, TrialState
from engine.objective.seeds import final_seed
from engine.plan import Plan
from engine.search.aside import Call
from engine.workers.base import Outcome

OUTER = "outer"
"""Archive note: outer scores of incumbents, in the order in which they were computed."""
LOOKS = "looks"
"""Archive note: when an outer test score was computed, seconds since the epoch."""
FUNCTION = "engine.objective.outer:score_outer"
SHARE = 0.1
"""Of the time of the search's fits that watching may take from workers that are not idle."""


class Watch:
    """Watches the run in ``folder``; takes up where an earlier sitting has stopped."""

    def __init__(self, folder: Path, plan: Plan, archive: Archive) -> None:
        self._folder = folder
        self._plan = plan
        self._archive = archive
        self._sign = 1 if catalog.measure_card(plan.evaluation.measure).maximise else -1
        self._best = -math.inf
        self._waiting: deque[TrialRecord] = deque()
        self._running: TrialRecord | None = None
        self._unwritten: deque[dict[str, Any]] = deque()
        self._spent = 0.0
        self._known = {entry["trial"] for entry in archive.study.get(OUTER, [])}
        for number in archive.ended:
            self.observe(archive.trials[number])

    def observe(self, trial: TrialRecord) -> None:
        """Have ``trial`` scored if it is the default or the best so far."""
        if trial.state is not TrialState.COMPLETE or trial.value is None:
            return
        better = self._sign * trial.value > self._best
        if better:
            self._best = self._sign * trial.value
        if (better or trial.number == 0) and trial.number not in self._known:
            self._known.add(trial.number)
            self._waiting.append(trial)

    def next(self, worked: float | None) -> Call | None:
        """The next incumbent's fit, once there is time for it."""
        if not self._waiting or self._running is not None:
            return None
        if worked is not None and self._spent > SHARE * worked:
            return None
        self._running = self._waiting.popleft()
        seed = final_seed(self._plan.seed)
        return Call(FUNCTION, (str(self._folder), self._running.configuration, seed))

    def heard(self, outcome: Outcome) -> None:
        """Take in a score; a fit that was killed is done again later."""
        trial, self._running = self._running, None
        assert trial is not None, "one call at a time"
        if outcome.cause is Cause.KILLED:
            self._waiting.appendleft(trial)
            return
        self._spent += outcome.seconds
        entry: dict[str, Any] = {"trial": trial.number, "at": time.time()}
        if outcome.cause is None:
            score, draws = outcome.value.score, outcome.value.draws
            entry["score"] = score if math.isfinite(score) else None
            entry["draws"] = [draw if math.isfinite(draw) else None for draw in draws]
        else:
            entry |= {"score": None, "draws": [], "message": outcome.message}
        self._unwritten.append(entry)

    def record(self) -> None:
        """Write what was heard, the look before the score: a kill in between counts one too many
        rather than one too few."""
        while self._unwritten:
            entry = self._unwritten[0]
            if entry["score"] is not None:
                self._archive.note(LOOKS, [*self._archive.study.get(LOOKS, []), entry["at"]])
            self._archive.note(OUTER, [*self._archive.study.get(OUTER, []), entry])
            self._unwritten.popleft()


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
