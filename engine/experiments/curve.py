"""A search's best score so far over its cost, in full evaluations and in seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.domain.comparison import Curve
from engine.domain.trials import FoldResult, TrialRecord, TrialState
from engine.search.folds import reached

GAP = 5.0
"""Seconds without a fit that still count as work; see `engine.search.clock.active_seconds`."""


def curve(
    trials: Sequence[TrialRecord], *, n_folds: int, maximise: bool, warm_starts: bool = False
) -> Curve:
    """The anytime curve of ``trials``, in any state.

    Partial work counts its share from the moment it is done; a score counts once its trial is
    final. Time between a kill and a resume does not count.

    Args:
        trials: of one search.
        n_folds: folds of a full evaluation.
        maximise: whether larger scores are better.
        warm_starts: whether a fit at a higher fidelity resumes the trial's last one.
    """
    work = sorted(
        (fold.started + fold.seconds, _share(trial, fold, warm_starts) / n_folds)
        for trial in trials
        for fold in trial.results
    )
    if not work:
        return Curve()
    ends = np.array([end for end, _ in work])
    spent = np.cumsum([share for _, share in work])
    at_work = _Clock(trials)
    scored = sorted(
        (t.ended, t.number, t.value)
        for t in trials
        if t.state is TrialState.COMPLETE and t.value is not None and t.ended is not None
    )
    points: list[tuple[float, float, float]] = []
    best: float | None = None
    for ended, _, value in scored:
        if best is None or (value > best if maximise else value < best):
            best = value
            done = spent[max(int(np.searchsorted(ends, ended, "right")) - 1, 0)]
            points.append((float(done), at_work.seconds(ended), value))
    if best is not None:
        last = (float(spent[-1]), at_work.total, best)
        if last[:2] != points[-1][:2]:
            points.append(last)
    evaluations, seconds, score = zip(*points, strict=True) if points else ((), (), ())
    return Curve(evaluations, seconds, score)


class _Clock:
    """Working time up to any moment: seconds with a fit running, and gaps of up to `GAP`."""

    def __init__(self, trials: Sequence[TrialRecord]) -> None:
        spans = sorted((f.started, f.started + f.seconds) for t in trials for f in t.results)
        moments, worked = [spans[0][0]], [0.0]
        for start, end in spans:
            if end <= moments[-1]:
                continue
            if start - moments[-1] > GAP:
                moments.append(start)
                worked.append(worked[-1])
            worked.append(worked[-1] + end - moments[-1])
            moments.append(end)
        self._moments, self._worked = np.array(moments), np.array(worked)
        self.total = worked[-1]

    def seconds(self, moment: float) -> float:
        """Seconds of work up to ``moment``."""
        return float(np.interp(moment, self._moments, self._worked))


def _share(trial: TrialRecord, fold: FoldResult, warm_starts: bool) -> float:
    before = reached(trial, fold.fold, below=fold.fidelity) if warm_starts else 0.0
    return fold.fidelity - before
