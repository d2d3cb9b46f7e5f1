"""Ranges of axes: round, roomy, robust."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.plots.ranges import count_limit, round_step, score_range, stepped

number = st.floats(-1e12, 1e12)


@given(st.lists(st.floats(), max_size=60), st.booleans())
def test_any_scores_give_a_range_that_holds_the_best(values, maximise):
    scores = np.array(values, float)
    found = score_range(scores, maximise)
    assert math.isfinite(found.low)
    assert math.isfinite(found.high)
    assert found.low < found.high
    usable = scores[np.abs(scores) < 1e200]
    if usable.size:
        best = usable.max() if maximise else usable.min()
        assert found.low <= best <= found.high
        assert found.shown(scores).sum() >= 0.95 * usable.size - 1


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.booleans())
@example([0.0, 5e-324], False)
def test_every_score_is_shown_or_cut(values, maximise):
    scores = np.array(values)
    found = score_range(scores, maximise)
    assert (found.shown(scores) ^ found.is_cut(scores)).all()
    inside = scores[found.shown(scores)]
    assert ((inside >= found.low) & (inside <= found.high)).all()


def test_minimising_mirrors_maximising():
    scores = np.array([1.0, 2.0, 3.0, 2.5, 900.0, 1.5, 1.2, 2.2, 2.9, 1.1])
    loss, gain = score_range(scores, False), score_range(-scores, True)
    assert (loss.low, loss.high, loss.cut_high) == (-gain.high, -gain.low, -gain.cut_low)


def test_the_reference_always_fits():
    found = score_range(np.linspace(0.9, 0.95, 30), True, reference=0.2)
    assert found.low < 0.2


@given(number, number)
def test_stepped_holds_what_it_is_given(one, other):
    low, high = min(one, other), max(one, other)
    start, end = stepped(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert start <= low + slack
    assert high <= end + slack
    assert start < end


@pytest.mark.parametrize(("size", "step"), [(0.009, 0.01), (0.01, 0.01), (3, 5), (7, 10), (20, 20)])
def test_round_step(size, step):
    assert round_step(size) == pytest.approx(step)


def test_count_limit_grows_in_steps():
    assert [count_limit(n) for n in (0, 20, 21, 90, 137, 141)] == [20, 20, 30, 100, 140, 200]
    assert count_limit(137, planned=138) == 138
    assert count_limit(150, planned=138) == 200
    assert count_limit(1, planned=5) == 5
    steps = sorted({count_limit(n) for n in range(1, 20_000, 7)})
    assert len(steps) < 25
