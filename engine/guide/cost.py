"""Cost of an evaluation: measured by the probe if there is one, else by a rule of thumb."""

from __future__ import annotations

from engine.guide.sentences import duration
from engine.guide.situation import Situation
from engine.space import SearchSpace

_JOB_SECONDS = 0.01
"""Preparing, predicting, scoring and sending one fold."""


def fold_seconds(situation: Situation) -> float:
    """Expected wall time of one fold of the chosen learner, averaged over the space, in seconds."""
    probe = situation.probe
    if probe is not None:
        space = situation.space or SearchSpace()
        return max(probe.typical_seconds(space, situation.fixed), 1e-6)
    return _fit_seconds(situation) + _JOB_SECONDS


def _fit_seconds(situation: Situation) -> float:
    # Before a learner is chosen, the first there is stands for it.
    rule = situation.costs[situation.learner or next(iter(situation.costs))]
    probabilities = _needs_probabilities(situation)
    return rule(situation.facts, situation.full_size, probabilities=probabilities)


def evaluation_seconds(situation: Situation) -> float:
    """Expected time of one full evaluation, its folds one after another, in seconds."""
    return fold_seconds(situation) * situation.n_folds


def affordable(situation: Situation) -> float:
    """Number of full evaluations that fit the time on all workers."""
    return situation.time * max(situation.workers, 1) / evaluation_seconds(situation)


def stated(situation: Situation) -> str:
    """Cost of an evaluation in words: measured figures bare, estimates with "about"."""
    seconds = duration(evaluation_seconds(situation))
    return seconds if _measured(situation) or seconds[0] == "u" else f"about {seconds}"


def _measured(situation: Situation) -> bool:
    """Whether the cost is the probe's own, rather than scaled to more or fewer trees."""
    probe = situation.probe
    return probe is not None and (not probe.size or probe.size == situation.full_size)


def _needs_probabilities(situation: Situation) -> bool:
    cards = situation.catalog.measures
    return any(card.id == situation.measure and card.needs == "probabilities" for card in cards)
