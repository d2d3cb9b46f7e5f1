"""What analyses of a search's trials found: importances, effects, the surrogate's slices."""

from __future__ import annotations

import msgspec

from engine.space import Value


class SurrogateSlice(msgspec.Struct, frozen=True):
    """What a method's model thinks along one hyperparameter, the others as in one configuration.

    All of one length; scores in the measure's own units.
    """

    name: str
    x: tuple[Value, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    """Bounds of a 95 % interval of the score itself, without the noise of the folds."""
    acquisition: tuple[float, ...]
    """From 0 to 1: how promising the method finds it to look there next."""


class Importance(msgspec.Struct, frozen=True):
    """How much of the score's variation a hyperparameter accounts for, as a share of 1."""

    name: str
    share: float
    low: float
    high: float
    """Bounds of a bootstrap interval (10th to 90th percentile)."""


class ModelQuality(msgspec.Struct, frozen=True):
    """How far the forest can be trusted that an answer rests on."""

    trials: int
    """Complete trials it was made of."""
    r2: float
    """Share of the variation between trials that it predicts of trials it has not seen
    (cross-validated)."""
    clipped: int = 0
    """Trials so much worse than the others that their scores were moved to a fence."""


class PairImportance(msgspec.Struct, frozen=True):
    """What two hyperparameters do together beyond what each does alone, as a share of 1."""

    one: str
    other: str
    share: float
    low: float
    high: float
    """The 10th and the 90th percentile over the trees."""


class AblationStep(msgspec.Struct, frozen=True):
    """One hyperparameter taken over on the way from the default configuration to the best."""

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
    """How the expected score changes along one hyperparameter, over all others (partial
    dependence), where it is active."""

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
    """The expected score over two hyperparameters: a row for each of ``y``, a column for each of
    ``x``; NaN where one of them is inactive."""

    one: str
    other: str
    x: tuple[Value, ...]
    y: tuple[Value, ...]
    mean: tuple[tuple[float, ...], ...]
    doubt: tuple[tuple[float, ...], ...]
    """Standard deviation over the trees."""
