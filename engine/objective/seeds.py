"""Seeds of single fits, so that none depends on when or where it runs."""

from __future__ import annotations

import numpy as np


def fold_seed(seed: int, trial: int, fold: int) -> int:
    """``random_state`` of a fold of a trial under the plan's ``seed``, below 2**31."""
    return _draw(seed, trial, fold, 1)


def final_seed(seed: int) -> int:
    """``random_state`` of the model a run ends with, below 2**31."""
    return _draw(seed, 2)


def _draw(*entropy: int) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)
