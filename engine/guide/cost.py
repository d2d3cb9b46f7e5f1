"""What an evaluation costs: by the probe when there is one, else by a rule of thumb."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.guide.facts import Facts
from engine.guide.situation import Situation
from engine.guide.words import duration

# Seconds of one fit, averaged over the recommended space, on one core of an ordinary desktop.
# They only size the first budget; the probe replaces them. Trees: time grows with their number
# (about 1,000 in the middle of the range) and with rows. Boosting: 2,500 rounds, one tree a
# class. SVM: with the square of the rows (scikit-learn user guide, 1.4.4). Linear: with rows
# times columns.
_FIT_SECONDS: Mapping[str, Callable[[Facts], float]] = {
    "random_forest": lambda f: 1000 * (1e-3 + 1.5e-6 * f.rows * (f.encoded / 10) ** 0.5),
    "gradient_boosting": lambda f: 2500 * _outputs(f) * (8e-4 + 6e-7 * f.rows),
    "svm": lambda f: 2e-3 + 1e-9 * f.rows**2 * f.encoded,
    "elastic_net": lambda f: _outputs(f) * (0.01 + 3e-6 * f.rows * f.encoded),
}
_JOB_SECONDS = 0.01
"""Preparing, predicting, scoring and sending one fold."""


def fold_seconds(situation: Situation) -> float:
    """Expected wall time of one fold of the chosen learner."""
    if situation.probe is not None:
        return max(situation.probe.seconds, 1e-6)
    fit = _FIT_SECONDS.get(situation.learner or "", _FIT_SECONDS["gradient_boosting"])
    return fit(situation.facts) + _JOB_SECONDS


def evaluation_seconds(situation: Situation) -> float:
    """Expected time of one full evaluation, its folds one after another."""
    return fold_seconds(situation) * situation.jobs


def affordable(situation: Situation) -> float:
    """Full evaluations that fit the time on all workers."""
    return situation.time * max(situation.workers, 1) / evaluation_seconds(situation)


def stated(situation: Situation) -> str:
    """The cost of an evaluation in words: measured figures bare, estimates with "about"."""
    seconds = duration(evaluation_seconds(situation))
    return seconds if situation.probe is not None or seconds[0] == "u" else f"about {seconds}"


def _outputs(facts: Facts) -> int:
    return len(facts.classes) if len(facts.classes) > 2 else 1
