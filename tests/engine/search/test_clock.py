from engine.domain.trials import FoldResult, TrialRecord
from engine.search.clock import active_seconds


def trial(*spans):
    folds = {i: FoldResult(0, i, started=s, seconds=e - s) for i, (s, e) in enumerate(spans)}
    return TrialRecord(0, {}, folds=folds)


def test_overlapping_folds_count_once():
    assert active_seconds([trial((0, 10), (2, 8), (5, 12))]) == 12


def test_short_gaps_count_and_long_ones_do_not():
    assert active_seconds([trial((0, 1), (3, 4))]) == 4
    assert active_seconds([trial((0, 1), (100, 101))]) == 2


def test_nothing_is_no_time():
    assert active_seconds([]) == 0
