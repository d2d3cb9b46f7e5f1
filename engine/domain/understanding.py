"""Results of analyses of a search: importances, effects, slices of the surrogate."""

from __future__ import annotations

import msgspec

from engine.space import Value


class SurrogateSlice(msgspec.Struct, frozen=True):
    """Prediction of a method's surrogate along one hyperparameter, the others as in one
    configuration.

    All of one length; scores in the measure's own units.
    """

    name: str
    x: tuple[Value, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    """Bounds of a 95 % interval of the score itself, without the noise of the folds."""
    acquisition: tuple[float, ...]
    """Acquisition relative to its largest value, from 0 to 1."""


class Importance(msgspec.Struct, frozen=True):
    """Share of the score's variance that a hyperparameter accounts for."""

    name: str
    share: float
    low: float
    high: float
    """Bounds of a bootstrap interval (10th to 90th percentile)."""


class ModelQuality(msgspec.Struct, frozen=True):
    """Quality of the forest that an answer rests on."""

    trials: int
    """Complete trials it was fitted to."""
    r2: float
    """Cross-validated share of the variance between trials that it predicts."""
    clipped: int = 0
    """Trials so much worse than the others that their scores were moved to a fence."""


class PairImportance(msgspec.Struct, frozen=True):
    """Share of the score's variance due to the interaction of two hyperparameters."""

    one: str
    other: str
    share: float
    low: float
    high: float
    """The 10th and the 90th percentile over the trees."""


class AblationStep(msgspec.Struct, frozen=True):
    """One hyperparameter changed on the path from the default configuration to the best."""

    name: str
    before: Value
    after: Value
    along: tuple[str, ...]
    """Hyperparameters that this switched on or off."""
    score: float
    """Expected after this step, with its bounds: the 10th and the 90th percentile over the
    trees."""
    low: float
    high: float
    gain: float
    """Of this step; positive is better. Bounds alike."""
    gain_low: float
    gain_high: float


class Effect(msgspec.Struct, frozen=True):
    """Partial dependence of the score on one hyperparameter, where it is active."""

    name: str
    x: tuple[Value, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    """The 10th and the 90th percentile over the trees of the forest."""
    curves: tuple[tuple[float, ...], ...] = ()
    """The same along single configurations drawn from the space (individual conditional
    expectation), each as long as ``x``."""


class Plane(msgspec.Struct, frozen=True):
    """Partial dependence on two hyperparameters: a row for each of ``y``, a column for each of
    ``x``; NaN where one of them is inactive."""

    one: str
    other: str
    x: tuple[Value, ...]
    y: tuple[Value, ...]
    mean: tuple[tuple[float, ...], ...]
    doubt: tuple[tuple[float, ...], ...]
    """Standard deviation over the trees."""
