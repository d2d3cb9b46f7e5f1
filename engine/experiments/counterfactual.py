"""What random search of the same length would have given.

Where a search has drawn configurations at random itself, their scores tell it at no cost; else a
random search is run on request (`twin`) in the run's own folder, with the same folds.

Random search of length n is the default configuration and n - 1 random ones. Its expected best is
the mean over all subsets of that size of the m random scores (exact order statistics without
replacement, so unbiased; Tang et al. 2020, ACL, p. 2766), its bounds and the chance that it does as
well are those of n - 1 draws with replacement (the bootstrap, also exact; Dodge et al. 2019, EMNLP,
p. 2185), since m draws have only one best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import msgspec
import numpy as np

from engine import catalog
from engine.comparison import Counterfactual
from engine.plan import MethodPlan, Plan
from engine.records import TrialRecord, TrialState
from engine.runs import folder as files
from engine.runs import library
from engine.search.ledger import spent

TWIN = "random"
"""Folder in a run's own: the random search that was run on request."""
LEAST = 10
"""Random trials below which nothing is said, however short the search."""
_TAIL = 0.025


def counterfactual(folder: Path) -> Counterfactual:
    """What random search would have given in place of the run in ``folder``.

    Raises:
        InputError: if it is no run.
        RunError: ``run.damaged``.
    """
    plan = files.load_plan(folder)
    trials = library.archive_of(folder)[0]
    twin_folder = folder / TWIN
    drawn = random_trials(plan, trials)
    if (twin_folder / files.PLAN).is_file():
        twin_plan = files.load_plan(twin_folder)
        own = random_trials(twin_plan, library.archive_of(twin_folder)[0])
        drawn = own if len(own) > len(drawn) else drawn
    continues, jobs = catalog.continues(plan), plan.evaluation.resampling.jobs
    length = max(1, round(sum(spent(t, continues=continues) for t in trials) / jobs))
    scored = [t.value for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    default = trials[0].value if trials and not catalog.working_card(plan).gradient else None
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    best = None if not scored else (max(scored) if maximise else min(scored))
    needed = max(LEAST, length - 1)
    values = [t.value for t in drawn if t.value is not None]
    if len(values) < needed:
        sentence = (
            f"The archive holds {len(values)} random trials; to say what random search of "
            f"{length} evaluations would have given takes {needed}. Run it beside this search."
        )
        return Counterfactual(False, len(values), length, best, sentence=sentence)
    return _told(values, default, length, best, maximise)


def random_trials(plan: Plan, trials: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Final trials drawn uniformly from the space whatever the scores: those of random search, and
    the ones that TPE starts with."""
    card = catalog.working_card(plan)
    final = [t for t in trials if t.state is TrialState.COMPLETE and t.origin == card.id]
    if card.id == "random":
        return final
    if card.id == "tpe":
        starts = cast("int", catalog.settle(plan).method.options["n_startup_trials"])
        return [t for t in final if t.number < starts]
    return []


def twin(folder: Path) -> Plan:
    """The plan of a random search with the table, folds, test rows and budget of the run in
    ``folder``, to be run in its folder `TWIN`.

    Raises:
        InputError: if it is no run.
    """
    plan = files.load_plan(folder)
    space = plan.space
    if catalog.working_card(plan).gradient:
        from engine.data.store import load_arrow

        # A tuning by gradient has no configurations: the model's own space stands for it.
        space = catalog.learner(plan.learner.id).space(load_arrow(folder / files.DATA).facts)
    evaluation = msgspec.structs.replace(plan.evaluation, also=())
    changed = msgspec.structs.replace(
        plan, method=MethodPlan("random"), space=space, evaluation=evaluation
    )
    return catalog.settle(changed)


def _told(
    values: Sequence[float],
    default: float | None,
    length: int,
    best: float | None,
    maximise: bool,
) -> Counterfactual:
    sign = 1.0 if maximise else -1.0
    scores = np.sort(sign * np.asarray(values, dtype=float))
    floor = -math.inf if default is None else sign * default
    draws = np.arange(0 if default is not None else 1, length)
    mean = [_expected(scores, int(n), floor) for n in draws]
    low, high = (
        [max(_quantile(scores, int(n), tail), floor) for n in draws] for tail in (_TAIL, 1 - _TAIL)
    )
    if not maximise:
        low, high = high, low
    chance = None
    if best is not None and length > 1:
        chance = 1.0
        if floor < sign * best:
            chance = 1 - float(np.mean(scores < sign * best)) ** (length - 1)
    return Counterfactual(
        enough=True,
        random=len(values),
        length=length,
        best=best,
        n=tuple(int(n) + 1 for n in draws),
        mean=tuple(sign * v for v in mean),
        low=tuple(sign * v for v in low),
        high=tuple(sign * v for v in high),
        chance=chance,
        sentence=_sentence(sign * mean[-1] if mean else None, best, length, chance),
    )


def _expected(scores: np.ndarray, n: int, floor: float) -> float:
    """Mean over all subsets of n of ``scores`` (ascending) of the best in it, or ``floor``."""
    if n == 0:
        return floor
    m = scores.size
    if n >= m:
        return max(float(scores[-1]), floor)
    # The i-th smallest (from 1) is the largest of a subset in C(i - 1, n - 1) of C(m, n) cases.
    logs = [
        math.lgamma(i) - math.lgamma(n) - math.lgamma(i - n + 1) if i >= n else -math.inf
        for i in range(1, m + 1)
    ]
    total = math.lgamma(m + 1) - math.lgamma(n + 1) - math.lgamma(m - n + 1)
    weights = np.exp(np.array(logs) - total)
    return float(np.maximum(scores, floor) @ weights / weights.sum())


def _quantile(scores: np.ndarray, n: int, share: float) -> float:
    """The ``share`` quantile of the largest of n draws with replacement from ``scores``."""
    if n == 0:
        return -math.inf
    place = math.ceil(scores.size * share ** (1 / n) - 1e-9)
    return float(scores[min(max(place, 1), scores.size) - 1])


def _sentence(mean: float | None, best: float | None, length: int, chance: float | None) -> str:
    if mean is None or best is None or chance is None:
        return "There is nothing to compare with yet."
    return (
        f"Random search of {length} evaluations would have reached {mean:.4g} on average, and "
        f"{best:.4g} or better in {chance:.0%} of all cases."
    )
