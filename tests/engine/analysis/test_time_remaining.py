"""How long it will still take."""

from __future__ import annotations

import math

import pytest

from engine.analysis.time_remaining import time_left


def left(durations, **given):
    given = {"remaining": 10, "workers": 2, "elapsed": 60.0} | given
    return time_left(durations, **given)


def test_median_times_remaining_by_workers():
    assert left([4.0, 4.0, 4.0, 400.0, 4.0]) == pytest.approx(20)


def test_only_recent_durations_count():
    assert left([100.0] * 50 + [2.0] * 20) == pytest.approx(10)


def test_nothing_is_said_until_it_can_be_trusted():
    assert left([4.0] * 3) is None
    assert left([4.0] * 9, elapsed=2.0) is None
    assert left([4.0] * 9, remaining=None) is None
    assert left([math.nan] * 9) is None


def test_a_time_budget_is_followed():
    assert left([], remaining=None, seconds=100.0) == 40
    assert left([4.0] * 9, seconds=62.0) == 2
    assert left([4.0] * 9, seconds=1e6) == 20
    assert left([4.0] * 9, seconds=30.0) == 0


def test_it_counts_down_smoothly():
    calm = left([4.0] * 9, previous=21.0, since_previous=1.0)
    assert calm == pytest.approx(20)
    jump = left([8.0] * 9, previous=21.0, since_previous=1.0)
    assert jump == pytest.approx(0.7 * 20 + 0.3 * 40)


def test_nothing_remains_nothing_is_left():
    assert left([4.0] * 9, remaining=0, previous=3.0) == 0
    assert left([], remaining=0) == 0
