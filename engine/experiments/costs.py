"""What an experiment will cost, before it is started."""

from __future__ import annotations

from engine.comparison import Costs
from engine.experiments.experiment import Experiment, slots
from engine.guide.words import duration
from engine.protocol import ProbeResult

FINAL_FITS = 2
"""At the end of a search with outer test rows: the winner, and the default beside it."""


def costs(experiment: Experiment, probe: ProbeResult | None = None) -> Costs:
    """Searches, full evaluations, fits and time.

    Args:
        probe: what folds of the default configuration cost; of the first case.
    """
    places = slots(experiment)
    plans = [experiment.cases[slot.case] for slot in places]
    searches = len(places)
    each = experiment.cases[0].budget
    evaluations = None if each.evaluations is None else each.evaluations * searches
    fits = None
    if each.evaluations is not None:
        jobs = sum(plan.evaluation.resampling.jobs for plan in plans)
        fits = each.evaluations * jobs + FINAL_FITS * searches
    seconds = None if each.seconds is None else each.seconds * searches
    if probe is not None and fits is not None:
        first = experiment.cases[0]
        fold = probe.typical_seconds(first.space, first.learner.fixed)
        guessed = fold * fits / first.workers
        seconds = guessed if seconds is None else min(seconds, guessed)
    return Costs(
        searches, evaluations, fits, seconds, _sentence(experiment, searches, fits, seconds)
    )


def _sentence(
    experiment: Experiment, searches: int, fits: float | None, seconds: float | None
) -> str:
    budget = experiment.cases[0].budget
    each = f"{budget.evaluations:,.6g} evaluations" if budget.evaluations else ""
    if budget.seconds:
        each = f"{each} or {duration(budget.seconds)}" if each else duration(budget.seconds)
    parts = [(len(experiment.cases), "case"), (len(experiment.contenders), "method")]
    words = [f"{count} {name}s" for count, name in parts if count > 1]
    if experiment.kind == "nested":
        words.append(f"{experiment.repetitions} outer folds")
    elif experiment.repetitions > 1:
        words.append(f"{experiment.repetitions} repetitions")
    whole = " and a search on all rows" if experiment.whole else ""
    times = " × ".join(words) or "1 method"
    noun = "search" if searches == 1 else "searches"
    text = f"{times}{whole}: {searches:,} {noun} of {each}"
    if fits is not None:
        text += f", {fits:,.6g} fits"
    return f"{text}, about {duration(seconds)}." if seconds is not None else f"{text}."
