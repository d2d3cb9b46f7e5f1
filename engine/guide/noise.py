"""Noise of scores between folds, from the folds that the probe fitted.

Relative to the score itself it would mislead: an accuracy of 0.98 with a standard deviation of 0.02
has a noise of 2 %, yet single folds can't distinguish a configuration with half the errors.
Configurations differ in their distance from a perfect score, so that is the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, stdev

from engine.domain.advice import ProbeResult
from engine.domain.cards import MeasureCard
from engine.guide.recommend_resampling import validation_share
from engine.guide.situation import Situation
from engine.plan import Resampling

FEWEST = 5
"""Fewest folds for a standard deviation: five give it to within about a third."""


def fold_noise(situation: Situation) -> float | None:
    """`probed_noise` of the situation's probe and measure; None without them."""
    measures = situation.catalog.measures
    card = next((card for card in measures if card.id == situation.measure), None)
    if situation.probe is None or card is None:
        return None
    return probed_noise(situation.probe, card, situation.resampling)


def probed_noise(
    probe: ProbeResult, measure: MeasureCard, resampling: Resampling | None = None
) -> float | None:
    """`relative_noise` of the default configuration, for the folds of ``resampling``.

    The standard deviation of a mean over a fold's rows falls with the square root of their number;
    so a value measured on other folds is scaled by that.

    Args:
        probe: fold scores of the default configuration.
        measure: that is optimised.
        resampling: whose folds are meant; those of the probe if left out.

    Returns:
        A share, or None as for `relative_noise`.
    """
    noise = relative_noise(probe.fold_scores.get(measure.id, ()), maximise=measure.maximise)
    if noise is None or probe.resampling is None or resampling is None:
        return noise
    measured, wanted = validation_share(probe.resampling), validation_share(resampling)
    return noise * math.sqrt(measured / wanted)


def relative_noise(scores: Sequence[float], *, maximise: bool) -> float | None:
    """Standard deviation of fold scores as a share of their mean's distance from a perfect score.

    Perfect is 1 for measures to maximise (shares, areas, R²) and 0 for those to minimise (errors,
    losses).

    Returns:
        None where it is not defined: fewer than `FEWEST` scores, or a perfect mean.
    """
    if len(scores) < FEWEST:
        return None
    distance = abs((1.0 if maximise else 0.0) - mean(scores))
    return stdev(scores) / distance if distance > 1e-12 else None
