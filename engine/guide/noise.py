"""How much scores differ between folds, from the folds that the probe fitted.

A share of the score itself would be a poor scale: an accuracy of 0.98 with a deviation of 0.02 has
a noise of 2 %, yet single folds can't tell a configuration with half the errors from it. What
configurations differ in is the distance from a perfect score, so that is the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, stdev

from engine.domain.advice import ProbeResult
from engine.domain.cards import MeasureCard
from engine.guide.resampling import validation_share
from engine.guide.situation import Situation
from engine.plan import Resampling

FEWEST = 5
"""Folds from which a deviation says something: with five it is known to within about a third."""


def fold_noise(situation: Situation) -> float | None:
    """`probed_noise` as far as the situation knows."""
    measures = situation.catalog.measures
    card = next((card for card in measures if card.id == situation.measure), None)
    if situation.probe is None or card is None:
        return None
    return probed_noise(situation.probe, card, situation.resampling)


def probed_noise(
    probe: ProbeResult, measure: MeasureCard, resampling: Resampling | None = None
) -> float | None:
    """`relative_noise` of the default configuration, for the folds of ``resampling``.

    The deviation of a mean over a fold's rows falls with the square root of their number; so what
    was measured on other folds is scaled by that.
    """
    noise = relative_noise(probe.fold_scores.get(measure.id, ()), maximise=measure.maximise)
    if noise is None or probe.resampling is None or resampling is None:
        return noise
    measured, wanted = validation_share(probe.resampling), validation_share(resampling)
    return noise * math.sqrt(measured / wanted)


def relative_noise(scores: Sequence[float], *, maximise: bool) -> float | None:
    """Standard deviation of fold scores as a share of their mean's distance from a perfect score.

    Perfect is 1 for what is maximised (shares, areas, R²) and 0 for what is
    minimised (errors, losses).

    Returns:
        None where it says nothing: fewer than `FEWEST` scores, or a mean that is perfect.
    """
    if len(scores) < FEWEST:
        return None
    distance = abs((1.0 if maximise else 0.0) - mean(scores))
    return stdev(scores) / distance if distance > 1e-12 else None
