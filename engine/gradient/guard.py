"""The chaos guard: detects hypergradients that are noise, and applies a remedy.

Training with large steps, or for long, may amplify the smallest change of a weight without bound.
The outer loss is then jagged in the hyperparameters, and its exact derivative does not show where
it falls. In the backward sweep this appears as growth of the derivative by the weights.

Source: Maclaurin et al. 2015, section 4 ("When are gradients meaningful?"), describe the effect; to
detect it by growth, and the thresholds, are ours.
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
"""Growth of the norm of the derivative by the weights over a backward sweep, ‖dE/dw_0‖ / ‖dE/dw_T‖,
above which the guard warns of chaos. In ordinary training it is about 1 or less."""
RESIDUAL = 1.0
"""Relative residual of an implicit engine's linear system from which its solution is useless: q = 0
has 1."""


class NoiseRemedy(StrEnum):
    """Changes that may help, the least intrusive first."""

    SMALLER = "smaller"
    """Smaller step sizes to start from."""
    SHORTER = "shorter"
    """Fewer steps of training, or fewer steps to go back."""
    CLIP = "clip"
    """Shorten long hypergradients."""
    LONGER = "longer"
    """More steps of training, or more iterations of an implicit engine's solver."""


class NoiseVerdict(msgspec.Struct, frozen=True):
    """Verdict on one hypergradient.

    Attributes:
        useful: whether it can be followed.
        sentence: why not, for people; empty if it can.
        remedies: changes that may help.
    """

    useful: bool
    sentence: str = ""
    remedies: tuple[NoiseRemedy, ...] = ()


def judge(growth: float, norm: float, residual: float = 0.0) -> NoiseVerdict:
    """Judge one hypergradient by its figures.

    Args:
        growth: ‖dE/dw_0‖ / ‖dE/dw_T‖ over the backward sweep.
        norm: norm of the hypergradient.
        residual: relative residual of an implicit engine's linear system; 0 for other engines.

    Returns:
        The verdict, for the first fault found.
    """
    # Not ``norm == inf``: NaN is a fault, too.
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
        found: as the outer optimiser takes it.
        figures: what was done about noise: ``followed`` (1 or 0), ``clipped`` (share of its length
            that remains), ``window`` (number of steps gone back).
        sentence: what was wrong and what was done, for people; empty if nothing was wrong.
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
    """Prepare a hypergradient for the outer optimiser, with ``remedy`` applied if it is noise.

    Args:
        given: hypergradient of an engine.
        remedy: ``smaller``: leave it out, so that the outer optimiser lowers step sizes; ``clip``:
            shorten it; ``shorten``: go back fewer steps; ``warn``: follow it.
        back: (window) -> hypergradient over the last ``window`` steps only; None if there is none.
        steps: number of steps of the training.

    Returns:
        The hypergradient with figures and a sentence about noise.

    Source: shortening the window is truncated back-propagation (Shaban et al. 2019); small step
    sizes are the remedy of Maclaurin et al. 2015, section 4.
    """
    residual, norm = given.figures.get("residual", 0.0), norm_of(given.gradient)
    found = as_found(given)
    verdict = judge(found.growth, norm, residual)
    if not residual < RESIDUAL:
        # Implicit engines have no growth; one whose system is unsolved must count as noise, too.
        found = found._replace(growth=math.inf)
    if found.growth <= NOISE:
        return Passed(found, {"followed": 1.0}, verdict.sentence)
    why = verdict.sentence or f"The training amplifies changes {found.growth:,.0f} times."
    endless = not math.isfinite(found.growth)
    if remedy == "warn" and not endless:
        # The outer optimiser leaves out what has grown, so its growth is not passed on.
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
    """Euclidean norm of a gradient over all names and numbers."""
    return math.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in gradient.values()))


def as_found(given: Hypergradient) -> FoldGradient:
    """Convert an engine's hypergradient to what the outer optimiser takes.

    A training whose outer loss is not positive and finite has diverged.
    """
    gradient = dict(given.gradient)
    if not 0 < given.value < math.inf:
        return lost(gradient)
    return FoldGradient(gradient, given.value, given.figures.get("growth", 1.0))
