"""The chaos guard: says when a hypergradient is noise (Maclaurin et al. 2015, section 4).

Training with large steps, or for long, may amplify the least change of a weight without bound; the
outer loss is then jagged in the hyperparameters, and its exact derivative says nothing of where it
falls. On the way back this shows as growth of the derivative by the weights.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

GROWTH = 1e3
"""Of the norm of the derivative by the weights over a backward sweep, from which it is chaos. In
ordinary training it falls or stays about level."""


class Remedy(StrEnum):
    """What may help, the least intrusive first."""

    SMALLER = "smaller"
    """Smaller step sizes to start from."""
    SHORTER = "shorter"
    """Fewer steps of training."""
    CLIP = "clip"
    """Shorten long hypergradients."""


class Verdict(msgspec.Struct, frozen=True):
    """What the guard has found.

    Attributes:
        useful: whether the hypergradient can be followed.
        sentence: why not; empty if it can.
        remedies: what to do about it.
    """

    useful: bool
    sentence: str = ""
    remedies: tuple[Remedy, ...] = ()


def judge(growth: float, norm: float) -> Verdict:
    """The guard's verdict on one hypergradient.

    Args:
        growth: of the norm of the derivative by the weights over the backward sweep.
        norm: of the hypergradient.
    """
    if not norm < float("inf"):
        why = "The hypergradient is not finite: the training diverged."
        return Verdict(False, why, (Remedy.SMALLER, Remedy.SHORTER))
    if growth > GROWTH:
        why = (
            f"The training amplifies changes of its weights {growth:,.0f} times, so the "
            "hypergradient is noise."
        )
        return Verdict(False, why, (Remedy.SMALLER, Remedy.SHORTER, Remedy.CLIP))
    return Verdict(True)
