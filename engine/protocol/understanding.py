"""Understanding what a search found: importances and effects, read off a random forest that has
learned the scores of its complete trials.

All of these requests can be cancelled and tell how far they are (`Activity`). Where there are too
few trials, or the forest predicts trials it has not seen too badly, they fail with a sentence that
says so (``understand.few``, ``understand.equal``, ``understand.poor``).
"""

from __future__ import annotations

import msgspec

from engine.protocol.heads import ReplyHead, RequestHead
from engine.records import Importance
from engine.space import Value


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


class Fanova(RequestHead, frozen=True):
    """Functional ANOVA: importances of hyperparameters and of pairs. Reply: `FanovaReady`."""

    path: str


class FanovaReady(ReplyHead, frozen=True):
    quality: ModelQuality
    importances: tuple[Importance, ...]
    """Largest first; intervals from the 10th to the 90th percentile over the trees."""
    pairs: tuple[PairImportance, ...]
    """Largest first; those of a share below half a per cent are left out."""
    rest: float
    """What is left: three and more hyperparameters together, and pairs left out."""


class Permutation(RequestHead, frozen=True):
    """How much worse the forest predicts when a hyperparameter's values are shuffled. Reply:
    `PermutationReady`."""

    path: str


class PermutationReady(ReplyHead, frozen=True):
    quality: ModelQuality
    importances: tuple[Importance, ...]


class Ablation(RequestHead, frozen=True):
    """The way from the default configuration to a trial's (the best one's if left out), each time
    by the hyperparameter that helps most. Reply: `AblationReady`."""

    path: str
    trial: int | None = None


class AblationReady(ReplyHead, frozen=True):
    quality: ModelQuality
    trial: int
    start: float
    """Score that the forest expects of the default configuration, and its bounds."""
    start_low: float
    start_high: float
    steps: tuple[AblationStep, ...]


class Effects(RequestHead, frozen=True):
    """Partial dependence of the named hyperparameters, of all if none is. Reply:
    `EffectsReady`."""

    path: str
    names: tuple[str, ...] = ()


class EffectsReady(ReplyHead, frozen=True):
    quality: ModelQuality
    effects: tuple[Effect, ...]


class Contour(RequestHead, frozen=True):
    """Partial dependence on two hyperparameters at once. Reply: `ContourReady`."""

    path: str
    one: str
    other: str


class ContourReady(ReplyHead, frozen=True):
    quality: ModelQuality
    plane: Plane
