"""The reluctance to look at the ends of ranges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from engine.testing.tuner_suite import MIXED
from engine.tuners.bayes.edges import MARGIN, WEIGHT, reluctance, reluctance_slope
from engine.tuners.bayes.encoding import Encoding


def test_counts_active_numbers_near_an_end() -> None:
    encoding = Encoding(MIXED)
    middle = [0.5, 0.5, 0.5, 0.5]
    rows = np.array([middle, [0.0, 0.5, 0.99, 1.0], [1 - MARGIN / 2, 0.5, 0.01, np.nan]])
    assert reluctance(encoding, rows) == pytest.approx([0.0, 2 * WEIGHT, WEIGHT / 2])


def test_its_slope_is_its_derivative() -> None:
    encoding = Encoding(MIXED)
    for row in np.random.default_rng(0).random((20, 4)):
        measured = approx_fprime(row, lambda at: reluctance(encoding, at[None])[0], 1e-8)
        assert reluctance_slope(encoding, row) == pytest.approx(measured, abs=1e-4)
