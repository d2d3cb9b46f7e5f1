"""A mild penalty at the very ends of the ranges.

A process is least certain at the ends, so that plain expected improvement keeps proposing corners,
which in many dimensions is most of what it proposes. The acquisition is therefore weighted by a
prior that falls towards the ends, as in piBO (Hvarfner et al. 2022, section 3.1): what promises
clearly more still wins there.
"""

from __future__ import annotations

import numpy as np

from engine.tuners.bayes.encoding import Encoding

MARGIN = 0.1
"""Share of a range at either end in which the prior falls."""

WEIGHT = 0.5
"""Decrease of the logarithm of the prior towards an end."""


def reluctance(encoding: Encoding, rows: np.ndarray) -> np.ndarray:
    """Minus the log prior at ``rows``, shape ``(m, d)``: shape ``(m,)``, 0 where no number is near
    an end."""
    near = np.minimum(rows, 1.0 - rows) / MARGIN
    return WEIGHT * np.nansum(np.maximum(1.0 - near, 0.0) * encoding.numeric, axis=1)


def reluctance_slope(encoding: Encoding, row: np.ndarray) -> np.ndarray:
    """Derivative of `reluctance` by the coordinates of ``row``, shape ``(d,)``: shape ``(d,)``."""
    towards = (row > 1.0 - MARGIN).astype(float) - (row < MARGIN)
    return WEIGHT / MARGIN * towards * encoding.numeric
