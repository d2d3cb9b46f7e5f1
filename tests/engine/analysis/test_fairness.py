"""Verdicts are fair: equal methods are seldom told apart, a planted difference is found."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fairness.py"


@pytest.fixture(scope="module")
def fairness():
    """The benchmark: a script, beside which lie modules of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        return loaded()


def loaded():
    spec = importlib.util.spec_from_file_location("fairness", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_two_copies_of_a_method_are_seldom_told_apart(fairness):
    alarms = sum(fairness.told_apart(of) for of in fairness.simulated("copies", 100, 5, seed=0))
    assert alarms <= 10


def test_equally_good_rivals_are_seldom_told_apart_and_a_planted_difference_is_found(fairness):
    drawn = list(fairness.simulated("rivals", 60, 15, seed=0))
    plain = np.mean([fairness.plain_t(of) for of in drawn])
    assert np.mean([fairness.told_apart(of) for of in drawn]) <= 0.1
    # A test that takes repetitions for independent would not do.
    assert plain > 0.15
    found, size = fairness.found_when_planted(drawn, 5)
    # 80 of 100 are announced; 60 comparisons are that share but for 0.05.
    assert found >= 0.7
    assert size > 0.05
