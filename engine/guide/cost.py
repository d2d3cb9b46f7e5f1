"""Cost of an evaluation: measured by the probe if there is one, else by a rule of thumb."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from engine.guide.facts import Facts
from engine.guide.situation import Situation
from engine.guide.words import duration
from engine.space import SearchSpace

# Seconds of one fit, averaged over the recommended space, on one core of an ordinary desktop, by
# timing fits of random configurations on seven tables of 178 x 13 to 20,000 x 50: right within a
# factor of about two. They only size the first budget; the probe replaces them. A tree of a forest
# sorts rows at each level for half the columns on average; a round of boosting grows one tree of at
# most 31 leaves a class. SVM: with the square of the rows (scikit-learn user guide, 1.4.4). Linear:
# with rows times columns, a hundred sweeps at most. Network: an epoch, with a share of compiling.
# One that tunes itself: a hyper-step, on as many rows whatever the table has.
_TREE: Mapping[str, Callable[[Facts], float]] = {
    "random_forest": lambda f: 6e-4 + 2.1e-8 * f.rows * math.log2(f.rows + 1) * f.encoded**0.8,
    "gradient_boosting": lambda f: _outputs(f) * (1e-4 + 5e-7 * f.rows),
    "network": lambda f: 4e-3 + 3e-6 * f.rows,
    "conv_network": lambda f: 4e-3 + 1e-6 * f.rows * f.encoded,
    "self_tuning": lambda f: 0.3,
}
"""Of one tree, round or epoch."""
_WHOLE: Mapping[str, Callable[[Facts], float]] = {
    "svm": lambda f: 2e-3 + 7e-10 * f.rows**2 * f.encoded,
    "elastic_net": lambda f: 1e-3 + 5e-8 * _outputs(f) * f.rows * f.encoded,
}
_CALIBRATED = 5.0
"""An SVM's probabilities take five more fits on four fifths of the rows, and their predictions."""
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
    learner, facts = situation.learner or "", situation.facts
    if learner in _WHOLE:
        calibrated = learner == "svm" and _needs_probabilities(situation)
        return _WHOLE[learner](facts) * (_CALIBRATED if calibrated else 1)
    return _TREE.get(learner, _TREE["gradient_boosting"])(facts) * situation.full_size


def evaluation_seconds(situation: Situation) -> float:
    """Expected time of one full evaluation, its folds one after another, in seconds."""
    return fold_seconds(situation) * situation.jobs


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
    return any(card.id == situation.measure and card.needs_probabilities for card in cards)


def _outputs(facts: Facts) -> int:
    return len(facts.classes) if len(facts.classes) > 2 else 1
