"""What nested resampling says: how good it is to tune and fit, and by how much the score that chose
the winner flatters.

Every outer fold re-runs the whole search on the other folds, so no outer row has any part in what
is chosen (Bischl et al. 2023, section on nested resampling). The outer mean estimates the procedure
"search, then fit"; it is no score of one configuration, and the folds may have chosen different
ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from engine.analysis.paired import corrected_t
from engine.domain.comparison import DEFAULT, Comparison, Member, NestedEstimate
from engine.domain.results import Interval
from engine.experiments.experiment import WHOLE, Experiment, Slot, member_folder
from engine.runs import folder as files

METHOD = "Nadeau-Bengio"
"""The interval: t with the variance of the mean taken as ``(1/K + n_test/n_train) s^2`` (Nadeau and
Bengio 2003). The outer folds share most of their training rows, so ``s^2/K`` would be too small;
there is no unbiased estimate of that variance (Bengio and Grandvalet 2004), and this one is
cautious."""


def estimates(
    root: Path, experiment: Experiment, comparison: Comparison
) -> tuple[NestedEstimate, ...]:
    """Estimate each contender on each case from the outer folds done so far; that of the default
    configuration, which no search chose, comes last in its case.

    Args:
        root: folder of the experiment.
        experiment: nested, or there is nothing to estimate.
        comparison: its results so far.
    """
    if experiment.kind != "nested":
        return ()
    found = []
    for case, facts in enumerate(comparison.cases):
        for one in experiment.contenders:
            members = [
                comparison.member(facts.name, one.name, fold)
                for fold in range(comparison.repetitions)
            ]
            whole = member_folder(root, experiment, Slot(case, one, WHOLE))
            result = files.load_result(whole) if experiment.whole else None
            found.append(
                estimate(
                    [m for m in members if m is not None],
                    maximise=comparison.maximise,
                    naive=None if result is None else result.validation_best,
                    path="" if result is None else str(whole),
                )
            )
        default = _default(comparison, facts.name)
        found += [default] if default is not None else []
    return tuple(found)


def estimate(
    folds: Sequence[Member], *, maximise: bool, naive: float | None = None, path: str = ""
) -> NestedEstimate:
    """Estimate from the members ``folds``.

    Args:
        folds: members of one contender on one case, in the order of the outer folds.
        maximise: whether larger scores are better.
        naive: the validation score of the winner of the search on all rows, if there is one.
        path: of that search's run.
    """
    done = [m for m in folds if m.state == "finished" and m.test is not None]
    outer = np.array([m.test for m in done], dtype=float)
    chosen = [m.validation for m in done if m.validation is not None]
    interval, gap = None, None
    if len(done) > 1:
        # Of K folds, one tests and K - 1 train.
        mean = corrected_t(outer, 1 / (len(folds) - 1))
        interval = Interval(mean.mean, mean.low, mean.high, METHOD)
        naive = fmean(chosen) if naive is None and chosen else naive
        if naive is not None:
            gap = (naive - mean.mean) * (1 if maximise else -1)
    first = folds[0]
    return NestedEstimate(
        case=first.case,
        contender=first.contender,
        outer=tuple(m.test if m.state == "finished" else None for m in folds),
        validation=tuple(m.validation if m.state == "finished" else None for m in folds),
        estimate=interval,
        naive=naive,
        gap=gap,
        spread=spread(done),
        path=path,
    )


def spread(members: Sequence[Member]) -> dict[str, str]:
    """Summarise what the searches have chosen, by hyperparameter, in words: the range of numbers,
    or how often each choice. A hyperparameter that is inactive in some has the number in which it
    is active."""
    names = dict.fromkeys(name for member in members for name in member.configuration)
    said = {}
    for name in names:
        values = [m.configuration[name] for m in members if name in m.configuration]
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) == len(values):
            low, high = min(numbers), max(numbers)
            text = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
        else:
            counts = Counter(map(str, values)).most_common()
            text = ", ".join(f"{value} {count}" for value, count in counts)
        few = "" if len(values) == len(members) else f" (in {len(values)} of {len(members)})"
        said[name] = text + few
    return said


def _default(comparison: Comparison, case: str) -> NestedEstimate | None:
    members = [comparison.member(case, DEFAULT, fold) for fold in range(comparison.repetitions)]
    known = [m for m in members if m is not None]
    return estimate(known, maximise=comparison.maximise) if known else None
