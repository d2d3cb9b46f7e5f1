"""Counterfactual: the result that random search of the same length would have had.

Where a search has drawn configurations at random itself, their scores tell it at no cost; else a
random search is run on request (`twin`) in the run's own folder, with the same folds.

Random search of length n is the default configuration and n - 1 random ones. Its expected best is
the mean over all subsets of that size of the m random scores (exact order statistics without
replacement, so unbiased; Tang et al. 2020, ACL, p. 2766), its bounds and the chance that it does as
well are those of n - 1 draws with replacement (the bootstrap, also exact; Dodge et al. 2019, EMNLP,
p. 2185), since m draws have only one best. Trials that failed count as drawn and have no score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from engine import catalog
from engine.domain.comparison import Counterfactual
from engine.domain.trials import TrialRecord, TrialState
from engine.experiments.curve import curve
from engine.plan import Budget, MethodPlan, Plan, with_method
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.search.folds import evaluations_of
from engine.tuners import METHODS

RANDOM = "random"
TWIN = RANDOM
"""Folder in a run's own: the random search that was run on request."""
LEAST = 10
"""Fewest random trials for an estimate, however short the search."""
_TAIL = 0.025


def counterfactual(folder: Path) -> Counterfactual:
    """Estimate what random search would have given in place of the run in ``folder``.

    Raises:
        InputError: if it is no run.
        RunError: ``run.damaged``.
    """
    plan = files.load_plan(folder)
    trials = run_library.archive_of(folder)[0]
    twin_folder = folder / TWIN
    drawn, drawn_here = random_trials(plan, trials), True
    if (twin_folder / files.PLAN).is_file():
        twin_plan = files.load_plan(twin_folder)
        own = random_trials(twin_plan, run_library.archive_of(twin_folder)[0])
        if len(own) > len(drawn):
            drawn, drawn_here = own, False
    length = _length(plan, trials)
    scored = [t.value for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    default = trials[0].value if trials and not plan.by_gradient else None
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    best = None if not scored else (max(scored) if maximise else min(scored))
    values = [t.value for t in drawn if t.value is not None]
    known = Counterfactual(
        enough=len(values) >= LEAST and len(drawn) >= length - 1,
        random=len(values),
        length=length,
        best=best,
        search=curve(
            trials,
            n_folds=plan.evaluation.resampling.n_folds,
            maximise=maximise,
            warm_starts=catalog.warm_starts(plan),
        ),
        itself=drawn_here and catalog.working_card(plan).id == RANDOM,
        needed=_needed(length),
        seconds=_seconds(plan, trials, length),
    )
    if known.enough:
        return _told(known, values, default, maximise)
    few = f"Only {len(values)} of its trials were" if values else "None of its trials was"
    what = "too few to say" if values else "so they can't say"
    sentence = (
        f"{few} drawn at random, {what} what random search would have given in {length} "
        "evaluations."
    )
    return msgspec.structs.replace(known, sentence=sentence)


def _length(plan: Plan, trials: Sequence[TrialRecord]) -> int:
    """Full evaluations spent on ``trials``."""
    warm_starts, n_folds = catalog.warm_starts(plan), plan.evaluation.resampling.n_folds
    return max(1, round(sum(evaluations_of(t, warm_starts=warm_starts) for t in trials) / n_folds))


def _needed(length: int) -> int:
    """Evaluations of the random search that is to tell: the default, and as many as count."""
    return max(LEAST + 1, length)


def _seconds(plan: Plan, trials: Sequence[TrialRecord], length: int) -> float | None:
    if not trials:
        return None
    each = sum(t.seconds for t in trials) / length
    return each * _needed(length) / plan.workers


def random_trials(plan: Plan, trials: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Final trials drawn uniformly from the space whatever the scores: those of random search, and
    the ones that other methods start with."""
    card = catalog.working_card(plan)
    ended = (TrialState.COMPLETE, TrialState.FAILED)
    final = [t for t in trials if t.state in ended and t.origin == card.id]
    method = METHODS.get(card.id)
    if method is None:
        return []
    drawn = method.uniform_draws(method.options_from(catalog.settle(plan).method.options))
    return [t for t in final if t.number < drawn]


def twin(folder: Path) -> Plan:
    """The plan of a random search with the table, folds and test rows of the run in ``folder``, and
    as many evaluations as it came to (`LEAST` random ones at the least).

    Raises:
        InputError: if it is no run.
    """
    plan = files.load_plan(folder)
    space = plan.space
    if plan.by_gradient:
        from engine.data.table_store import load_arrow

        # A tuning by gradient has no configurations: the model's own space stands for it.
        space = catalog.learner(plan.learner.id).space(load_arrow(folder / files.DATA).facts)
    evaluation = msgspec.structs.replace(plan.evaluation, further_measures=())
    length = _length(plan, run_library.archive_of(folder)[0])
    changed = msgspec.structs.replace(
        with_method(plan, MethodPlan(RANDOM), space),
        evaluation=evaluation,
        # In evaluations even where the run had its budget in seconds: those of another kind of
        # configurations are not the same length.
        budget=Budget(evaluations=float(_needed(length))),
    )
    return catalog.settle(changed)


def prepare(folder: Path) -> tuple[Path, Plan]:
    """The folder in that of a run where its `twin` is to be run, and the plan to run or resume it
    with; made where it is not there yet.

    Raises:
        InputError: if ``folder`` is no run, or (``run.finished``) nothing is left to do.
    """
    plan, place = twin(folder), folder / TWIN
    if not (place / files.PLAN).is_file():
        files.create_beside(place, plan, folder / files.DATA)
    return place, planning.to_resume(place, plan.budget)


def _told(
    known: Counterfactual, values: Sequence[float], default: float | None, maximise: bool
) -> Counterfactual:
    sign, length, best = 1.0 if maximise else -1.0, known.length, known.best
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
    if known.itself:
        chance = None
    told = msgspec.structs.replace(
        known,
        n=tuple(int(n) + 1 for n in draws),
        mean=tuple(sign * v for v in mean),
        low=tuple(sign * v for v in low),
        high=tuple(sign * v for v in high),
        chance=chance,
    )
    return msgspec.structs.replace(told, sentence=_sentence(told))


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


def _sentence(known: Counterfactual) -> str:
    best, length, chance = known.best, known.length, known.chance
    if not known.mean or best is None:
        return "There is nothing to compare with yet."
    mean = known.mean[-1]
    if known.itself:
        return (
            f"This was random search: another one of {length} evaluations would reach {mean:.4g} "
            f"on average, where this one came to {best:.4g}."
        )
    if chance is None:
        return "There is nothing to compare with yet."
    often = f"in {chance:.0%} of all cases".replace("%", " %")
    if chance == 0:
        often = f"never: none of {known.random} random configurations came to that"
    elif chance < 0.005:
        often = "in less than 1 % of all cases"
    elif chance > 0.995:
        often = "nearly always"
    if known.mean[0] == best:
        return (
            "No trial was better than the default configuration, with which random search begins, "
            "too: it would have done as well."
        )
    lead = next(words for least, words in _LEADS if chance >= least)
    return (
        f"{lead} In {length} evaluations it reaches {mean:.4g} on average; {best:.4g}, this "
        f"search's best, or better it reaches {often}."
    )


_LEADS = (
    (0.5, "Random search would have done as well."),
    (0.05, "Random search might have got here, too."),
    (0.0, "Random search would hardly have got here."),
)
"""Least chance that it does as well, and its verdict."""
