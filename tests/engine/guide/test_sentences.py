from __future__ import annotations

import pytest

from engine.guide.sentences import count, duration, spelled


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.001, "under 0.01 s"),
        (0.0123, "0.012 s"),
        (1.44, "1.4 s"),
        (29.6, "30 s"),
        (89, "89 s"),
        (90, "1.5 min"),
        (600, "10 min"),
        (5_399, "90 min"),
        (5_400, "1.5 h"),
        (123_456, "34 h"),
    ],
)
def test_durations_have_two_significant_figures(seconds, expected):
    assert duration(seconds) == expected


def test_counts_have_plurals_and_separators():
    assert count(1, "row") == "1 row"
    assert count(12_345, "row") == "12,345 rows"
    assert spelled(1, "fold") == "One fold"
    assert spelled(5, "fold") == "Five folds"
    assert spelled(40, "fold") == "40 folds"
