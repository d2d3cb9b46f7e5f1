"""Number of workers, and the level of parallelism: the folds of one evaluation, or several of them.

Of the levels (outer resampling, proposals, folds, threads of a fit) one is made parallel and the
others are left serial (Bischl et al. 2023, parallelisation). Folds come first, since proposals made
in parallel don't know each other's scores.
"""

from __future__ import annotations

import math

from engine.domain.advice import Recommendation
from engine.guide.sentences import count
from engine.guide.situation import Situation

_SOURCE = "Bischl et al. 2023, parallelisation"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend one worker per physical core, each with one thread; then a single one."""
    workers = max(situation.workers, 1)
    best = Recommendation(
        choice=str(workers),
        label=count(workers, "worker"),
        reason=_reason(workers, situation.n_folds),
        source=_SOURCE,
        would_change="It would change if you wanted cores left for other work.",
        figures=(
            ("physical cores", str(workers)),
            ("fits an evaluation", str(situation.n_folds)),
            ("parallel", _level(workers, situation.n_folds)),
        ),
    )
    if workers == 1:
        return (best,)
    single = Recommendation(
        choice="1",
        label="1 worker",
        reason="Leaves the other cores to you; a search is then repeatable to the last bit.",
        source=_SOURCE,
    )
    return (best, single)


def at_once(workers: int, n_folds: int) -> int:
    """Number of configurations to evaluate in parallel so that no worker is idle."""
    return max(1, math.ceil(workers / n_folds))


def _reason(workers: int, n_folds: int) -> str:
    cores = count(workers, "physical core")
    if workers == 1:
        return "One physical core: fits run one after another."
    if at_once(workers, n_folds) == 1:
        return (
            f"{cores}: the {n_folds} fits of one evaluation keep them busy, so parallelise there "
            "and leave each fit one thread. Every proposal then knows nearly all scores before it."
        )
    others = at_once(workers, n_folds) - 1
    return (
        f"{cores} and {count(n_folds, 'fit')} an evaluation: several configurations are evaluated "
        f"at once, and each fit keeps to one thread. A proposal is then made without the scores of "
        f"the {'one' if others == 1 else others} still running."
    )


def _level(workers: int, n_folds: int) -> str:
    if workers == 1:
        return "nothing"
    configurations = at_once(workers, n_folds)
    return "folds" if configurations == 1 else f"{configurations} configurations"
