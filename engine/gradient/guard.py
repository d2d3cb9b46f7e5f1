"""The chaos guard: says when a hypergradient is noise (Maclaurin et al. 2015, section 4).

Training with large steps, or for long, may amplify the least change of a weight without bound; the
outer loss is then jagged in the hyperparameters, and its exact derivative says nothing of where it
falls. On the way back this shows as growth of the derivative by the weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import numpy as np

from engine.gradient.engines.base import Hypergradient
from engine.gradient.outer import NOISE, FoldGradient, lost

GROWTH = 1e3
"""Of the norm of the derivative by the weights over a backward sweep, from which it is chaos. In
ordinary training it falls or stays about level."""
RESIDUAL = 1.0
"""Of an implicit engine's linear system, relative, from which its solution is worth nothing: no
solution at all has 1."""


class NoiseRemedy(StrEnum):
    """What may help, the least intrusive first."""

    SMALLER = "smaller"
    """Smaller step sizes to start from."""
    SHORTER = "shorter"
    """Fewer steps of training, or of the way back."""
    CLIP = "clip"
    """Shorten long hypergradients."""
    LONGER = "longer"
    """More steps of training, or more iterations of an implicit engine's solver."""


class NoiseVerdict(msgspec.Struct, frozen=True):
    """What the guard has found.

    Attributes:
        useful: whether the hypergradient can be followed.
        sentence: why not; empty if it can.
        remedies: what to do about it.
    """

    useful: bool
    sentence: str = ""
    remedies: tuple[NoiseRemedy, ...] = ()


def judge(growth: float, norm: float, residual: float = 0.0) -> NoiseVerdict:
    """The guard's verdict on one hypergradient.

    Args:
        growth: of the norm of the derivative by the weights over the backward sweep.
        norm: of the hypergradient.
        residual: of an implicit engine's linear system, relative.
    """
    if not norm < float("inf"):
        why = "The hypergradient is not finite: the training diverged."
        return NoiseVerdict(False, why, (NoiseRemedy.SMALLER, NoiseRemedy.SHORTER))
    if growth > GROWTH:
        why = (
            f"The training amplifies changes of its weights {growth:,.0f} times, so the "
            "hypergradient is noise."
        )
        return NoiseVerdict(
            False, why, (NoiseRemedy.SMALLER, NoiseRemedy.SHORTER, NoiseRemedy.CLIP)
        )
    if not residual < RESIDUAL:
        why = (
            f"The implicit engine's linear system is not solved (residual {residual:.2g}), so the "
            "hypergradient is noise."
        )
        return NoiseVerdict(False, why, (NoiseRemedy.LONGER, NoiseRemedy.SMALLER))
    return NoiseVerdict(True)


class Passed(NamedTuple):
    """A hypergradient that has passed the guard.

    Attributes:
        found: to be followed.
        figures: what was done about noise: ``followed`` (1 or 0), ``clipped`` (to which share of
            its length), ``window`` (steps that were gone back).
        sentence: what was wrong, and what was done; empty if nothing was.
    """

    found: FoldGradient
    figures: Mapping[str, float]
    sentence: str = ""


def passed(
    given: Hypergradient,
    remedy: str,
    back: Callable[[int], Hypergradient] | None = None,
    steps: int = 0,
) -> Passed:
    """``given`` as the outer optimiser takes it, with ``remedy`` applied if it is noise.

    Args:
        given: what the engine gave.
        remedy: ``smaller``: leave it out, and the outer optimiser makes the step sizes smaller;
            ``clip``: shorten it; ``shorten``: go back fewer steps; ``warn``: follow it.
        back: gives the hypergradient that goes back so many steps only.
        steps: of the training.
    """
    residual, norm = given.figures.get("residual", 0.0), norm_of(given.gradient)
    found = as_found(given)
    verdict = judge(found.growth, norm, residual)
    if not residual < RESIDUAL:
        found = found._replace(growth=math.inf)
    if found.growth <= NOISE:
        return Passed(found, {"followed": 1.0}, verdict.sentence)
    why = verdict.sentence or f"The training amplifies changes {found.growth:,.0f} times."
    endless = not math.isfinite(found.growth)
    if remedy == "warn" and not endless:
        return Passed(found._replace(growth=1.0), {"followed": 1.0}, verdict.sentence)
    if remedy == "clip" and not endless:
        share = NOISE / found.growth
        gradient = {name: (share * g).astype(g.dtype) for name, g in found.gradient.items()}
        told = f"{why} It was shortened to {share:.2g} of its length."
        return Passed(
            FoldGradient(gradient, found.value), {"followed": 1.0, "clipped": share}, told
        )
    if remedy == "shorten" and back is not None:
        window = steps // 2
        while window:
            shorter = as_found(back(window))
            if shorter.growth <= NOISE:
                told = f"{why} It was taken over the last {window:,} steps only."
                return Passed(shorter, {"followed": 1.0, "window": float(window)}, told)
            window //= 2
        why += " Going back fewer steps does not help."
    return Passed(found, {"followed": 0.0}, f"{why} {LEFT_OUT}")


LEFT_OUT = "It is left out, and step sizes that are tuned become a little smaller."


def norm_of(gradient: Mapping[str, Any]) -> float:
    """Of all its numbers together."""
    return math.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in gradient.values()))


def as_found(given: Hypergradient) -> FoldGradient:
    """As the outer optimiser takes it."""
    gradient = dict(given.gradient)
    if not 0 < given.value < math.inf:
        return lost(gradient)
    return FoldGradient(gradient, given.value, given.figures.get("growth", 1.0))
