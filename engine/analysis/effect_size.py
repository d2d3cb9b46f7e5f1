"""How large a difference is, whatever its p-value.

What a person is told first is the difference in the measure's own units with its interval, and in
how many repetitions it held: both mean something without statistics. Beside it stands a figure
without units, for comparing across tables. It is the matched-pairs rank-biserial correlation: it
keeps the pairing, which is what the tests rest on, belongs to Wilcoxon's test, lies between -1 and
1, and one wild repetition does not carry it. Cohen's d of the differences is what power depends on
(`power`). Vargha and Delaney's A forgets the pairing; it answers another question, how often one
contender beats the other on rows of their own, and is for runs that were not paired.
"""

from __future__ import annotations

import math

import numpy as np

from engine.analysis.paired import signed_rank


def cohen_d(differences: np.ndarray) -> float:
    """Mean over standard deviation of paired differences, shape (n,), n > 1 (Cohen 1988, d_z).

    Infinite with the sign of the mean where they are all the same, 0 where they are all 0.
    """
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread > 1e-12 * float(np.abs(differences).max()):
        return mean / spread
    return math.copysign(math.inf, mean) if mean else 0.0


def rank_biserial(differences: np.ndarray) -> float:
    """Kerby's (2014) matched-pairs rank-biserial correlation of differences, shape (n,), n > 0.

    The share of the rank sum that speaks for a positive difference minus the share against: 1 when
    all are positive, 0 when both sides weigh the same.
    """
    sums = signed_rank(differences)
    return (sums.positive - sums.negative) / (sums.positive + sums.negative)


def vargha_delaney(one: np.ndarray, other: np.ndarray) -> float:
    """Vargha and Delaney's (2000) A: how often a value of ``one`` is above one of ``other``.

    Equals count half; shapes (n,) and (m,), neither empty.
    """
    above = (one[:, None] > other[None, :]).mean()
    return float(above + (one[:, None] == other[None, :]).mean() / 2)
