"""Seeds of single fits, which depend on neither time nor place."""

from __future__ import annotations

import numpy as np


def fold_seed(seed: int, trial: int, fold: int) -> int:
    """Derive the ``random_state`` of a fit.

    Args:
        seed: of the plan.
        trial: number.
        fold: index.

    Returns:
        Below 2**31.
    """
    return _draw(seed, trial, fold, 1)


def final_seed(seed: int) -> int:
    """Derive the ``random_state`` of the final model from the plan's ``seed``, below 2**31."""
    return _draw(seed, 2)


def _draw(*entropy: int) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)
