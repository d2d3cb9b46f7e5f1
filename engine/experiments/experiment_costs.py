"""Estimated cost of an experiment, before it is started or extended."""

from __future__ import annotations

from engine.domain.advice import ProbeResult
from engine.domain.comparison import DEFAULT, Comparison, Costs
from engine.experiments.experiment import Experiment, slots
from engine.guide.sentences import count, duration

FINAL_FITS = 2
"""At the end of a search with outer test rows: the winner, and the default beside it."""


def costs(experiment: Experiment, probe: ProbeResult | None = None) -> Costs:
    """Estimate searches, full evaluations, fits and time.

    Args:
        experiment: to be started.
        probe: cost of folds of the default configuration of the first case.
    """
    places = slots(experiment)
    plans = [experiment.cases[slot.case] for slot in places]
    searches = len(places)
    each = experiment.cases[0].budget
    evaluations = None if each.evaluations is None else each.evaluations * searches
    fits = None
    if each.evaluations is not None:
        n_folds = sum(plan.evaluation.resampling.n_folds for plan in plans)
        fits = each.evaluations * n_folds + FINAL_FITS * searches
    seconds = None if each.seconds is None else each.seconds * searches
    if probe is not None and fits is not None:
        first = experiment.cases[0]
        fold = probe.typical_seconds(first.space, first.learner.fixed)
        guessed = fold * fits / first.workers
        seconds = guessed if seconds is None else min(seconds, guessed)
    return Costs(
        searches, evaluations, fits, seconds, _sentence(experiment, searches, fits, seconds)
    )


def costs_left(experiment: Experiment, comparison: Comparison) -> Costs:
    """Estimate the remaining cost from the searches that have ended.

    Args:
        experiment: started.
        comparison: its results so far, those not started among them.
    """
    members = [m for m in comparison.members if m.contender != DEFAULT]
    ended = [m for m in members if m.state == "finished"]
    open_ = [m for m in members if m.state not in ("finished", "failed")]
    budget = experiment.cases[0].budget
    n_folds = {
        case.name: plan.evaluation.resampling.n_folds
        for case, plan in zip(comparison.cases, experiment.cases, strict=True)
    }
    fits = evaluations = None
    if budget.evaluations is not None:
        evaluations = budget.evaluations * len(open_)
        fits = sum(budget.evaluations * n_folds[m.case] + FINAL_FITS for m in open_)
    seconds = 0.0 if ended else None
    for member in open_ if ended else ():
        alike = [m.seconds for m in ended if m.case == member.case] or [m.seconds for m in ended]
        seconds = (seconds or 0.0) + sum(alike) / len(alike)
    words = f"{count(len(open_), 'more search', 'more searches')} of {_each(experiment)}"
    return Costs(len(open_), evaluations, fits, seconds, _told(words, fits, seconds))


def _each(experiment: Experiment) -> str:
    """The budget of a search, in words."""
    budget = experiment.cases[0].budget
    each = f"{budget.evaluations:,.6g} evaluations" if budget.evaluations else ""
    if budget.seconds:
        each = f"{each} or {duration(budget.seconds)}" if each else duration(budget.seconds)
    return each


def _told(text: str, fits: float | None, seconds: float | None) -> str:
    if fits is not None:
        text += f", {fits:,.6g} fits"
    return f"{text}, about {duration(seconds)}." if seconds is not None else f"{text}."


def _sentence(
    experiment: Experiment, searches: int, fits: float | None, seconds: float | None
) -> str:
    parts = [(len(experiment.cases), "case"), (len(experiment.contenders), "method")]
    words = [f"{count} {name}s" for count, name in parts if count > 1]
    if experiment.kind == "nested":
        words.append(f"{experiment.repetitions} outer folds")
    elif experiment.repetitions > 1:
        words.append(f"{experiment.repetitions} repetitions")
    whole = " and a search on all rows" if experiment.whole else ""
    times = " × ".join(words) or "1 method"
    noun = "search" if searches == 1 else "searches"
    return _told(f"{times}{whole}: {searches:,} {noun} of {_each(experiment)}", fits, seconds)
