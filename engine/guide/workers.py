"""How many fits at once, and at which level: the folds of an evaluation."""

from __future__ import annotations

from engine.guide.situation import Situation
from engine.guide.words import count
from engine.protocol import Recommendation


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """One worker a physical core, each with one thread; then a single one."""
    workers = max(situation.workers, 1)
    source = "Bischl et al. 2023, parallelisation"
    if workers == 1:
        reason = "One physical core: fits run one after another."
    elif situation.jobs >= workers:
        reason = (
            f"{count(workers, 'physical core')}: the {situation.jobs} fits of one evaluation keep "
            "them busy, so parallelise there and leave each fit one thread."
        )
    else:
        reason = (
            f"{count(workers, 'physical core')} and {count(situation.jobs, 'fit')} an evaluation: "
            "several configurations are evaluated at once, and each fit keeps to one thread."
        )
    best = Recommendation(
        choice=str(workers),
        label=count(workers, "worker"),
        reason=reason,
        source=source,
        would_change="It would change if you wanted cores left for other work.",
        figures=(("physical cores", str(workers)), ("fits an evaluation", str(situation.jobs))),
    )
    if workers == 1:
        return (best,)
    single = Recommendation(
        choice="1",
        label="1 worker",
        reason="Leaves the other cores to you; a search is then repeatable to the last bit.",
        source=source,
    )
    return (best, single)
